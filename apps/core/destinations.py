"""Where our servers connect to for somebody else: anywhere but to machines' own metadata.

Link-local addresses answer whoever asks from the machine with that machine's identity. A name may
lead to one today and not tomorrow, so what counts is whom a connection reached, before a byte of
ours is sent. Loopback and private networks are where clusters are.
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
        # Where clouds answer besides: AWS, Google, Alibaba, Oracle, and Azure's wire server.
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
    """A connection reached a place that we do not ask."""


def is_denied(host: str) -> bool:
    """Return whether a name or an address, however written, is of a place that we do not ask."""
    name = host.strip("[]").rstrip(".").lower()
    address = address_meant(name.partition("%")[0])
    if address is None:
        return name in DENIED_NAMES
    return any(address in network for network in DENIED_NETWORKS)


def address_meant(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a text means to a resolver; None for a name."""
    with suppress(ValueError):
        address = ip_address(text)
        return inner(address) if isinstance(address, IPv6Address) else address
    # Resolvers also take one number for all four, and octal and hexadecimal ones.
    with suppress(OSError, UnicodeError, ValueError):
        return IPv4Address(inet_aton(text))
    return None


def inner(address: IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for, or itself."""
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def checked(connection: socket) -> socket:
    """Return a connection, unless it reached a place that we do not ask.

    Raises:
        PlaceDenied: it did; nothing was sent.
    """
    if is_denied(connection.getpeername()[0]):
        connection.close()
        raise PlaceDenied(DENIED)
    return connection
