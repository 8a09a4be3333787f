"""Which person this thread serves now, if any."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

__all__ = ["Actor", "acting", "actor"]


@dataclass(frozen=True)
class Actor:
    """Somebody who asks for something; who it is may turn out in between, as at sign-in."""

    ask_user: Callable[[], Any]
    address: str | None = None

    @property
    def user(self) -> Any:
        """The person who is signed in; None as long as nobody is."""
        user = self.ask_user()
        return user if user is not None and user.is_authenticated else None


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def actor() -> Actor | None:
    """Whom this thread serves; None while the program works by itself."""
    return _actor.get()


@contextmanager
def acting(ask_user: Callable[[], Any], address: str | None = None) -> Iterator[None]:
    """What is done within is this person's doing."""
    token = _actor.set(Actor(ask_user, address))
    try:
        yield
    finally:
        _actor.reset(token)
