"""The farm as a program: its start, its memory, its end."""

import json
import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.farm_tests.clients import Rtsp, fetch
from tests.farm_tests.demo import CAMERA, CAMERAS, Demo, command
from tests.supervisor.helpers import gone, until


@pytest.fixture
def demo(tmp_path: Path, clips: Path) -> Demo:
    return Demo(tmp_path, clips)


def test_ports_are_open_before_the_films_are_made(tmp_path: Path) -> None:
    demo = Demo(tmp_path, tmp_path / "clips")
    with demo.runs():
        until(lambda: not refuses(demo.port + 1), "a port")
        status, answer = demo.ask("GET", "/ready")
        assert (status, answer["cameras"]) == (503, 3) and answer["ready"] < 3
        # Who asks for a picture that is not there yet gets it when it is.
        assert fetch(f"http://127.0.0.1:{demo.port + 1}/snapshot.jpg")[:2] == b"\xff\xd8"
        demo.wait_until_ready()
        assert "3 cameras ready" in demo.output


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_and_no_encoder_stays(tmp_path: Path, by: signal.Signals) -> None:
    cameras = [{**CAMERA, "code": f"PA-TST-{i}", "size": [640, 360]} for i in range(6)]
    demo = Demo(tmp_path, tmp_path / "clips", cameras)
    with demo.runs():
        until(demo.children, "an encoder", within_s=60)
        with Rtsp(demo.port + 1) as client:
            client.ask("OPTIONS")
            assert demo.ends(by) == 0
        assert all(map(gone, demo.children()))
        assert demo.output == ""


def test_encoders_end_with_a_farm_that_was_killed(tmp_path: Path) -> None:
    demo = Demo(tmp_path, tmp_path / "clips")
    with demo.runs():
        until(demo.children, "an encoder", within_s=60)
        demo.ends(signal.SIGKILL)
        until(lambda: all(map(gone, demo.children())), "the encoders' end")
        assert "Traceback" not in demo.output


def test_what_was_broken_and_mended_survives_a_restart(demo: Demo) -> None:
    with demo.runs():
        demo.wait_until_ready()
        demo.ask("POST", "/break", {"camera": "PA-TST-01", "fault": "not-found"})
        demo.ask("POST", "/mend", {"camera": "PA-TST-03"})
        demo.ends(signal.SIGKILL)
    assert [one.name for one in demo.state.parent.iterdir()] == ["state.json"]
    with demo.runs():
        demo.wait_until_ready()
        assert demo.faults() == {"PA-TST-01": "not-found", "PA-TST-02": "black", "PA-TST-03": None}
        with Rtsp(demo.port + 1) as broken, Rtsp(demo.port + 3) as mended:
            assert broken.ask("DESCRIBE").status == 404
            assert mended.ask("DESCRIBE").status == 200


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        ("{half a", "damaged"),
        ("[1, 2]", "damaged"),
        ('{"PA-TST-01": 5}', "damaged"),
        ('{"PA-TST-01": "blakc", "PA-GONE": "black"}', "no fault “blakc”"),
    ],
)
def test_a_damaged_memory_is_not_used(demo: Demo, state: str, complaint: str) -> None:
    demo.state.parent.mkdir()
    demo.state.write_text(state)
    with demo.runs():
        demo.wait_until_ready()
        assert demo.faults() == {one["code"]: one["fault"] for one in CAMERAS}
        assert complaint in demo.output.splitlines()[0]
        demo.ask("POST", "/break", {"camera": "PA-TST-01", "fault": "mute"})
        assert json.loads(demo.state.read_text()) == {"PA-TST-01": "mute"}


def test_it_goes_on_when_nobody_reads_its_output(demo: Demo) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with demo.runs(stdout=writing):
        os.close(writing)
        demo.wait_until_ready()
        assert demo.ask("POST", "/mend", {"camera": "PA-TST-02"})[0] == 200
        assert demo.ends(signal.SIGTERM) == 0
        assert demo.output == ""


@pytest.mark.parametrize("distance", [0, 2])
def test_a_port_that_is_taken_is_named(demo: Demo, distance: int) -> None:
    with socket.create_server(("127.0.0.1", demo.port + distance)):
        end = command("run", *demo.arguments())
    assert end.returncode == 2
    assert f"Port {demo.port + distance} " in end.stderr and "in use" in end.stderr
    assert "Traceback" not in end.stderr


def test_ports_beyond_the_last_are_refused(demo: Demo) -> None:
    end = command("run", *demo.arguments(), "--port", "65533")
    assert end.returncode == 2
    assert "65535 is the last" in end.stderr


def test_a_catalogue_that_cannot_be_read_is_named(demo: Demo) -> None:
    demo.catalogue.write_text("[]")
    end = command("run", *demo.arguments())
    assert end.returncode == 2
    assert str(demo.catalogue) in end.stderr and "Traceback" not in end.stderr


def test_a_half_written_film_is_made_again(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    demo = Demo(tmp_path, clips, CAMERAS[:1])
    with demo.runs():
        demo.wait_until_ready()
    for film in clips.glob("*.clip"):
        film.write_bytes(film.read_bytes()[:-100])
    with demo.runs():
        demo.wait_until_ready()
        assert fetch(f"http://127.0.0.1:{demo.port + 1}/snapshot.jpg")[-2:] == b"\xff\xd9"


def test_it_is_small_when_all_films_are_made(demo: Demo) -> None:
    with demo.runs():
        demo.wait_until_ready()
        until(lambda: all(map(gone, demo.children())), "the encoders' end")
        process = psutil.Process(demo.pid)
        assert process.num_threads() == 1
        loaded = "\n".join(one.path for one in process.memory_maps())
        assert not [name for name in ("/av/", "/numpy/", "/cv2/") if name in loaded]


def refuses(port: int) -> bool:
    with socket.socket() as trial:
        trial.settimeout(5)
        return trial.connect_ex(("127.0.0.1", port)) != 0
