"""`python -m tests.farm break`, `mend`, `list` and `faults`, as make calls them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.farm import FAULTS
from tests.farm_tests.demo import Demo, command, free_ports


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"), clips)
    with demo.runs():
        demo.wait_until_ready()
        yield demo


def test_break_and_mend_say_what_they_did(demo: Demo) -> None:
    at = ("--port", str(demo.port))
    end = command("break", *at, "pa-tst-01", "mute")
    assert (end.returncode, end.stdout, end.stderr) == (0, "PA-TST-01: mute.\n", "")
    assert demo.faults()["PA-TST-01"] == "mute"
    end = command("mend", *at, "PA-TST-01")
    assert (end.returncode, end.stdout, end.stderr) == (0, "PA-TST-01: healthy.\n", "")
    assert demo.faults()["PA-TST-01"] is None


def test_list_shows_every_camera(demo: Demo) -> None:
    end = command("list", "--port", str(demo.port))
    assert end.returncode == 0
    rows = [line.split() for line in end.stdout.splitlines()]
    assert rows[1] == ["PA-TST-02", str(demo.port + 2), "black"]
    assert len(rows) == 3


def test_faults_shows_every_fault() -> None:
    end = command("faults")
    assert end.returncode == 0
    assert [line.split()[0] for line in end.stdout.splitlines()] == list(FAULTS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("break", "PA-TST-1", "mute"), "Near: PA-TST-01"),
        (("break", "PA-TST-01", "mut"), "Near: mute"),
        (("mend", "PA-TST-1"), "Near: PA-TST-01"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(
    demo: Demo, arguments: tuple[str, ...], sentence: str
) -> None:
    end = command(*arguments, "--port", str(demo.port))
    assert (end.returncode, end.stdout) == (2, "")
    assert sentence in end.stderr and end.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [("break", "", ""), ("break", "PA-TST-01", ""), ("break",)])
def test_without_a_camera_or_fault_break_says_how_it_is_called(arguments: tuple[str, ...]) -> None:
    end = command(*arguments)
    assert (end.returncode, end.stdout) == (2, "")
    assert "make break CAMERA=PA-MGR-01 FAULT=black" in end.stderr
    assert ", ".join(FAULTS) in end.stderr


def test_without_a_camera_mend_says_how_it_is_called() -> None:
    end = command("mend", "")
    assert (end.returncode, end.stdout) == (2, "")
    assert "make mend CAMERA=PA-MGR-01" in end.stderr


def test_without_a_farm_it_says_how_one_is_started() -> None:
    for arguments in (("break", "PA-MGR-01", "black"), ("mend", "PA-MGR-01"), ("list",)):
        end = command(*arguments, "--port", str(free_ports(1)))
        assert (end.returncode, end.stdout) == (2, "")
        assert "make run" in end.stderr and end.stderr.count("\n") == 1


def test_another_server_is_not_taken_for_a_farm(demo: Demo) -> None:
    end = command("list", "--port", str(demo.port + 1))  # a camera
    assert (end.returncode, end.stdout) == (2, "")
    assert "camera farm" in end.stderr and end.stderr.count("\n") == 1
