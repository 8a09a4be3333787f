"""Ends what a killed supervisor left behind. Run as a file of its own; imports nothing of ours.

A supervisor that is killed with SIGKILL can do nothing any more, and its children live on. The
kernel's parent-death signal would reach the children but not *their* children (Celery's pool),
and exists on Linux only. So this small process holds the other end of a pipe: the supervisor
writes `+123` when process group 123 begins and `-123` when it has ended. When the pipe closes,
the supervisor is gone, however it went, and every group still on the list is killed. Groups that
exist when the guard starts are its arguments.
"""

import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress


def groups_left(groups: set[int], lines: Iterable[bytes]) -> set[int]:
    """The groups that were begun and not ended, once there is nothing more to read."""
    for line in lines:
        sign, number = line[:1], int(line[1:])
        if sign == b"+":
            groups.add(number)
        else:
            groups.discard(number)
    return groups


def kill_group(group: int) -> None:
    """SIGKILL to a whole process group; it may be gone already."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says "permission" of a zombie
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    for left in groups_left(set(map(int, sys.argv[1:])), sys.stdin.buffer):
        kill_group(left)
