"""Where our servers connect to for others: anywhere except to machines' metadata services.

Link-local metadata addresses give a machine's identity to whoever asks from that machine. A name
may lead to one today and not tomorrow, so we check the address that a connection reached, before
a byte of ours is sent. Loopback and private networks are allowed: clusters are there.
"""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton, socket

import urllib3

from core.messages import Message

DENIED_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",
        "fe80::/10",
        # Further addresses of clouds: AWS, Google, Alibaba, Oracle, and Azure's wire server.
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
    )
)
DENIED_NAMES = ("metadata", "metadata.google.internal", "metadata.goog", "instance-data")
# An IPv4 address in an IPv6 one, as translators between them write it.
TRANSLATED = ip_network("64:ff9b::/96")
DENIED = Message("This is a machine metadata address, which Slipway does not connect to.")


class PlaceDenied(urllib3.exceptions.HTTPError):
    """A connection reached an address that we do not connect to."""


def is_denied(host: str) -> bool:
    """Return whether a name or an address, however written, is one we do not connect to."""
    name = host.strip("[]").rstrip(".").lower()
    address = address_meant(name.partition("%")[0])
    if address is None:
        return name in DENIED_NAMES
    return any(address in network for network in DENIED_NETWORKS)


def address_meant(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a resolver reads a text as; None for a name."""
    with suppress(ValueError):
        address = ip_address(text)
        return inner(address) if isinstance(address, IPv6Address) else address
    # Resolvers also accept one number for all four, and octal and hexadecimal ones.
    with suppress(OSError, UnicodeError, ValueError):
        return IPv4Address(inet_aton(text))
    return None


def inner(address: IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for, or itself."""
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def checked(connection: socket) -> socket:
    """Return a connection, unless it reached an address that we do not connect to.

    Raises:
        PlaceDenied: it did; nothing was sent.
    """
    if is_denied(connection.getpeername()[0]):
        connection.close()
        raise PlaceDenied(DENIED)
    return connection
