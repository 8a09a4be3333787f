"""What ends is started again, after what it left behind is gone."""

import os
import signal
from pathlib import Path

from tests.supervisor.helpers import PARENT, Run, gone, number_in, until


def test_a_process_that_ends_starts_again_after_growing_pauses(tmp_path: Path) -> None:
    with Run(tmp_path, "supervise(python('a', 'raise SystemExit(3)'))") as run:
        for pause in ("0.5", "1", "2"):
            run.sees(f"a ended (exit status 3); it starts again in {pause} s")


def test_the_children_of_a_killed_process_die_before_it_starts_again(tmp_path: Path) -> None:
    main, pool = tmp_path / "main", tmp_path / "pool"
    with Run(tmp_path, f"supervise(python('a', {PARENT!r}, here / 'main', here / 'pool'))") as run:
        first_main, first_pool = number_in(main), number_in(pool)
        main.unlink()
        os.kill(first_main, signal.SIGKILL)
        run.sees("a ended (killed by signal 9)")
        assert number_in(main) != first_main
        assert gone(first_pool)


def test_a_process_that_cannot_run_is_reported_once_with_its_last_lines(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        """
import monitoring.supervisor
monitoring.supervisor._LONGEST_PAUSE_S = 0.1
monitoring.supervisor._FIRST_PAUSE_S = 0.1
supervise(
    python("bad", "print('no such camera'); raise SystemExit(1)"),
    python("good", "import time; print('well'); time.sleep(600)"),
)
""",
    ) as run:
        run.sees("bad cannot run: it has ended 5 times")
        run.sees("up   |     no such camera")
        run.sees("bad  | no such camera", times=10)  # it is tried again …
        assert run.printed.count("bad cannot run") == 1  # … without a word each time
        assert run.printed.count("good | well") == 1


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with Run(tmp_path, "supervise(Process('a', ['/no/such/program']))") as run:
        run.sees("/no/such/program")
        assert run.ends(signal.SIGINT) == 0


def test_a_killed_guard_is_replaced_and_still_does_its_work(tmp_path: Path) -> None:
    with Run(tmp_path, f"supervise(python('a', {PARENT!r}, here / 'main', here / 'pool'))") as run:
        main, pool = number_in(tmp_path / "main"), number_in(tmp_path / "pool")
        [guard] = run.family() - {main, pool}
        os.kill(guard, signal.SIGKILL)
        until(lambda: run.family() - {main, pool, guard}, "a new guard")
        run.ends(signal.SIGKILL)
        assert run.left_behind() == set()
