"""Where the request being handled came from."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

LONGEST_USER_AGENT = 255


@dataclass(frozen=True, slots=True)
class Origin:
    """An address, and the program that claims to call from there."""

    address: str | None = None
    user_agent: str = ""

    @property
    def network(self) -> str | None:
        """All addresses of one subscriber, as CIDR: with IPv6 each has at least 2^64."""
        if self.address is None:
            return None
        address = ip_address(self.address)
        return str(ip_network((address, 32 if address.version == 4 else 64), strict=False))


NOWHERE = Origin()
current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request came from."""
    user_agent = request.headers.get("User-Agent", "")
    return Origin(client_address(request), user_agent[:LONGEST_USER_AGENT])


def client_address(request: HttpRequest) -> str | None:
    """Return the address from which the outermost trusted proxy was called.

    What a caller writes into X-Forwarded-For is to the left of what the proxies append, so only the
    last `TRUSTED_PROXIES` entries are believed.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [*filter(None, map(str.strip, forwarded)), request.META.get("REMOTE_ADDR", "")]
    hop = hops[max(len(hops) - 1 - settings.TRUSTED_PROXIES, 0)]
    try:
        return str(ip_address(hop))
    except ValueError:
        return None
