"""Under which address the visitor reached us: a security key answers to that one alone."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str:
    """The address without path, as the browser names it."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else request.scheme
    return f"{scheme}://{request.get_host()}"


def host_of(request: HttpRequest) -> str:
    """The name of the host, without port."""
    host = request.get_host()
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host


def is_named(host: str) -> bool:
    """Whether browsers ask security keys there: not where the address is a number."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False
