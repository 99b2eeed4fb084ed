"""Where webhooks may go: no address of our own network, unless the installation allows it.

The name is resolved once, every address that it has is judged, and the connection is made to one
of those: a name that points elsewhere a moment later gains nothing (DNS rebinding).
TRACEWARD_WEBHOOK_NETWORKS lists private networks that are allowed, such as 10.1.2.0/24.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from traceward.kernel.base.refusals import InvalidInput, sentence

NETWORKS = "TRACEWARD_WEBHOOK_NETWORKS"
RESOLVE_SECONDS = 3.0
MAX_LENGTH = 500
PORTS = {"http": 80, "https": 443}
#: IPv6 networks whose addresses hold an IPv4 address in their last four bytes.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class UnusableAddress(InvalidInput):
    """Nothing may or can be sent to this address."""


@dataclass(frozen=True)
class Target:
    """An address that was judged, and the network address to connect to."""

    scheme: str
    host: str
    port: int
    #: Path and query, beginning with a slash.
    path: str
    address: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The same with the network address in place of the name."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}{self.path}"


def target_of(url: str) -> Target:
    """The judged target; UnusableAddress where it is malformed, unknown or of our own network."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _malformed() from None
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}#')
    if not (plain and host and port and len(url) <= MAX_LENGTH) or "@" in parts.netloc:
        raise _malformed()
    found = _resolved(host, port)
    if not found:
        raise UnusableAddress(
            sentence("The name {host} is not known. Correct it, or try again later."),
            field="url",
            host=host,
        )
    allowed = allowed_networks()
    for address in found:
        if not is_open(address, allowed):
            raise UnusableAddress(
                sentence(
                    "{host} is {address}, an address inside a private network. Name a public "
                    "one, or let the installation allow it with {variable}."
                ),
                field="url",
                host=host,
                address=str(address),
                variable=NETWORKS,
            )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, str(found[0]))


def _malformed() -> UnusableAddress:
    return UnusableAddress(
        sentence(
            "Give a whole address such as https://host/path: http or https, at most {limit} "
            "plain characters, no user, no password and no fragment."
        ),
        field="url",
        limit=MAX_LENGTH,
    )


def _resolved(host: str, port: int) -> list[IPAddress]:
    """The addresses of the name, in the system's order; none where that takes too long."""
    found: list[IPAddress] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(ipaddress.ip_address(str(row[4][0])) for row in rows)
        except (OSError, ValueError):  # UnicodeError, too, is a ValueError
            found.clear()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(RESOLVE_SECONDS)
    return [] if asking.is_alive() else list(dict.fromkeys(found))


def allowed_networks(text: str | None = None) -> list[IPNetwork]:
    """The private networks that may be sent to; one that is misspelt is refused."""
    given = os.environ.get(NETWORKS, "") if text is None else text
    try:
        return [ipaddress.ip_network(one.strip()) for one in given.split(",") if one.strip()]
    except ValueError:
        raise UnusableAddress(
            sentence("{variable} must list networks such as 10.1.2.0/24, with commas between."),
            variable=NETWORKS,
        ) from None


def is_open(address: IPAddress, allowed: Iterable[IPNetwork] = ()) -> bool:
    """Whether the address is public, also where it only carries an older one, or is allowed."""
    inner = _carried(address)
    if any(one in network for one in (address, inner) for network in allowed):
        return True
    return all(one.is_global and not one.is_multicast for one in (address, inner))


def _carried(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 one, or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
