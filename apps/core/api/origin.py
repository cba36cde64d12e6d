"""Where the request being handled came from."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

LONGEST_USER_AGENT = 255


@dataclass(frozen=True, slots=True)
class Origin:
    """An address, and the program that says it asks from there."""

    address: str | None = None
    user_agent: str = ""

    @property
    def network(self) -> str | None:
        """Return all the addresses of one subscriber, as CIDR: of IPv6 each has 2^64 at least."""
        if self.address is None:
            return None
        address = ip_address(self.address)
        return str(ip_network((address, 32 if address.version == 4 else 64), strict=False))


NOWHERE = Origin()
current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request came from."""
    return Origin(address_of(request), request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT])


def address_of(request: HttpRequest) -> str | None:
    """Return the address that the outermost trusted proxy was asked from.

    What a caller writes into X-Forwarded-For stands left of what the proxies add to it, so that
    nobody is believed but `TRUSTED_PROXIES` of them.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [*filter(None, map(str.strip, forwarded)), request.META.get("REMOTE_ADDR", "")]
    hop = hops[max(len(hops) - 1 - settings.TRUSTED_PROXIES, 0)]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
