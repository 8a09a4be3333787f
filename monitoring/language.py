"""Which language a page or a mail is in: Indonesian, unless the person chose another."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.views import i18n
from django.views.decorators.http import require_POST

__all__ = [
    "ChosenLanguageMiddleware",
    "language_of",
    "language_of_address",
    "recall",
    "set_language",
]

_KEY = "language"


class ChosenLanguageMiddleware:
    """Indonesian, unless the person chose another language.

    Django's own middleware follows the browser's preference; office browsers here often ask for
    English, though their users read Indonesian. Who is signed in reads what he chose himself, on
    whichever machine; before that, what was chosen last in this browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        chosen = request.session.get(_KEY, chosen)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        return response


def language_of(user: Any) -> str:
    """The language in which this person reads; of somebody unknown, the city's."""
    from monitoring.signin.models import Preference

    if user is None or user.pk is None:
        return settings.LANGUAGE_CODE
    found = Preference.objects.filter(user=user.pk).values_list("language", flat=True).first()
    return found if found in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def language_of_address(address: str) -> str:
    """The language of whoever gets mail at this address; without an account, the city's."""
    from django.contrib.auth.models import User

    found = User.objects.filter(email__iexact=address, is_active=True).order_by("pk").first()
    return language_of(found)


def recall(request: HttpRequest, user: Any) -> None:
    """Somebody has signed in: the session speaks this person's language from now on."""
    request.session[_KEY] = language_of(user)


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own, and remembered: for the person, or in the browser of somebody unknown."""
    from monitoring.signin.models import Preference

    response = i18n.set_language(request)
    chosen = request.POST.get(i18n.LANGUAGE_QUERY_PARAMETER)
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated:
        Preference.objects.update_or_create(user=request.user, defaults={"language": chosen})
        request.session[_KEY] = chosen
    return response
