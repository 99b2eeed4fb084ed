"""Behind a proxy: whoever asks is who asked the proxy, by the way that they took to it.

Only a proxy named in TRACEWARD_PROXIES is believed; what anybody else says of addresses is not
read. With TRACEWARD_HTTPS=1 the installation is reached by https alone, and that needs no word.
"""

import ipaddress
import os
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between; anything else stops the server at its start."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def asker(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """The nearest address that is no proxy of ours; each proxy writes who asked it at the end."""
    nearest = peer
    for named in reversed(forwarded.split(",")):
        if not _is_trusted(nearest, trusted) or not _is_address(named.strip()):
            return nearest
        nearest = named.strip()
    return nearest


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in trusted)


def behind_proxies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, before all that looks at addresses."""
    trusted = networks(os.environ.get("TRACEWARD_PROXIES", ""))

    def answer(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_SECURE:
            request.META["wsgi.url_scheme"] = "https"
        if trusted:
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            peer = request.META.get("REMOTE_ADDR", "")
            request.META["REMOTE_ADDR"] = asker(peer, forwarded, trusted)
        return get_response(request)

    return answer
