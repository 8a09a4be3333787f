"""Examining one camera: grab, look, judge; and a second, longer look where there is suspicion.

No database and no Django in here, so that a batch can run it in many threads.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import cv2

from cameras.addresses import AddressError, split_address
from monitoring.daylight import DARK_BELOW_DEGREES, JAKARTA, Place, sun_elevation
from monitoring.grabbing import Grab, GrabError, Picture, Source, grab
from monitoring.judging import (
    Because,
    Context,
    Judgement,
    judge,
    judge_burst,
    may_stand_still,
    repeats_itself,
)
from monitoring.limits import Limits
from monitoring.looking import JPEG_LEVELS, Change, Look, change_in, change_of_traces, look
from monitoring.memory import Memory, Reference, learn, learn_marks, light_of, wants_burst
from monitoring.verdicts import Reason, Verdict

# Reasons that say "not by this address": another address of the same host may still work. A host
# that refuses a connection is up.
_TRY_ANOTHER = frozenset(
    {Reason.REFUSED, Reason.UNAUTHORISED, Reason.NOT_FOUND, Reason.NO_VIDEO, Reason.UNDECODABLE}
)
_JPEG_QUALITY = 80
# What looks like damage and may be part of the view.
_COMING_AND_GOING = frozenset({Because.STREAKS, Because.TORN})
# Some cameras give the same snapshot for seconds: a repeated one says nothing.
_SNAPSHOTS = frozenset({"jpeg", "mjpeg"})
# Grabbing waits and decodes side by side, but one thread of a process looks at a time. Looking is
# some hundred short steps, and each lets go of the interpreter and asks for it again: sixteen
# threads that look at once only take turns at that, and each look costs two to three times as much
# (`python -m tests.bench probe_cost`, `look`). Other processes look meanwhile.
_the_eye = threading.Lock()


def _always() -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Target:
    """A camera to examine: its sources, the cheapest first, and what is known of it so far.

    `accepted` is the severity, by test, that people have called a false alarm.
    """

    camera_id: int
    sources: tuple[Source, ...]
    confirmed: Verdict = Verdict.PENDING
    suspected: Verdict | None = None
    trace: bytes = b""
    memory: Memory = field(default_factory=Memory)
    accepted: Mapping[Because, float] = field(default_factory=dict)
    place: Place = JAKARTA
    sees_at_night: bool = True
    close_look: bool = False  # a burst is asked for, whatever the first picture shows
    # Asked once it would take a burst to learn from, though nothing is suspected.
    may_learn: Callable[[], bool] = _always


@dataclass(frozen=True)
class Observation:
    """What one probe found.

    `detail` is for the engineer (no secrets); `measurements` are those that the verdict rests on,
    with `because` naming the test; `jpeg` is the picture that shows it, None when none came;
    `learned` is the reference to keep, None when nothing new was learned. `died` says that the
    process that looked at this camera alone died of it; `close_look`, that this was asked for.
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
    measurements: dict[str, float | str] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    learned: Reference | None = field(default=None, repr=False)
    died: bool = False
    close_look: bool = False


Grabber = Callable[[Source, float, float], Grab]


