"""The demo's catalogue, and what is said about one that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.farm import FAULTS, FarmError
from tests.farm.catalogue import DEMO_CATALOGUE, read_catalogue
from tests.farm_tests.demo import CAMERA

DEMO: dict[str, list[dict[str, Any]]] = json.loads(DEMO_CATALOGUE.read_text())


def codes(kind: str) -> list[str]:
    return [row["code"] for row in DEMO[kind]]


def test_it_has_about_forty_cameras_and_ten_of_them_broken() -> None:
    cameras = read_catalogue()
    assert 38 <= len(cameras) <= 48
    assert 10 <= sum(camera.fault is not None for camera in cameras) <= 15


@pytest.mark.parametrize("kind", list(DEMO))
def test_every_code_is_there_once(kind: str) -> None:
    assert len(set(codes(kind))) == len(codes(kind))


@pytest.mark.parametrize(
    ("kind", "key", "of"),
    [
        ("areas", "parent", "areas"),
        ("sites", "area", "areas"),
        ("sites", "agency", "agencies"),
        ("uplinks", "parent", "uplinks"),
        ("uplinks", "site", "sites"),
        ("cameras", "site", "sites"),
        ("cameras", "uplink", "uplinks"),
        ("cameras", "agency", "agencies"),
    ],
)
def test_every_reference_leads_somewhere(kind: str, key: str, of: str) -> None:
    named = {row[key] for row in DEMO[kind]} - {None}
    assert named and named <= set(codes(of))


@pytest.mark.parametrize("kind", ["areas", "uplinks"])
def test_parents_come_before_their_children(kind: str) -> None:
    before: set[str | None] = {None}
    for row in DEMO[kind]:
        assert row["parent"] in before
        before.add(row["code"])


def test_every_site_has_a_camera_and_lies_in_jakarta() -> None:
    assert {row["site"] for row in DEMO["cameras"]} == set(codes("sites"))
    for site in DEMO["sites"]:
        assert -6.4 < site["latitude"] < -6.0 and 106.6 < site["longitude"] < 107.0


def test_all_kinds_of_cameras_are_shown() -> None:
    cameras = read_catalogue()
    assert {camera.codec for camera in cameras} == {"h264", "h265"}
    assert {camera.auth for camera in cameras} == {"none", "basic", "digest"}
    assert {source for camera in cameras for source in camera.sources} == {
        *("main", "sub", "snapshot", "mjpeg")
    }
    assert {word for camera in cameras for word in camera.scene.split("-")} == {
        *("water", "road", "pump", "day", "night", "infrared")
    }
    kinds = {FAULTS[camera.fault].kind for camera in cameras if camera.fault}
    assert kinds == {"picture", "connection"}


def test_a_round_of_a_film_is_no_multiple_of_a_usual_interval() -> None:
    for camera in read_catalogue():
        for interval in (8, 10, 15, 20, 30, 60, 300):
            assert interval % camera.seconds


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scene": "water-dusk"}, "Scene “water-dusk” is unknown"),
        ({"codec": "vp9"}, "codec “vp9”"),
        ({"auth": "ntlm"}, "auth “ntlm”"),
        ({"source": []}, "must be some of"),
        ({"source": ["ftp"]}, "must be some of"),
        ({"size": [161, 90]}, "must be even"),
        ({"fault": "blck"}, "Near: black"),
        ({"fault": "truncated-jpeg", "source": ["sub"]}, "needs an HTTP source"),
        ({"code": "PA-TST-02"}, "two cameras with the code PA-TST-02"),
    ],
)
def test_a_wrong_camera_is_named(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    file = tmp_path / "catalogue.json"
    good = {**CAMERA, "code": "PA-TST-02"}
    file.write_text(json.dumps({"cameras": [good, {**CAMERA, "code": "PA-TST-01", **changes}]}))
    with pytest.raises(FarmError, match=sentence) as caught:
        read_catalogue(file)
    assert "PA-TST-0" in str(caught.value) or "blck" in str(caught.value)


def test_a_camera_that_lacks_something_is_named(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    lacking = {key: value for key, value in CAMERA.items() if key != "scene"}
    file.write_text(json.dumps({"cameras": [{**lacking, "code": "PA-TST-01"}]}))
    with pytest.raises(FarmError, match=r"PA-TST-01.*lacks the key 'scene'"):
        read_catalogue(file)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", "{"])
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "catalogue.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(FarmError, match=str(file)):
        read_catalogue(file)
