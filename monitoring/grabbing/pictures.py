"""What goes into a grab and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from cameras.addresses import redact
from monitoring.verdicts import Reason

Bytes2D = NDArray[np.uint8]
Bytes3D = NDArray[np.uint8]

# Wide enough to judge and to prove a fault, small enough to keep one per camera.
KEPT_WIDTH = 960
# Garbage can decode to a few macroblocks; no camera is this small.
LEAST_WIDTH, LEAST_HEIGHT = 64, 48
_LONGEST = 30  # times as long as high; panoramas are eight
# Two pictures of a burst stand at least this far apart, so that a scene has time to change.
BURST_STEP_SECONDS = 1.2
# What HTTP and RTSP answer when they refuse, in the same numbers.
REFUSALS = {401: Reason.UNAUTHORISED, 403: Reason.UNAUTHORISED, 404: Reason.NOT_FOUND}
_MOST_DETAIL = 200  # characters


@dataclass(frozen=True)
class Source:
    """One way to reach a camera's picture; the address carries no credentials."""

    address: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded picture, at most KEPT_WIDTH wide.

    `luma` (h × w, uint8, 0 black … 255 white) is thinned by leaving out pixels, so that the
    sensor's noise survives: it is what tells a still scene from a frozen one. `bgr`
    (h × w × 3, uint8) is averaged, for people to look at. `at_s` is the time since the grab
    began, `width` and `height` are the camera's own. `damaged` says that the decoder met errors
    and filled the gaps. `jpeg` is the picture as the camera itself encoded it, where that is small
    enough to be kept as it is.
    """

    luma: Bytes2D
    colour: Callable[[], Bytes3D] = field(repr=False)  # what nobody looks at is not made
    width: int
    height: int
    at_s: float
    damaged: bool = False
    jpeg: bytes | None = field(default=None, repr=False)

    @cached_property
    def bgr(self) -> Bytes3D:
        return self.colour()


@dataclass(frozen=True, eq=False)
class Grab:
    """Pictures in the order in which they came, at least one, and what it took."""

    pictures: list[Picture]
    address: str
    codec: str
    timings_ms: dict[str, float]


class GrabError(Exception):
    """No picture, and why: `reason` for the machine, `detail` for the engineer.

    Details quote what strangers sent: they are kept printable, short and free of secrets.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        redacted = redact(detail[: 10 * _MOST_DETAIL])  # a header line may have 64 kB
        printable = "".join(each if each.isprintable() else "·" for each in redacted)
        if len(printable) > _MOST_DETAIL:
            printable = printable[: _MOST_DETAIL - 1] + "…"
        self.detail = printable
        super().__init__(f"{reason}: {self.detail}")


def thin(plane: Bytes2D) -> Bytes2D:
    """A copy of a luminance plane, at most KEPT_WIDTH wide, made by leaving out pixels."""
    every = -(-plane.shape[1] // KEPT_WIDTH)
    return np.array(plane[::every, ::every], order="C")


def shrink(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A plane or a colour picture, at most KEPT_WIDTH wide, made by averaging."""
    height, width = pixels.shape[:2]
    if width <= KEPT_WIDTH:
        return pixels
    return resized(pixels, KEPT_WIDTH, max(1, round(height * KEPT_WIDTH / width)))


def resized(
    pixels: NDArray[np.uint8], width: int, height: int, into: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """The same in another size, made by averaging; written `into` memory that is there already."""
    if into is None and pixels.shape[:2] == (height, width):
        return pixels
    small = cv2.resize(pixels, (width, height), dst=into, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def check_size(width: int, height: int) -> None:
    """Raise GrabError when this is too small, or too long, to be a camera's picture."""
    too_long = max(width, height) > _LONGEST * min(width, height)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or too_long:
        raise GrabError(Reason.UNDECODABLE, f"a picture of {width}×{height} is no camera's")
