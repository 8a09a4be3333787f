"""What encoders do to pictures: a still one never comes out twice alike, a living one even less."""

from collections.abc import Callable
from itertools import combinations

import av
import cv2
import numpy as np
import pytest

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking import Change, change_in, change_of_traces, look
from monitoring.thresholds import DEFAULT
from tests.monitoring.test_looking import clock, noisy, scene

FPS, GOPS = 8, 6


def key_frames(codec: str, picture_at: Callable[[int], Bytes2D]) -> list[Bytes2D]:
    """Key frames of a stream, one a second, once the encoder's rate control has settled."""
    encoder = av.CodecContext.create({"h264": "libx264", "hevc": "libx265"}[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.framerate = FPS
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "28"}
    parameters = f"keyint={FPS}:min-keyint={FPS}:scenecut=0:bframes=0:log-level=none"
    encoder.options |= {"x265-params" if codec == "hevc" else "x264-params": parameters}
    decoder = av.CodecContext.create(codec, "r")
    packets = []
    for number in range(FPS * GOPS):
        frame = av.VideoFrame.from_ndarray(picture_at(number), format="gray").reformat(
            format="yuv420p"
        )
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    frames += decoder.decode(None)
    assert len(frames) == FPS * GOPS
    found = [frame.to_ndarray(format="gray") for frame in frames if frame.key_frame]
    return [np.asarray(each, np.uint8) for each in found[2:]]


def changes(pictures: list[Bytes2D]) -> list[Change]:
    """How any two differ, by their pixels and by their traces."""
    assert len(pictures) >= 3
    found = []
    for one, two in combinations(pictures, 2):
        found += [change_in([one, two]), change_of_traces(look(one).trace, look(two).trace)]
    return [each for each in found if each is not None]


def still(with_clock: bool) -> Callable[[int], Bytes2D]:
    standing = noisy(scene(320, 180), 3, seed=1)

    def picture_at(number: int) -> Bytes2D:
        return clock(standing, f"2026-11-24 21:40:{number:02}") if with_clock else standing

    return picture_at


def alive(number: int) -> Bytes2D:
    scenery = np.asarray(cv2.GaussianBlur(scene(320, 180), (0, 0), 2), np.uint8)
    return noisy(scenery, 4, seed=number)


@pytest.mark.parametrize(
    ("codec", "with_clock"), [("h264", False), ("h264", True), ("hevc", False)]
)
def test_a_still_picture_encoded_again_has_not_changed(codec: str, with_clock: bool) -> None:
    found = changes(key_frames(codec, still(with_clock)))
    assert max(change.scene for change in found) <= DEFAULT.most_change


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_scene_that_stands_still_before_a_living_sensor_has_changed(codec: str) -> None:
    found = changes(key_frames(codec, alive))
    assert min(change.scene for change in found) > 3 * DEFAULT.most_change


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_beside_a_running_clock_a_still_picture_changes_far_less_than_a_living_one(
    codec: str,
) -> None:
    standing, living = (
        [change.level for change in changes(key_frames(codec, picture_at))]
        for picture_at in (still(with_clock=True), alive)
    )
    assert max(standing) < DEFAULT.calm * min(living)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_beside_a_large_clock_blocks_of_a_still_picture_repeat_and_none_of_a_living_one(
    codec: str,
) -> None:
    standing = noisy(scene(320, 180), 3, seed=1)

    def with_large_clock(number: int) -> Bytes2D:
        written, font = standing.copy(), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(written, f"24-11 21:40:{number:02}", (4, 30), font, 0.9, 255, 2)
        return written

    still_change, living_change = (
        change_in(key_frames(codec, picture_at)[:3]) for picture_at in (with_large_clock, alive)
    )
    assert still_change is not None and still_change.echo > 2 * DEFAULT.echo
    assert living_change is not None and living_change.echo < DEFAULT.echo / 2
