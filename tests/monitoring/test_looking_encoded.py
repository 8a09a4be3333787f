"""What encoders do to pictures: a still one never comes out twice alike, a living one even less."""

from collections.abc import Callable
from itertools import combinations

import av
import cv2
import numpy as np
import pytest

from monitoring.grabbing.pictures import Bytes2D
from monitoring.looking import changed_share, changed_share_of_traces, look
from tests.monitoring.test_looking import clock, noisy, scene

FPS, GOPS = 8, 6
MOST_CHANGE = 0.08  # judging.Thresholds.most_change


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


def shares(pictures: list[Bytes2D]) -> list[float]:
    """How much each two differ, by their pixels and by their traces."""
    assert len(pictures) >= 3
    pairs = list(combinations(pictures, 2))
    return [changed_share(one, two) for one, two in pairs] + [
        changed_share_of_traces(look(one).trace, look(two).trace) for one, two in pairs
    ]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("with_clock", [False, True], ids=["still", "clock"])
def test_a_still_picture_encoded_again_has_not_changed(codec: str, with_clock: bool) -> None:
    still = noisy(scene(320, 180), 3, seed=1)

    def picture_at(number: int) -> Bytes2D:
        return clock(still, f"2026-11-24 21:40:{number:02}") if with_clock else still

    assert max(shares(key_frames(codec, picture_at))) <= MOST_CHANGE


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_scene_that_stands_still_before_a_living_sensor_has_changed(codec: str) -> None:
    scenery = np.asarray(cv2.GaussianBlur(scene(320, 180), (0, 0), 2), np.uint8)
    pictures = key_frames(codec, lambda number: noisy(scenery, 4, seed=number))
    assert min(shares(pictures)) > 3 * MOST_CHANGE