def examine(
    target: Target,
    limits: Limits,
    always_burst: bool = False,
    grabber: Grabber | None = None,
    at: datetime | None = None,
) -> Observation:
    """Probe one camera, once. Ends within the limits, whatever the camera does.

    `grabber` and `at` (now) may be given by tests that bring their own pictures and time.
    """
    probe = _Probe(target, limits, grabber or grab, at or datetime.now(UTC))
    try:
        source, result = probe.grab_any(
            limits.burst_s if always_burst or target.close_look else 0.0
        )
    except GrabError as error:
        return offline(target, probe.at, error)
    if len(result.pictures) > 1:
        with _the_eye:
            return probe.judge_burst(result)
    with _the_eye:
        seen = look_at(result.pictures[0])
        change = change_of_traces(target.trace, seen.trace)
        context = probe.context(seen)
        judgement = judge(seen, change, context, damaged=result.pictures[0].damaged)
        suspicious = probe.needs_burst(judgement) or probe.may_stand_still(result, change, context)
        if not suspicious and not probe.may_learn_from_burst(result, seen, judgement):
            return probe.observed(result, seen, judgement, change)
    try:
        burst = probe.grabber(source, limits.timeout_s, limits.burst_s)
    except GrabError:
        # It gave a picture a moment ago: no ground for "offline", none against the suspicion.
        with _the_eye:
            return probe.observed(result, seen, judgement, change)
    with _the_eye:
        if not suspicious:
            return probe.observed(result, seen, judgement, change, probe.changed(burst, result))
        return probe.judge_burst(burst, seen, judgement, change, result)


def _host(source: Source) -> str | None:
    try:
        return split_address(source.address).hostname
    except AddressError:  # who grabs says what is wrong with it
        return None


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


def look_at(picture: Picture) -> Look:
    """All measurements of one picture."""
    return look(picture.luma, picture.bgr, picture.width)


