"""What the children print reaches the terminal line by line, whatever it is."""

import signal
from pathlib import Path

from monitoring.child import Lines
from tests.supervisor.helpers import Run


def test_each_line_begins_with_the_name_of_its_process(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        """
supervise(
    python("web", "print('one'); print('two'); import time; time.sleep(600)"),
    python("worker", "import sys, time; print('three', file=sys.stderr); time.sleep(600)"),
)
""",
    ) as run:
        run.sees("web    | one\n")
        run.sees("web    | two\n")
        run.sees("worker | three\n")
        assert run.ends(signal.SIGTERM) == 0


def test_a_long_line_and_foreign_bytes_break_nothing(tmp_path: Path) -> None:
    with Run(
        tmp_path,
        """
supervise(python("a", '''
import sys, time
sys.stdout.buffer.write(b"x" * 300_000 + b"\\\\n" + b"caf\\\\xe9\\\\n" + b"whole\\\\n")
sys.stdout.flush()
time.sleep(600)
'''))
""",
    ) as run:
        run.sees("whole\n")
        assert run.printed.count("x") >= 300_000
        assert "caf\\xe9" in run.printed
        assert all(line.startswith(("a  |", "up |")) for line in run.printed.splitlines())


def test_last_words_without_a_line_end_are_shown(tmp_path: Path) -> None:
    with Run(tmp_path, "supervise(python('a', 'print(\"farewell\", end=\"\")'))") as run:
        run.sees("a  | farewell\n")


def test_a_character_cut_in_two_by_the_pipe_is_put_together() -> None:
    lines = Lines()
    data = "kamera “Pluit”\n".encode()
    assert [line for one in data for line in lines.feed(bytes([one]))] == ["kamera “Pluit”"]


def test_control_characters_are_shown_instead_of_obeyed() -> None:
    assert Lines().feed(b"\x1b]0;title\x07 and\ttab\r\n") == ["\\x1b]0;title\\x07 and\ttab"]
