"""Addresses that the service may be sent to by somebody else's URL.

An address is public, or of a network that the operator allows; or it is not reached. Addresses
that carry an IPv4 address inside are judged by that one too: `::ffff:127.0.0.1` is 127.0.0.1.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What the Internet's unicast addresses are taken from (RFC 4291 §2.4).
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# What one Python takes for public and another does not, and what clouds answer their own machines
# at: metadata, with keys in it, and the host that a machine runs on (168.63.129.16 is Azure's).
_NEVER_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
# IPv4 as IPv6-only networks reach it (RFC 6052 §2.1).
_NAT64 = IPv6Network("64:ff9b::/96")


def read_networks(text: str) -> tuple[Network, ...]:
    """Return networks such as `10.1.0.0/16,::1/128`. Raises ValueError, naming what is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def read_address(text: str) -> Address | None:
    """Return the address that a URL's host is written as, or None where it is a name."""
    try:
        return ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_reachable(address: Address, allowed: Sequence[Network]) -> bool:
    """Say whether an address may be connected to: it is allowed, or public."""
    return is_allowed(address, allowed) or is_public(address)


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Say whether an address is of a network that the operator allows, however it is written."""
    plain = _unmapped(address)
    return any(plain in network for network in allowed if network.version == plain.version)


def is_public(address: Address) -> bool:
    """Say whether an address is of the public Internet: unicast, and nobody's own network."""
    plain = _unmapped(address)
    if any(plain in network for network in _NEVER_PUBLIC if network.version == plain.version):
        return False
    if isinstance(plain, IPv4Address):
        return plain.is_global and not plain.is_multicast
    if plain in _NAT64:
        return is_public(IPv4Address(int(plain) & 0xFFFF_FFFF))
    inner = [plain.sixtofour, *(plain.teredo or ())]
    if any(each is not None and not is_public(each) for each in inner):
        return False
    return plain in _GLOBAL_UNICAST and plain.is_global


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
