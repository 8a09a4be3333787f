"""The program's Celery application with grabbing replaced by recorded answers.

For `celery -A tests.bench.recorded worker`: what takes a network and a decoder is answered from
memory, so that twenty thousand cameras fit on one machine; scheduling, messages, looking, judging,
recording and pictures on the disk are the real ones. One camera in a hundred changes its state in
an hour.
"""

import functools
import time

import cv2
import numpy as np

from monitoring import examining
from monitoring.celery import app
from monitoring.grabbing import Grab, GrabError, Picture, Source
from monitoring.verdicts import Reason

__all__ = ["ADDRESS", "app"]

ADDRESS = "rtsp://127.0.0.1:554/{number}"
_WIDTH, _HEIGHT = 960, 540
_PICTURES = 8
# In each hour one of so many breaks, and another recovers: together one in a hundred.
_ONE_IN = 200
_GOLDEN = 0.6180339887


def grab(source: Source, timeout_s: float, burst_s: float = 0.0) -> Grab:
    """What a camera has answered, at once. Raises GrabError where that was no picture."""
    number = int(source.address.rpartition("/")[2])
    if is_broken(number, time.time()):
        raise GrabError(Reason.REFUSED, "nothing listens on port 554")
    at = time.monotonic_ns() // 1000 % _PICTURES
    return Grab([_picture(at)], source.address, "h264", {"total": 40.0})


def is_broken(number: int, at_s: float) -> bool:
    """Whether this camera is broken at that moment; each turns at its own minute of the hour."""
    hour = int(at_s / 3600 + number * _GOLDEN % 1)
    return (number + hour) % _ONE_IN == 0


@functools.cache
def _picture(number: int) -> Picture:
    """One of a few pictures, different enough from one probe to the next."""
    noise = np.random.default_rng(number).integers(60, 200, (_HEIGHT // 4, _WIDTH // 4), np.uint8)
    luma = np.asarray(
        cv2.resize(noise, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )
    jpeg = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes()
    return Picture(luma, lambda: np.dstack([luma] * 3), 1920, 1080, 0.0, jpeg=jpeg)


for _number in range(_PICTURES):
    _picture(_number)
examining.grab = grab
