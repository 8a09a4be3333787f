"""What happens when somebody signs in: Django says so by signals, whichever page it was."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from cameras.audit.models import Deed
from cameras.audit.recording import note
from monitoring import language
from monitoring.signin import known_browsers, second_factor, sessions

__all__ = ["signed_in", "signed_out"]


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """The password was right: the session's clock starts, and the second factor is asked for."""
    sessions.begin(request)
    second_factor.begin(request.session, user)
    language.recall(request, user)
    if second_factor.step_of(request.session) is not second_factor.Step.ASK:
        known_browsers.remember(request, user.get_username())
    note(Deed.SIGNED_IN, user, person=user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """Also when a session has come to its end."""
    if user is not None:
        note(Deed.SIGNED_OUT, user, person=user)
