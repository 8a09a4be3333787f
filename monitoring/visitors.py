"""Who asks: this machine itself, or a stranger? And from which address?"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

__all__ = ["client_address", "is_this_machine"]

# A proxy on this machine speaks for others, and says so by one of these.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO")


def is_this_machine(request: HttpRequest) -> bool:
    """Whether the request comes straight from loopback, not through a proxy."""
    if any(header in request.META for header in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address; None when it cannot be told.

    What a proxy says of it (`X-Forwarded-For`) is believed only of those that `TRUSTED_PROXIES`
    names: each adds whom it was asked by at the end, so the list is read from there.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    said = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    said = [each for each in said if each]
    while said and _is_trusted(nearest):
        nearest = said.pop()
    address = _parsed(nearest)
    return str(address) if address else None


def _is_trusted(text: str) -> bool:
    if not text:  # a unix socket has no address; whoever may open it is the proxy
        return bool(settings.TRUSTED_PROXIES)
    address = _parsed(text)
    return address is not None and any(address in each for each in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, without the port that some proxies write behind it."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:10.1.2.3 is 10.1.2.3
    return mapped or address
