"""Searching cameras by the host of an address, without giving away what else an address holds.

Whoever may search could otherwise guess a secret letter by letter: so only the beginning of the
host is compared, never a path or a query, and never an address that still has an `@` in it.
"""

import re

from django.db.models import Q

from cameras.models import Camera

__all__ = ["by_host"]

# Something with a dot or a port, as 10.1.2 or nvr-3.jakarta:554; words of a name are none.
_HOST = re.compile(r"[A-Za-z0-9-]+(?:[.:][A-Za-z0-9-]*)+")


def by_host(term: str) -> Q | None:
    """A condition on cameras whose address begins with this host; None when it names none."""
    term = term.strip()
    if not _HOST.fullmatch(term):
        return None
    found = Q()
    for name in Camera.ADDRESS_FIELDS:
        found |= Q(**{f"{name}__icontains": f"://{term}"}) & ~Q(**{f"{name}__contains": "@"})
    return found
