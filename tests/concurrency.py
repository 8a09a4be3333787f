"""The same deed by several at one moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections


def at_once(*deeds: Callable[[], Any]) -> Sequence[Any]:
    """Run the deeds in threads that start together, each with a database connection of its own.

    Gives what they returned, in their order; raises the first problem that one of them had.
    """
    together = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)
    problems: list[Exception] = []

    def run(number: int) -> None:
        try:
            together.wait()
            results[number] = deeds[number]()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return results
