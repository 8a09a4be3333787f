"""The heap of a process that decodes pictures: kept, instead of fetched anew for each picture.

A picture and its planes take some megabytes each for a few milliseconds. The C library gives such
pieces back to the kernel at once, and each thread has a heap of its own that shrinks again; the
next picture's pages are then all mapped and cleared once more. With two heaps for all threads, and
pieces of that size kept, the same memory serves one camera after the other. What many cameras at
one moment have needed, and pieces between those in use, would stay for ever: it is given back
between batches.
"""

import ctypes
import time
from contextlib import suppress
from typing import Any

# From glibc's malloc.h. Another C library has neither call, and ways of its own.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_MEGABYTE = 2**20
_GIVE_BACK_EVERY_S = 30

_given_back_at = 0.0


def keep() -> None:
    """From now on, this process keeps what memory its pictures need, until it gives it back."""
    with suppress(AttributeError, OSError):
        mallopt = _c_library().mallopt
        mallopt(_ARENA_MAX, 2)
        mallopt(_MMAP_THRESHOLD, 32 * _MEGABYTE)  # the most that glibc accepts
        mallopt(_TRIM_THRESHOLD, 64 * _MEGABYTE)
        mallopt(_TOP_PAD, _MEGABYTE)


def give_back() -> None:
    """Give the kernel what is not in use, from wherever it lies; now and then (it takes 40 ms)."""
    global _given_back_at
    if time.monotonic() - _given_back_at < _GIVE_BACK_EVERY_S:
        return
    with suppress(AttributeError, OSError):
        _c_library().malloc_trim(0)
    _given_back_at = time.monotonic()


def _c_library() -> Any:
    return ctypes.CDLL(None)