@dataclass(frozen=True, eq=False)
class _Probe:
    target: Target
    limits: Limits
    grabber: Grabber
    at: datetime

    def grab_any(self, burst_s: float) -> tuple[Source, Grab]:
        """The first source that gives a picture; else the first one's error is raised."""
        first_error: GrabError | None = None
        began = time.monotonic()
        down: set[str | None] = set()
        for source in self.target.sources:
            host = _host(source)
            left_s = self.limits.addresses_s - (time.monotonic() - began)
            if left_s <= 0:
                break
            if host in down:
                continue
            try:
                return source, self.grabber(source, min(left_s, self.limits.timeout_s), burst_s)
            except GrabError as error:
                first_error = first_error or error
                if error.reason not in _TRY_ANOTHER:
                    down.add(host)
        if first_error is None:
            raise GrabError(Reason.NOT_FOUND, "the camera has no address")
        raise first_error

    def context(self, seen: Look) -> Context:
        target = self.target

        def sun_at(moment: datetime) -> float:
            return sun_elevation(target.place, moment)

        reference = target.memory.recall(seen, sun_at, self.at)
        suspected = target.suspected
        if target.confirmed is Verdict.FROZEN and not (suspected and suspected.is_faulty):
            suspected = Verdict.FROZEN  # it takes less to see it again
        return Context(reference, target.accepted, self.night_blind, suspected)

    @cached_property
    def night_blind(self) -> bool:
        """Whether it is night, and this camera sees nothing then."""
        if self.target.sees_at_night:
            return False
        return sun_elevation(self.target.place, self.at) < DARK_BELOW_DEGREES

    def needs_burst(self, judgement: Judgement) -> bool:
        """A confirmed fault that shows again needs none. What is only suspected is looked at
        again as closely; so is frozen, for from two single pictures a still scene looks so."""
        verdict, target = judgement.verdict, self.target
        if target.suspected is not None and target.suspected.is_faulty:
            return target.suspected is not Verdict.OFFLINE or verdict.is_faulty
        return verdict.is_faulty and (verdict is not target.confirmed or verdict is Verdict.FROZEN)

    def may_stand_still(self, result: Grab, change: Change | None, context: Context) -> bool:
        """Snapshots say it by themselves: see looking.JPEG_LEVELS."""
        if result.codec in _SNAPSHOTS:
            return False
        # Beside a clock a confirmed standing picture looks alive at first sight.
        confirmed = self.target.confirmed is Verdict.FROZEN
        return confirmed or may_stand_still(change, context) or repeats_itself(change, context)

    def may_learn_from_burst(self, result: Grab, seen: Look, judgement: Judgement) -> bool:
        """Whether this healthy camera should show now how much it repeats itself while it lives."""
        if result.codec in _SNAPSHOTS or judgement.verdict is not Verdict.HEALTHY:
            return False
        target = self.target
        wanted = target.suspected is None and wants_burst(target.memory, seen, self.at)
        return wanted and target.may_learn()

    def changed(self, burst: Grab, before: Grab | None) -> Change | None:
        """What changed in a burst, and in the picture just before it."""
        lumas = [picture.luma for picture in burst.pictures]
        if burst.codec not in _SNAPSHOTS:
            return change_in(lumas, before=[one.luma for one in before.pictures] if before else ())
        moved = change_in(lumas, JPEG_LEVELS)
        return moved and replace(moved, stillest=moved.scene, same=0.0, echo=0.0)

    def judge_burst(
        self,
        burst: Grab,
        first: Look | None = None,
        suspected: Judgement | None = None,
        change: Change | None = None,
        before: Grab | None = None,
    ) -> Observation:
        """What a burst shows, after a `first` look that raised a suspicion or without one."""
        looks = [look_at(picture) for picture in burst.pictures]
        contexts = [self.context(seen) for seen in looks]
        judgements = [
            judge(seen, None, context, damaged=picture.damaged)
            for seen, context, picture in zip(looks, contexts, burst.pictures, strict=True)
        ]
        shown = list(zip(looks, judgements, strict=True))
        if first is not None and suspected is not None:
            shown.insert(0, (first, suspected))
        if suspected is not None and suspected.verdict is Verdict.CORRUPT:
            judgements.insert(0, suspected)  # damage strikes here and there: each picture counts
        moved = self.changed(burst, before)
        judgement = judge_burst(judgements, moved, looks, contexts[-1], since=change)
        if judgement is None:  # a single healthy picture: whether it stands still stays open
            judgement = judgements[-1]
            if suspected is not None and suspected.verdict is Verdict.FROZEN:
                judgement = suspected
            elif suspected is not None and suspected.verdict.is_faulty:
                judgement = replace(judgement, because=Because.COMES_AND_GOES)
        observed = self.observed(burst, looks[-1], judgement, change)
        if judgement.because is not Because.COMES_AND_GOES:
            return observed
        marked = [seen for seen, each in shown if each.because in _COMING_AND_GOING]
        if self.night_blind or any(picture.damaged for picture in burst.pictures):
            marked = []
        return replace(observed, learned=learn_marks(self.target.memory, marked))

    def observed(
        self,
        result: Grab,
        seen: Look,
        judgement: Judgement,
        change: Change | None,
        burst: Change | None = None,
    ) -> Observation:
        picture = result.pictures[-1]
        healthy = judgement.verdict is Verdict.HEALTHY
        # Of what comes and goes, the last picture may be the one that shows it.
        passing = judgement.because is Because.COMES_AND_GOES
        blind = not healthy or passing or self.night_blind or picture.damaged
        return Observation(
            self.target.camera_id,
            self.at,
            judgement.verdict,
            address=result.address,
            codec=result.codec,
            size=(picture.width, picture.height),
            trace=seen.trace,
            jpeg=encode(picture),
            measurements={
                "because": str(judgement.because),
                "confidence": judgement.confidence,
                "severity": round(judgement.severity, 2),
                "light": str(light_of(seen)),
                "brightness": round(seen.brightness, 1),
                "lights": round(seen.lights, 1),
                "structure": round(seen.structure, 3),
                **{name: round(value, 3) for name, value in judgement.numbers.items()},
                "pictures": len(result.pictures),
            },
            timings_ms=result.timings_ms,
            learned=None if blind else learn(self.target.memory, seen, change, self.at, burst),
            close_look=self.target.close_look,
        )


def encode(picture: Picture) -> bytes:
    """The picture as JPEG, to keep and to show; the camera's own where it sent one."""
    if picture.jpeg is not None:
        return picture.jpeg
    done, data = cv2.imencode(".jpg", picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("OpenCV could not encode the picture")
    return data.tobytes()
