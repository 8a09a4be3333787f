"""Which networks may be reached: never this machine or its own link, unless somebody allows it.

An address typed by a person, brought by a file or given by a redirect could make the program ask a
service that trusts this machine: the database, a cloud's metadata (169.254.169.254), the network's
own devices. The names of such hosts are resolved first: it is the number that is judged. No Django.
"""

import ipaddress
from collections.abc import Iterable

__all__ = ["allow", "is_number", "is_refused", "read_networks"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What clouds answer metadata at beyond the link-local range.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
_LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
_allowed: tuple[Network, ...] = ()


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """`127.0.0.0/8` or a single address each. Raises ValueError."""
    return tuple(ipaddress.ip_network(text.strip()) for text in texts if text.strip())


def allow(networks: Iterable[Network]) -> None:
    """From now on, in this process, these may be reached though they are refused otherwise."""
    global _allowed
    _allowed = tuple(networks)


def is_number(host: str) -> bool:
    """Whether a host is given by its number. What a name means, its owner says each time anew:
    where it is not we who resolve it, nothing that was judged before holds.
    """
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_refused(host: str) -> bool:
    """Whether a host is one that must not be reached: by its number, or a name for this machine.

    Other names are not resolved here.
    """
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        name = host.rstrip(".").lower()
        if name not in _LOCAL_NAMES and not name.endswith(".localhost"):
            return False
        number = ipaddress.ip_address("127.0.0.1")
    if isinstance(number, ipaddress.IPv6Address):
        number = number.ipv4_mapped or number.sixtofour or number
    is_odd = (
        number.is_loopback
        or number.is_link_local
        or number.is_unspecified
        or number.is_multicast
        or number == ipaddress.ip_address("255.255.255.255")
        or number in _METADATA
    )
    return is_odd and not any(number in network for network in _allowed)
