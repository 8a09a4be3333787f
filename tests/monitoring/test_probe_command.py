"""`manage.py probe`: a look through one camera, from the command line."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import pytest
from cryptography.fernet import Fernet
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.utils import translation

from cameras.models import Camera
from monitoring.models import CameraHealth, HealthSpan, Incident
from tests.factories import make_camera
from tests.farm import FarmCamera

pytestmark = pytest.mark.django_db

PutUp = Callable[..., FarmCamera]
LOGIN = {"username": "operator", "password": "p@ss:w/rd?#%& 1"}


@pytest.fixture(autouse=True)
def english(settings: Any) -> Any:
    settings.PROBE_TIMEOUT_SECONDS = 3.0
    settings.PROBE_BURST_SECONDS = 2.0
    with translation.override("en"):
        yield


def probe(*arguments: str) -> tuple[int, str]:
    """(exit status, all that was printed)."""
    out = StringIO()
    try:
        call_command("probe", *arguments, stdout=out, stderr=out, no_color=True)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    raise AssertionError("the command did not say how it ended")


def by_code(camera: FarmCamera, **fields: Any) -> Camera:
    return make_camera(code="PA-MGR-01", snapshot_url=camera.snapshot_url, **fields)


def test_a_healthy_camera_by_its_address(put_up: PutUp) -> None:
    camera = put_up()
    status, said = probe(camera.snapshot_url)
    assert status == 0
    lines = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in said.splitlines()}
    assert lines["verdict"] == "healthy"
    assert lines["picture"] == "jpeg 320×180"
    assert lines["address"] == camera.snapshot_url
    assert float(lines["brightness"]) > 40 and float(lines["total (ms)"]) > 0


def test_a_healthy_camera_by_its_code_in_any_case(put_up: PutUp) -> None:
    by_code(put_up(auth="basic", **LOGIN), **LOGIN)
    status, said = probe(" pa-mgr-01 ", "--json")
    assert status == 0, said
    assert json.loads(said)["verdict"] == "healthy"


def test_a_faulty_camera_ends_with_one_and_its_reason(put_up: PutUp) -> None:
    status, said = probe("http://127.0.0.1:9/x.jpg")
    assert status == 1
    assert "offline: connection refused" in said and "port 9" in said
    status, said = probe(put_up(fault="black", seconds=2).snapshot_url)
    assert status == 1 and "black picture" in said


def test_json_holds_everything_for_a_program(put_up: PutUp, tmp_path: Path) -> None:
    camera, file = put_up(), tmp_path / "picture.jpg"
    status, said = probe(camera.rtsp_url, "--json", "--save", str(file))
    found = json.loads(said)
    assert status == 0
    assert (found["verdict"], found["reason"], found["detail"]) == ("healthy", "", "")
    assert (found["codec"], found["width"], found["height"]) == ("h264", 320, 180)
    assert (found["address"], found["saved"]) == (camera.rtsp_url, str(file))
    assert {"brightness", "lights", "structure", "pictures"} <= set(found["measurements"])
    assert found["measurements"]["because"] == "nothing_found"
    assert found["timings_ms"]["total"] > 0 and found["at"].endswith("+00:00")


def test_json_of_a_camera_without_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    status, said = probe("rtsp://127.0.0.1:9/x", "--json", "--save", str(file))
    found = json.loads(said)
    assert (status, found["verdict"], found["reason"]) == (1, "offline", "refused")
    assert found["width"] is None and found["saved"] is None
    assert not file.exists()


def test_a_burst_compares_pictures(put_up: PutUp) -> None:
    status, said = probe(put_up(fault="frozen", seconds=2).snapshot_url, "--burst", "2", "--json")
    found = json.loads(said)
    assert (status, found["verdict"]) == (1, "frozen")
    assert found["measurements"]["pictures"] >= 2 and found["measurements"]["changed"] == 0


def test_the_picture_is_kept_where_it_is_asked_for(put_up: PutUp, tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    status, said = probe(put_up().snapshot_url, "--save", str(file))
    assert status == 0 and str(file) in said
    assert cv2.imread(str(file)).shape == (180, 320, 3)


def test_a_place_that_cannot_be_written_to_is_named(put_up: PutUp, tmp_path: Path) -> None:
    file = tmp_path / "no-such-folder" / "picture.jpg"
    status, said = probe(put_up().snapshot_url, "--save", str(file))
    assert status == 2 and str(file) in said and "No such file or directory" in said


@pytest.mark.parametrize(
    ("camera", "sentence"),
    [
        ("PA-TIDAK-ADA", "There is no camera with the code PA-TIDAK-ADA."),
        ("file:///etc/passwd", "file:///etc/passwd cannot be probed."),
        ("rtsp://", "The address names no host."),
        ("rtsp://operator:rahasia@10.1.2.3:0/x", "rtsp://***@10.1.2.3:0/x cannot be probed."),
        ("rtsp://operator:rahasia/1@10.1.2.3/x", "rtsp://***@10.1.2.3/x cannot be probed."),
    ],
)
def test_what_cannot_be_probed_ends_with_two_and_a_sentence(camera: str, sentence: str) -> None:
    status, said = probe(camera)
    assert status == 2
    assert sentence in said and "rahasia" not in said


@pytest.mark.parametrize("name", ["burst", "timeout"])
@pytest.mark.parametrize("number", ["0", "-1", "601", "nan", "inf"])
def test_a_number_of_seconds_that_makes_no_sense_is_refused(name: str, number: str) -> None:
    status, said = probe("http://127.0.0.1:9/x", f"--{name}={number}")
    assert status == 2
    assert said == f"--{name} takes seconds, more than 0 and at most 600."


def test_a_word_for_a_number_is_refused() -> None:
    status, said = probe("http://127.0.0.1:9/x", "--timeout=long")
    assert status == 1 or "invalid float value" in said


def test_a_camera_without_an_address_is_named() -> None:
    make_camera(code="PA-1", snapshot_url="", is_monitored=False)
    assert probe("PA-1") == (2, "Camera PA-1 has no address.")


def test_a_password_whose_key_is_lost_is_explained(put_up: PutUp, settings: Any) -> None:
    by_code(put_up(), **LOGIN)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    status, said = probe("PA-MGR-01")
    assert status == 2 and "Put the old key back" in said


@pytest.mark.parametrize("password", [LOGIN["password"], "salah-sekali"])
def test_no_password_is_printed(put_up: PutUp, password: str) -> None:
    by_code(put_up(auth="basic", **LOGIN), username="operator", password=password)
    for arguments in (["PA-MGR-01"], ["PA-MGR-01", "--json"]):
        _status, said = probe(*arguments)
        assert password not in said and "operator" not in said


def test_no_row_is_written(put_up: PutUp) -> None:
    camera = by_code(put_up())
    before = Camera.objects.values().get(pk=camera.pk)
    probe("PA-MGR-01", "--burst", "2")
    assert Camera.objects.values().get(pk=camera.pk) == before
    for model in (CameraHealth, HealthSpan, Incident):
        assert not model._default_manager.exists()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it: a process of its own, in Indonesian."""
    return subprocess.run(
        [sys.executable, "manage.py", "probe", *arguments],
        cwd=project.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_from_a_shell_an_address_needs_no_database_and_the_exit_status_tells(
    put_up: PutUp,
) -> None:
    camera = put_up(auth="digest", **LOGIN)
    address = camera.snapshot_url.replace("//", "//operator:p%40ss%3Aw%2Frd%3F%23%25%26%201@")
    good = run(address, "--json")
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["address"] == camera.snapshot_url
    assert good.stderr == ""
    bad = run("file:///etc/passwd")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "/etc/passwd" in bad.stderr and "Traceback" not in bad.stderr
