"""Judging: from measurements to a verdict, and why. Pure, and every threshold in one place.

Each test says how far a picture is past its threshold (`severity`, 1 at the threshold). A test
counts when it is past it, and past what a person has called a false alarm for this camera. The
first that counts, in the order of `_found`, gives the verdict; where none does, the camera is
healthy: the doubt falls towards healthy.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitoring.looking import Change, Likeness, Look
from monitoring.memory import ENOUGH_PROBES, Reference
from monitoring.verdicts import Because, Verdict

__all__ = ["DEFAULT", "Context", "Judgement", "Thresholds", "judge", "judge_burst"]

MOST_SEVERITY = 10.0


@dataclass(frozen=True)
class Thresholds:
    """Grey levels are 0 … 255, shares 0 … 1. Chosen on the tune part of tests/footage.

    *Black* is dark and shows nothing, whatever its noise; a night picture is as dark, but lamps
    and their reflections stand out in it.
    *Washed out* is bright down to its darkest parts, or white over most of it.
    *Signal lost*: nearly all of it drawn, see looking/synthetic.py.
    *Corrupt*: the share of a picture that an intact one can show by chance is below half of each.
    *Frozen*: what changed beside the clock; in a stream, where one pair of pictures is the same
    and nothing moves in the others (`repeated_motion`): a sensor never repeats itself, while an
    encoder that has not settled makes a standing picture differ. Of a camera whose noise is always
    seen (`restless`, grey levels), much less of it (`calm`) counts as well; of one on which
    something always moves (`lively_motion`), much less motion (`still_motion`).
    *Defocused*, *covered*, *moved* compare with the camera's own past; each asks for enough tiles
    in which the past showed something. Detail is gone and the view is still there: defocused.
    Both are gone: covered. The view is gone and there is detail: moved. Healthy pictures keep half
    of the view (`typical`, `found`), nine tenths of what can be hidden and half of the detail.
    """

    dark_below: float = 40.0
    least_structure: float = 0.04

    washed_brightness: float = 172.0
    washed_low: float = 140.0
    washed_white: float = 0.6

    drawn_even: float = 0.75
    drawn_colourful: float = 0.75
    drawn_palette: float = 0.85
    drawn_uniform: float = 0.7
    drawn_grey_even: float = 0.78
    drawn_grey_palette: float = 0.955
    drawn_lettering: float = 0.28
    drawn_background: float = 170.0
    drawn_structure: float = 0.012  # a clock along the edge is none
    drawn_bars: int = 5
    snow: float = 0.75

    streaks: float = 0.03
    filled: float = 0.02
    misfits: float = 0.015
    torn_rows: int = 1
    broken_rows: int = 3

    suspect_change: float = 0.2
    most_change: float = 0.08
    least_witnesses: int = 12
    repeated_motion: float = 0.6
    most_motion: float = 1.2  # of a standing picture, encoded anew
    restless: float = 1.8
    calm: float = 0.55
    still_motion: float = 0.2
    lively_motion: float = 5.0

    least_detailed_tiles: int = 10
    least_structured_tiles: int = 10
    blurred_sharpness: float = 0.48
    blurred_typical: float = 0.35
    hidden: float = 0.4
    hidden_typical: float = 0.3
    hidden_lit: float = 0.55
    found: float = 0.45
    usual_found: float = 0.3
    shifted: float = 0.03
    shifted_gain: float = 0.2
    moved_lit: float = 0.45
    # A young reference has seen little: only what is far past a threshold counts against it.
    young_severity: float = 1.4


DEFAULT = Thresholds()


@dataclass(frozen=True)
class Judgement:
    """A verdict, how sure it is (0 … 1), and what it rests on."""

    verdict: Verdict
    because: Because
    severity: float = 0.0
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def confidence(self) -> float:
        """Half at the threshold, towards 1 far from it; of a healthy verdict: from all of them."""
        if self.verdict is Verdict.HEALTHY:
            return round(max(0.5, 1 - 0.5 * min(self.severity, 1.0)), 2)
        return round(1 - 0.5 / max(self.severity, 1.0), 2)


@dataclass(frozen=True, eq=False)
class Context:
    """What is known of the camera apart from the picture.

    `accepted` is, for each fault, the severity that a person called a false alarm;
    `night_blind` says that it is night and this camera sees nothing then.
    """

    reference: Reference | None = None
    accepted: Mapping[Verdict, float] = field(default_factory=dict)
    night_blind: bool = False


# A picture like the one of the false alarm must not alarm again: noise moves severities a little.
_ACCEPTED_MARGIN = 1.25


def judge(
    look: Look,
    change: Change | None,
    context: Context | None = None,
    thresholds: Thresholds = DEFAULT,
    damaged: bool = False,
) -> Judgement:
    """The judgement on one picture.

    `change` is what differs from a picture of the same camera taken at another moment; None when
    there is none to compare with, and then nothing is called frozen. `damaged` says that the
    decoder met errors.
    """
    context = context or Context()
    worst = 0.0
    for found in _found(look, change, context, thresholds, damaged):
        accepted = context.accepted.get(found.verdict, 0.0) * _ACCEPTED_MARGIN
        if found.severity >= max(1.0, accepted):
            if found.verdict is Verdict.BLACK and context.night_blind:
                return Judgement(Verdict.HEALTHY, Because.NIGHT_BLIND, 0.0, found.numbers)
            return found
        worst = max(worst, found.severity if accepted < 1 else 0.0)
    numbers = {"brightness": look.brightness, "structure": look.structure}
    return Judgement(Verdict.HEALTHY, Because.NOTHING_FOUND, worst, numbers)


def judge_burst(
    judgements: list[Judgement],
    change: Change | None,
    looks: list[Look],
    context: Context | None = None,
    thresholds: Thresholds = DEFAULT,
) -> Judgement | None:
    """The judgement on a burst, given those on its pictures: a fault only if every picture shows
    it (damage strikes here and there: a third of them, and two); None if a single picture leaves
    it open whether it is frozen."""
    corrupt = [each for each in judgements if each.verdict is Verdict.CORRUPT]
    if len(corrupt) >= min(2, len(judgements)) and 3 * len(corrupt) >= len(judgements):
        return max(corrupt, key=lambda each: each.severity)
    if len({each.verdict for each in judgements}) == 1 and judgements[0].verdict.is_faulty:
        return min(judgements, key=lambda each: each.severity)
    if change is None:
        return None
    healthy = [each for each in judgements if not each.verdict.is_faulty]
    if len(healthy) < len(judgements):  # a fault that comes and goes: not yet one
        return healthy[-1] if healthy else Judgement(Verdict.HEALTHY, Because.COMES_AND_GOES)
    context = context or Context()
    frozen = _frozen(looks[-1], change, context, thresholds, sure=True)
    accepted = context.accepted.get(Verdict.FROZEN, 0.0) * _ACCEPTED_MARGIN
    if frozen is not None and frozen.severity >= max(1.0, accepted):
        return frozen
    last = healthy[-1]
    numbers = {**last.numbers, "changed": change.share}
    return Judgement(Verdict.HEALTHY, last.because, last.severity, numbers)


def _found(
    look: Look, change: Change | None, context: Context, limits: Thresholds, damaged: bool
) -> Iterator[Judgement]:
    """Every test that has something to say, the surest first."""
    if damaged:
        yield Judgement(Verdict.CORRUPT, Because.DECODER_ERRORS, 3.0)
    yield from _signal_lost(look, limits)
    yield _black(look, limits)
    yield _washed_out(look, limits)
    yield from _corrupt(look, limits)
    reference = context.reference
    like = None if reference is None else reference.likeness(look)
    known = reference is not None and reference.probes >= ENOUGH_PROBES
    if known and reference is not None and like is not None and not context.night_blind:
        yield from _unlike_its_past(reference, like, limits)
    if change is not None and not context.night_blind:
        frozen = _frozen(look, change, context, limits, sure=False)
        if frozen is not None:
            yield frozen


def _black(look: Look, limits: Thresholds) -> Judgement:
    severity = _all(
        _below(look.brightness, limits.dark_below), _below(look.structure, limits.least_structure)
    )
    numbers = {"brightness": look.brightness, "structure": look.structure}
    return Judgement(Verdict.BLACK, Because.DARK, severity, numbers)


def _signal_lost(look: Look, limits: Thresholds) -> Iterator[Judgement]:
    drawing = look.drawing
    if drawing is None:
        return
    even, palette = drawing.even, drawing.palette
    coloured = _all(
        _above(even, limits.drawn_even),
        _above(drawing.colourful, limits.drawn_colourful),
        _above(palette, limits.drawn_palette),
        _above(drawing.uniform, limits.drawn_uniform),
    )
    grey = _all(
        _above(drawing.uniform, limits.drawn_uniform),
        _above(even, limits.drawn_grey_even),
        _above(palette, limits.drawn_grey_palette),
    )
    shows_letters = _all(
        _above(drawing.lettering, limits.drawn_lettering),
        _above(look.structure, limits.drawn_structure),
    )
    # On black a banner must be told from a lamp; on white there is none, but overexposure.
    banner = _all(grey, shows_letters) if drawing.background < limits.drawn_background else 0.0
    numbers = {"even": even, "palette": palette, "uniform": drawing.uniform}
    yield Judgement(Verdict.SIGNAL_LOST, Because.DRAWN, max(coloured, banner), numbers)
    bars = _above(drawing.bars, limits.drawn_bars) * 1.5
    yield Judgement(Verdict.SIGNAL_LOST, Because.BARS, bars, {"bars": drawing.bars})
    snow = _above(drawing.snow, limits.snow) if look.structure > 0 or drawing.snow else 0.0
    yield Judgement(Verdict.SIGNAL_LOST, Because.SNOW, snow, {"snow": drawing.snow})


def _corrupt(look: Look, limits: Thresholds) -> Iterator[Judgement]:
    damage = look.damage
    if damage is None:
        return
    numbers = {
        "streaks": damage.streaks,
        "filled": damage.filled,
        "misfits": damage.misfits,
        "tears": damage.tears,
    }
    for because, severity in (
        (Because.STREAKS, _above(damage.streaks, limits.streaks)),
        (Because.FILLED, _above(damage.filled, limits.filled)),
        (Because.MISFITS, _above(damage.misfits, limits.misfits)),
        (Because.TORN, 1.5 * damage.tears),
    ):
        yield Judgement(Verdict.CORRUPT, because, min(severity, MOST_SEVERITY), numbers)


def _washed_out(look: Look, limits: Thresholds) -> Judgement:
    bright = _all(
        _above(look.brightness, limits.washed_brightness), _above(look.low, limits.washed_low)
    )
    severity = max(bright, _above(look.clipped, limits.washed_white))
    numbers = {"brightness": look.brightness, "low": look.low, "white": look.clipped}
    return Judgement(Verdict.WASHED_OUT, Because.BRIGHT, severity, numbers)


def _unlike_its_past(
    reference: Reference, like: Likeness, limits: Thresholds
) -> Iterator[Judgement]:
    needed = limits.young_severity if reference.is_young else 1.0
    numbers = {
        "found": like.found,
        "usually_found": reference.found,
        "sharpness": like.sharpness,
        "hidden": like.hidden,
        "typical": like.typical,
        "lit": like.lit,
    }
    broken = _above(like.broken, limits.broken_rows) / needed
    yield Judgement(Verdict.CORRUPT, Because.BROKEN, broken, {"broken": like.broken, **numbers})
    torn = _above(like.torn, limits.torn_rows) / needed
    yield Judgement(Verdict.CORRUPT, Because.TORN, torn, {"tears": like.torn, **numbers})
    if like.detailed_tiles >= limits.least_detailed_tiles:
        blurred = _all(
            _below(like.sharpness, limits.blurred_sharpness),
            _above(like.typical, limits.blurred_typical * reference.found),
        )
        yield Judgement(Verdict.DEFOCUSED, Because.BLURRED, blurred / needed, numbers)
        hidden = _all(
            _above(like.hidden, limits.hidden),
            _below(like.typical, limits.hidden_typical * reference.found),
            _below(like.lit, limits.hidden_lit),
        )
        yield Judgement(Verdict.COVERED, Because.HIDDEN, hidden / needed, numbers)
    can_tell = (
        like.structured_tiles >= limits.least_structured_tiles
        and reference.found >= limits.usual_found
        and like.lit >= limits.moved_lit
    )
    if can_tell:
        lost = _below(like.found, limits.found * reference.found) / needed
        yield Judgement(Verdict.MOVED, Because.OTHER_VIEW, lost, numbers)
        across, down = like.shift
        far = max(abs(across), abs(down))
        gain = like.elsewhere - like.found
        shifted = _all(
            _above(far, limits.shifted),
            _above(gain, limits.shifted_gain),
            _above(like.elsewhere, 0.5 * reference.found),
        )
        where = {**numbers, "across": across, "down": down, "elsewhere": like.elsewhere}
        yield Judgement(Verdict.MOVED, Because.SHIFTED, shifted / needed, where)


def _frozen(
    look: Look, change: Change, context: Context, limits: Thresholds, sure: bool
) -> Judgement | None:
    """Frozen, or None; `sure` after a burst, where a suspicion takes less."""
    numbers = {"changed": change.share, "scene": change.scene, "motion": change.motion}
    severity = 0.0
    if change.witnesses >= limits.least_witnesses:
        limit = limits.most_change if sure else limits.suspect_change
        severity = _below(change.scene, limit)
        if sure and change.motion <= limits.repeated_motion:
            severity = max(severity, _below(change.stillest, limit))
    reference = context.reference
    calm = change.motion <= limits.most_motion
    if calm and reference is not None and reference.probes >= ENOUGH_PROBES:
        if limits.restless <= reference.unrest < 255:
            numbers |= {"level": change.level, "usual_level": reference.unrest}
            severity = max(severity, _below(change.level, limits.calm * reference.unrest))
        if not reference.is_young and limits.lively_motion <= reference.motion < 255:
            numbers["usual_motion"] = reference.motion
            usual = limits.still_motion * reference.motion
            severity = max(severity, _below(change.motion, usual))
    return Judgement(Verdict.FROZEN, Because.STILL, severity, numbers) if severity else None


def _above(value: float, limit: float) -> float:
    return min(max(value, 0.0) / limit, MOST_SEVERITY)


def _below(value: float, limit: float) -> float:
    return min(limit / max(value, limit / MOST_SEVERITY), MOST_SEVERITY)


def _all(*severities: float) -> float:
    """Of conditions that must all hold."""
    return min(severities)
