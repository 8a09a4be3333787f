"""Pictures from cameras that work: each codec, stream, protocol and way to log in."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from monitoring.grabbing import Picture
from monitoring.grabbing.pictures import BURST_STEP_SECONDS
from tests.farm import FarmCamera
from tests.monitoring.conftest import SMALL
from tests.monitoring.grabbing.attempts import attempt, attempts

PutUp = Callable[..., FarmCamera]
LOGIN = {"username": "operator", "password": "p@ss:w/rd?#%& 1"}


def first_pictures(*addresses: str, **credentials: str) -> list[Picture]:
    found = []
    for seen in attempts(addresses, **credentials):
        assert seen.result is not None, seen.detail
        found.append(seen.result.pictures[0])
    return found


def every_way(camera: FarmCamera) -> tuple[str, ...]:
    return camera.main_url, camera.rtsp_url, camera.snapshot_url, camera.mjpeg_url


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_stream_gives_a_picture_by_its_codec(put_up: PutUp, codec: str) -> None:
    seen = attempt(put_up(codec=codec).rtsp_url)
    assert seen.result is not None, seen.detail
    assert seen.result.codec == {"h264": "h264", "h265": "hevc"}[codec]
    assert set(seen.result.timings_ms) == {
        *("resolve", "connect", "describe", "open", "picture", "total")
    }


def test_the_main_stream_is_as_large_as_the_camera_and_the_others_half(put_up: PutUp) -> None:
    main, *others = first_pictures(*every_way(put_up()))
    assert (main.width, main.height) == (640, 360)
    assert main.luma.shape == (360, 640) and main.bgr.shape == (360, 640, 3)
    for picture in others:
        assert (picture.width, picture.height) == SMALL
        assert picture.luma.shape == SMALL[::-1]


def test_one_scene_is_as_bright_by_every_way(put_up: PutUp) -> None:
    levels = [float(picture.luma.mean()) for picture in first_pictures(*every_way(put_up()))]
    assert max(levels) - min(levels) < 4, levels


def test_a_snapshot_and_an_mjpeg_stream_are_told_apart(put_up: PutUp) -> None:
    camera = put_up()
    for address, codec in ((camera.snapshot_url, "jpeg"), (camera.mjpeg_url, "mjpeg")):
        seen = attempt(address)
        assert seen.result is not None, seen.detail
        assert (seen.result.codec, seen.result.address) == (codec, address)


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_camera_that_asks_for_a_password_gets_it(put_up: PutUp, scheme: str) -> None:
    assert len(first_pictures(*every_way(put_up(auth=scheme, **LOGIN)), **LOGIN)) == 4


@pytest.mark.parametrize("scheme", ["basic", "digest"])
@pytest.mark.parametrize(
    "credentials", [{}, {"username": "operator", "password": "salah"}], ids=["none", "wrong"]
)
def test_a_wrong_password_or_none_is_unauthorised(
    put_up: PutUp, scheme: str, credentials: dict[str, str]
) -> None:
    for seen in attempts(every_way(put_up(auth=scheme, **LOGIN)), **credentials):
        assert seen.outcome == "unauthorised"


def test_a_camera_is_found_by_name_and_with_its_scheme_in_capitals(put_up: PutUp) -> None:
    for address in every_way(put_up())[1:3]:
        scheme, _, rest = address.replace("127.0.0.1", "localhost").partition(":")
        assert attempt(f"{scheme.upper()}:{rest}").outcome == "picture"


def test_a_burst_gives_pictures_that_stand_apart(put_up: PutUp) -> None:
    # A time-out that is shorter than one read may last must not cut the burst short.
    for seen in attempts(every_way(put_up()), 3, 3):
        assert seen.result is not None, seen.detail
        times = [picture.at_s for picture in seen.result.pictures]
        assert len(times) >= 2
        assert min(after - before for before, after in pairwise(times)) > BURST_STEP_SECONDS - 0.05
