"""Processes start when what they need is ready, and stop the other way round."""

import signal
from pathlib import Path

from tests.supervisor.helpers import Run

TELLS = """
import signal, sys, time
def end(*_): print("ends", flush=True); sys.exit()
signal.signal(signal.SIGTERM, end)
print("begins", flush=True)
time.sleep(600)
"""


def test_a_process_waits_for_what_it_needs(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        f"""
async def ready(): return (here / "door").exists()
supervise(
    python("second", {TELLS!r}, after=["first"]),
    python("first", {TELLS!r}, ready=ready, ready_within_s=0.3),
    on_ready=lambda name: print("READY", name, flush=True),
)
""",
    ) as run:
        run.sees("first runs but does not answer after 0.3 s; still waiting")
        assert "second | begins" not in run.printed
        (tmp_path / "door").touch()
        run.sees("second | begins")
        run.sees("READY second")
        assert run.printed.index("READY first") < run.printed.index("second | begins")


def test_a_process_ends_only_after_those_that_build_upon_it(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        f"""
supervise(
    python("redis", {TELLS!r}),
    python("worker", {TELLS!r}, after=["redis"]),
    python("beat", {TELLS!r}, after=["worker", "redis"]),
)
""",
    ) as run:
        run.sees("beat   | begins")
        assert run.ends(signal.SIGTERM) == 0
        beat, worker, redis = (
            run.printed.index(f"{name:<6} | ends") for name in ("beat", "worker", "redis")
        )
        assert beat < worker < redis


def test_what_has_not_begun_yet_does_not_hinder_the_stop(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        f"""
async def never(): return False
supervise(python("a", {TELLS!r}, ready=never), python("b", {TELLS!r}, after=["a"]))
""",
    ) as run:
        run.sees("a  | begins")
        assert run.ends(signal.SIGINT) == 0
        assert "b  | begins" not in run.printed
        assert run.left_behind() == set()
