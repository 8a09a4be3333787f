"""Only one at a time on one data folder."""

import signal
from pathlib import Path

from tests.supervisor.helpers import Run

HOLD = """
try:
    with only_one(here / "lock"):
        supervise(python("a", "import time; print('runs'); time.sleep(600)"))
except RunningAlready as other:
    print("running already:", other.pid)
"""


def test_a_second_one_learns_the_number_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "lock").symlink_to(tmp_path / "1" / "lock")
    with Run(tmp_path / "1", HOLD) as first:
        first.sees("a  | runs")
        with Run(tmp_path / "2", HOLD) as second:
            second.sees(f"running already: {first.pid}")
        assert first.ends(signal.SIGTERM) == 0


def test_the_lock_dies_with_a_killed_holder(tmp_path: Path) -> None:
    with Run(tmp_path, HOLD) as first:
        first.sees("a  | runs")
        first.ends(signal.SIGKILL)
    with Run(tmp_path, HOLD) as second:
        second.sees("a  | runs")
