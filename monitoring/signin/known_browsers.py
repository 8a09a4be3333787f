"""Browsers in which a person has signed in before.

Somebody else's failures must not lock a person out of the own desk. A browser that has been signed
in once carries a signed cookie for that user name, and has a count of failures of its own, whatever
strangers do to the name or from the same address. Nobody is signed in by it.
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

__all__ = ["known_as", "remember", "set_cookie"]

_SALT = "known-browser"
_KEEP_S = 180 * 24 * 3600


def known_as(request: HttpRequest, username: str | None) -> str | None:
    """This browser's own mark, if this person has signed in with it; None for a strange one."""
    if not username:
        return None
    try:
        name, mark = signing.loads(
            request.COOKIES.get(_cookie(username), ""), salt=_SALT, max_age=_KEEP_S
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(mark) if name == username else None


def remember(request: HttpRequest, username: str) -> None:
    """Have the answer to this request carry the cookie; called when somebody has signed in."""
    request.browser_to_know = username  # type: ignore[attr-defined]


def set_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add what `remember` asked for."""
    username = getattr(request, "browser_to_know", None)
    if username is None or not hasattr(response, "set_cookie"):
        return
    mark = known_as(request, username) or secrets.token_urlsafe(12)
    response.set_cookie(
        _cookie(username),
        signing.dumps([username, mark], salt=_SALT),
        max_age=_KEEP_S,
        path="/admin/login/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _cookie(username: str) -> str:
    return f"known-{hashlib.sha256(username.encode()).hexdigest()[:16]}"
