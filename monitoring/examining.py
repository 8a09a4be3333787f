"""Examining one camera: grab, look, judge; and a second, longer look where there is suspicion.

No database and no Django in here, so that a batch can run it in many threads.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import cv2

from monitoring.grabbing import Grab, GrabError, Picture, Source, grab
from monitoring.judging import judge, judge_burst
from monitoring.limits import Limits
from monitoring.looking import Look, changed_share, changed_share_of_traces, look
from monitoring.verdicts import Reason, Verdict

# Reasons that say "not by this address": another address of the same camera may still work.
_TRY_ANOTHER = frozenset(
    {Reason.UNAUTHORISED, Reason.NOT_FOUND, Reason.NO_VIDEO, Reason.UNDECODABLE}
)
_JPEG_QUALITY = 80


@dataclass(frozen=True)
class Target:
    """A camera to examine: its sources, the cheapest first, and what is known of it so far."""

    camera_id: int
    sources: tuple[Source, ...]
    confirmed: Verdict = Verdict.PENDING
    trace: bytes = b""
    close_look: bool = False  # a burst is asked for, whatever the first picture shows


@dataclass(frozen=True)
class Observation:
    """What one probe found.

    `detail` is for the engineer (no secrets); `measurements` are those that the verdict rests
    on; `jpeg` is the picture that shows it, None when none came. `died` says that the process
    that looked at this camera alone died of it; `close_look`, that this was asked for.
    """

    camera_id: int
    at: datetime
    verdict: Verdict
    reason: Reason = Reason.NONE
    detail: str = ""
    address: str = ""
    codec: str = ""
    size: tuple[int, int] | None = None
    trace: bytes = b""
    jpeg: bytes | None = field(default=None, repr=False)
    measurements: dict[str, float] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    died: bool = False
    close_look: bool = False


def examine(target: Target, limits: Limits, always_burst: bool = False) -> Observation:
    """Probe one camera, once. Ends within the limits, whatever the camera does."""
    at = datetime.now(UTC)
    try:
        source, result = _grab_any(target.sources, limits, _burst_s(target, limits, always_burst))
    except GrabError as error:
        return offline(target, at, error)
    if len(result.pictures) > 1:
        return _judge_burst(target, at, result, suspected=Verdict.HEALTHY)
    picture = result.pictures[0]
    seen = look(picture.luma)
    changed = changed_share_of_traces(target.trace, seen.trace) if target.trace else None
    verdict = judge(seen, changed)
    if verdict in (Verdict.HEALTHY, target.confirmed):
        return _observed(target, at, result, picture, seen, verdict, changed)
    try:
        burst = grab(source, limits.timeout_s, limits.burst_s)
    except GrabError:
        # It gave a picture a moment ago: no ground for "offline", none against the suspicion.
        return _observed(target, at, result, picture, seen, verdict, changed)
    return _judge_burst(target, at, burst, suspected=verdict)


def offline(target: Target, at: datetime, error: GrabError) -> Observation:
    """What a camera without a picture is recorded as."""
    address = target.sources[0].address if target.sources else ""
    return Observation(
        target.camera_id,
        at,
        Verdict.OFFLINE,
        error.reason,
        error.detail,
        address=address,
        close_look=target.close_look,
    )


def _burst_s(target: Target, limits: Limits, always: bool) -> float:
    return limits.burst_s if always or target.close_look else 0.0


def _grab_any(sources: tuple[Source, ...], limits: Limits, burst_s: float) -> tuple[Source, Grab]:
    """The first source that gives a picture; else the first one's error is raised."""
    first_error: GrabError | None = None
    began = time.monotonic()
    for source in sources:
        left_s = limits.addresses_s - (time.monotonic() - began)
        if left_s <= 0:
            break
        try:
            return source, grab(source, min(left_s, limits.timeout_s), burst_s)
        except GrabError as error:
            first_error = first_error or error
            if error.reason not in _TRY_ANOTHER:
                break
    if first_error is None:
        raise GrabError(Reason.NOT_FOUND, "the camera has no address")
    raise first_error


def _judge_burst(target: Target, at: datetime, burst: Grab, suspected: Verdict) -> Observation:
    looks = [look(picture.luma) for picture in burst.pictures]
    changes = [
        changed_share(before.luma, after.luma)
        for before, after in zip(burst.pictures, burst.pictures[1:], strict=False)
    ]
    verdict = judge_burst(looks, changes) or suspected
    changed = max(changes) if changes else None
    return _observed(target, at, burst, burst.pictures[-1], looks[-1], verdict, changed)


def _observed(
    target: Target,
    at: datetime,
    result: Grab,
    picture: Picture,
    seen: Look,
    verdict: Verdict,
    changed: float | None,
) -> Observation:
    measurements = {
        "brightness": round(seen.brightness, 1),
        "lights": round(seen.lights, 1),
        "structure": round(seen.structure, 3),
        "pictures": len(result.pictures),
    }
    if changed is not None:
        measurements["changed"] = round(changed, 3)
    return Observation(
        target.camera_id,
        at,
        verdict,
        address=result.address,
        codec=result.codec,
        size=(picture.width, picture.height),
        trace=seen.trace,
        jpeg=encode(picture),
        measurements=measurements,
        timings_ms=result.timings_ms,
        close_look=target.close_look,
    )


def encode(picture: Picture) -> bytes:
    """The picture as JPEG, to keep and to show; the camera's own where it sent one."""
    if picture.jpeg is not None:
        return picture.jpeg
    done, data = cv2.imencode(".jpg", picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("OpenCV could not encode the picture")
    return data.tobytes()
