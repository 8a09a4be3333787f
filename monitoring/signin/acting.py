"""Every request is somebody's: what it changes is recorded as that person's doing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from cameras.audit.acting import acting
from monitoring.visitors import client_address

__all__ = ["ActingMiddleware"]


class ActingMiddleware:
    """To stand behind the middleware that knows who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(lambda: request.user, client_address(request)):
            return self.get_response(request)
