"""How long a person stays signed in, and who has still to show a second factor."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from monitoring.signin import known_browsers
from monitoring.signin.second_factor import Step, step_of

__all__ = ["SignInMiddleware", "begin"]

_SINCE, _SEEN = "signed_in_at", "seen_at"
# A session is written anew at most so often: a write per request would cost more than the page.
_NOTE_EVERY_S = 60
# What somebody may open who has shown the password only. The language, too, is a free choice.
_OPEN = {"admin:logout", "jsi18n", "set_language", "second-factor-code"}
_OPEN_TO_ENROL = {*_OPEN, "second-factor", "admin:password_change", "admin:password_change_done"}


def begin(request: HttpRequest) -> None:
    """A session begins: somebody has signed in."""
    now = int(time.time())
    request.session[_SINCE] = request.session[_SEEN] = now


class SignInMiddleware:
    """Ends sessions that are over, and keeps those out who owe a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session and self._is_over(request.session):
            logout(request)
            messages.info(request, _("Your session has ended. Sign in again to go on."))
            return HttpResponseRedirect(_with_next("admin:login", request))
        response = self.get_response(request)
        known_browsers.set_cookie(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        step = step_of(request.session)
        match = request.resolver_match
        if step is None or match is None:
            return None
        if step is Step.ASK and match.view_name not in _OPEN:
            return HttpResponseRedirect(_with_next("second-factor-code", request))
        if step is Step.ENROL and match.view_name not in _OPEN_TO_ENROL:
            return HttpResponseRedirect(reverse("second-factor"))
        return None

    @staticmethod
    def _is_over(session: Any) -> bool:
        now = int(time.time())
        since = session.setdefault(_SINCE, now)
        seen = session.setdefault(_SEEN, now)
        if now - since > settings.SESSION_MAX_HOURS * 3600:
            return True
        if now - seen > settings.SESSION_IDLE_MINUTES * 60:
            return True
        # Also after a step back of the clock.
        if not 0 <= now - seen <= _NOTE_EVERY_S:
            session[_SEEN] = now
        return False


def _with_next(name: str, request: HttpRequest) -> str:
    address = reverse(name)
    if request.method != "GET":
        return address
    return f"{address}?{urlencode({'next': request.get_full_path()})}"
