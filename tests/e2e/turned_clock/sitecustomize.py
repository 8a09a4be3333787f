"""Turns the time of day in every Python process of a program that is started with this folder in
PYTHONPATH: by as many seconds as stand in the file TURNED_CLOCK, looked at again and again.

Monotonic clocks go on undisturbed, as they do when somebody sets a machine's clock. (libfaketime
does the same for any program, but makes Python's time.sleep fail.)
"""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import time_machine

_FILE = Path(os.environ["TURNED_CLOCK"])
_LOOK_EVERY_S = 0.2


def _turned_by() -> float:
    return float(_FILE.read_text())


def _at(true_time: float, turned_by: float) -> datetime:
    return datetime.fromtimestamp(true_time + turned_by, UTC)


def _follow() -> None:
    known = _applied
    while True:
        time.sleep(_LOOK_EVERY_S)
        if (seconds := _turned_by()) != known:
            _clock.move_to(_at(time_machine.escape_hatch.time.time(), seconds))
            known = seconds


def _watch() -> None:
    threading.Thread(target=_follow, name="turned-clock", daemon=True).start()


_applied = _turned_by()
_clock = time_machine.travel(_at(time.time(), _applied), tick=True).start()
os.register_at_fork(after_in_child=_watch)
_watch()
