"""Who asks: this machine itself, or a stranger?"""

import ipaddress

from django.http import HttpRequest

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
