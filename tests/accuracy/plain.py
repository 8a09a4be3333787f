"""What an engineer would use instead: FFmpeg's detectors and two one-liners, with their defaults.

They see exactly the pictures that the eye sees in its routine probes, one probe after another.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import av
import cv2
import numpy as np

from monitoring.grabbing import Picture

__all__ = ["SIZE", "TOOLS", "alarms"]

TOOLS = ("blackdetect", "freezedetect", "mean brightness", "frame difference")
SIZE = (320, 180)
# blackdetect has black_min_duration=2, freezedetect duration=2: with probes one second apart on
# their clock, a third picture alike confirms, as it does for the eye.
_SECONDS = 1
_DARK, _BRIGHT = 40, 220  # mean brightness outside of this is wrong: the usual one-liner
_SAME = 1.0  # mean difference of two pictures below this: frozen


def alarms(pictures: list[Picture]) -> dict[str, list[bool]]:
    """For each tool, and each picture in turn: whether it says that something is wrong."""
    found = {tool: [False] * len(pictures) for tool in TOOLS}
    graph = _graph()
    before = None
    for number, picture in enumerate(pictures):
        small = cv2.resize(picture.bgr, SIZE, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        mean = float(grey.mean())
        found["mean brightness"][number] = not _DARK <= mean <= _BRIGHT
        if before is not None:
            apart = float(cv2.absdiff(grey, before).mean())
            found["frame difference"][number] = apart < _SAME
        before = grey
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(small), format="bgr24")
        frame.pts, frame.time_base = number * _SECONDS, Fraction(1, 1)
        graph.push(frame)
        _pull(graph, found)
    graph.push(None)
    _pull(graph, found)
    return found


def _graph() -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=SIZE[0], height=SIZE[1], format="bgr24", time_base=Fraction(1, 1)
    )
    # Both write what they find into the metadata of the frames that pass.
    chain = [
        source,
        graph.add("format", "yuv420p"),
        graph.add("blackdetect"),
        graph.add("freezedetect"),
        graph.add("buffersink"),
    ]
    for one, two in itertools.pairwise(chain):
        one.link_to(two)
    graph.configure()
    return graph


_STATE = {"blackdetect": "black", "freezedetect": "freezedetect.freeze"}


def _pull(graph: av.filter.Graph, found: dict[str, list[bool]]) -> None:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        for tool, name in _STATE.items():
            for event, wrong in (("start", True), ("end", False)):
                at = frame.metadata.get(f"lavfi.{name}_{event}")
                if at is not None:
                    # From there on, until the opposite is said.
                    since = int(float(at)) // _SECONDS
                    found[tool][since:] = [wrong] * (len(found[tool]) - since)
