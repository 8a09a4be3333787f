"""However it ends, nothing stays behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.supervisor.helpers import PARENT, Run, number_in

FAMILY = f"python('a', {PARENT!r}, here / 'main', here / 'pool')"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(600)"
)


@pytest.mark.parametrize("one", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_after_a_request_to_stop_nothing_is_left(tmp_path: Path, one: signal.Signals) -> None:
    with Run(tmp_path, f"supervise({FAMILY})") as run:
        number_in(tmp_path / "main"), number_in(tmp_path / "pool")
        assert run.ends(one) == 0
        assert len(run.family()) == 3  # the process, its own child, the guard
        assert run.left_behind() == set()
        assert "stopped" in run.printed


def test_after_kill_9_nothing_is_left_either(tmp_path: Path) -> None:
    with Run(tmp_path, f"supervise({FAMILY})") as run:
        number_in(tmp_path / "main"), number_in(tmp_path / "pool")
        assert run.ends(signal.SIGKILL) == -signal.SIGKILL
        assert len(run.family()) == 3
        assert run.left_behind() == set()


def test_who_does_not_end_in_time_is_killed(tmp_path: Path) -> None:
    with Run(tmp_path, f"supervise(python('a', {STUBBORN!r}, grace_s=0.2))") as run:
        run.sees("a  | deaf")
        assert run.ends(signal.SIGTERM) == 0
        assert "a has not ended within 0.2 s and is killed" in run.printed
        assert run.left_behind() == set()


def test_a_second_ctrl_c_ends_everything_at_once(tmp_path: Path) -> None:
    with Run(tmp_path, f"supervise(python('a', {STUBBORN!r}, grace_s=300))") as run:
        run.sees("a  | deaf")
        os.kill(run.pid, signal.SIGINT)
        run.sees("stopping")
        time.sleep(0.6)  # a press within half a second counts as the same one
        assert run.ends(signal.SIGINT) == 0
        assert run.left_behind() == set()


def test_it_goes_on_when_its_terminal_has_gone(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        f"""
reading, writing = os.pipe()
os.close(reading)
supervise({FAMILY}, python("b", "print(1)"), output=os.fdopen(writing, "w"))
""",
    ) as run:
        number_in(tmp_path / "main"), number_in(tmp_path / "pool")
        assert run.ends(signal.SIGTERM) == 0
        assert run.left_behind() == set()
