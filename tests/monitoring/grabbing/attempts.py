"""One grab and how it ended: what nearly every test of grabbing asks."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from monitoring.grabbing import Grab, GrabError, Source, grab, streams
from monitoring.grabbing.redirects import Reached


@dataclass(frozen=True)
class Attempt:
    """`outcome` is "picture" or the reason why there is none."""

    outcome: str
    detail: str
    seconds: float
    result: Grab | None = None


def attempt(
    address: str, timeout_s: float = 20.0, burst_s: float = 0.0, **credentials: Any
) -> Attempt:
    """Grab once. Any other exception than GrabError is the test's failure."""
    began = time.monotonic()
    try:
        result = grab(Source(address, **credentials), timeout_s, burst_s)
    except GrabError as error:
        return Attempt(str(error.reason), error.detail, time.monotonic() - began)
    return Attempt("picture", "", time.monotonic() - began, result)


def attempts(addresses: Iterable[str], *args: Any, **credentials: Any) -> list[Attempt]:
    """The same for several addresses at once: most of the time is waiting for key frames."""
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda each: attempt(each, *args, **credentials), addresses))


@contextmanager
def by_ffmpeg_alone() -> Iterator[None]:
    """Every stream as if its camera did not speak plainly."""
    real = streams.reach

    def nothing_said(*given: Any) -> Reached:
        reached = real(*given)
        if reached.begun is not None:
            reached.begun.conversation.close()
        return reached._replace(begun=None)

    with mock.patch.object(streams, "reach", nothing_said):
        yield
