"""Judging: from measurements to a verdict, and why. Pure; every threshold is in thresholds.py.

Each test says how far a picture is past its threshold (`severity`, 1 at the threshold). A test
counts when it is past it, and past what a person has called a false alarm for this camera. The
first that counts, in the order of `_found`, gives the verdict; where none does, the camera is
healthy: the doubt falls towards healthy.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitoring.looking import Change, Likeness, Look
from monitoring.memory import ENOUGH_PROBES, Reference
from monitoring.thresholds import DEFAULT, Thresholds
from monitoring.verdicts import Because, Verdict

__all__ = ["Context", "Judgement", "judge", "judge_burst", "may_stand_still", "repeats_itself"]

MOST_SEVERITY = 10.0


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

    `accepted` is, for each test, the severity that a person called a false alarm: of another test,
    whose severities may never come so high, that says nothing;
    `night_blind` says that it is night and this camera sees nothing then; `suspected` is the
    fault that the probe before found: it takes less to see it again than to see it first.
    """

    reference: Reference | None = None
    accepted: Mapping[Because, float] = field(default_factory=dict)
    night_blind: bool = False
    suspected: Verdict | None = None

    def is_enough(self, found: Judgement) -> bool:
        """Whether a test that is so far past its threshold counts."""
        needed = _SEEN_AGAIN if found.verdict is self.suspected else 1.0
        accepted = self.accepted.get(found.because, 0.0) * _ACCEPTED_MARGIN
        return found.severity >= max(needed, accepted)


# A picture like the one of the false alarm must not alarm again: noise moves severities a little.
_ACCEPTED_MARGIN = 1.25
# Passing cars and a wandering light move severities by as much; a picture that is once past a
# threshold and then within this of it has not been mended in between.
_SEEN_AGAIN = 0.8


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
        if context.is_enough(found):
            if found.verdict is Verdict.BLACK and context.night_blind:
                return Judgement(Verdict.HEALTHY, Because.NIGHT_BLIND, 0.0, found.numbers)
            return found
        worst = max(worst, found.severity if found.severity < 1 else 0.0)
    numbers = {"brightness": look.brightness, "structure": look.structure}
    return Judgement(Verdict.HEALTHY, Because.NOTHING_FOUND, worst, numbers)


def judge_burst(
    judgements: list[Judgement],
    change: Change | None,
    looks: list[Look],
    context: Context | None = None,
    thresholds: Thresholds = DEFAULT,
    since: Change | None = None,
) -> Judgement | None:
    """The judgement on a burst, given those on its pictures: a fault only if every picture shows
    it (damage strikes here and there: a third of them, and two); None if a single picture leaves
    it open whether it is frozen. `since` is what changed since the last probe: a living camera
    may stand still for seconds, but not for minutes as well."""
    context = context or Context()
    corrupt = [each for each in judgements if each.verdict is Verdict.CORRUPT]
    # Damage strikes here and there: what was suspected of it needs one picture more, not all.
    again = context.suspected is Verdict.CORRUPT and corrupt
    often = len(corrupt) >= min(2, len(judgements)) and 3 * len(corrupt) >= len(judgements)
    if again or often:
        return max(corrupt, key=lambda each: each.severity)
    healthy = [each for each in judgements if not each.verdict.is_faulty]
    if not healthy:
        # At the border of two faults pictures fall to either side; faulty they all are.
        counts = Counter(each.verdict for each in judgements)
        commonest = max(counts, key=lambda verdict: counts[verdict])
        return min(
            (each for each in judgements if each.verdict is commonest),
            key=lambda each: each.severity,
        )
    if change is None:
        return None
    if len(healthy) < len(judgements):  # a fault that comes and goes: not yet one
        last = healthy[-1]
        return Judgement(Verdict.HEALTHY, Because.COMES_AND_GOES, last.severity, last.numbers)
    frozen = _frozen(change, context, thresholds, since, sure=True)
    if frozen is not None and context.is_enough(frozen):
        return frozen
    last = healthy[-1]
    numbers = {**last.numbers, "changed": change.share}
    return Judgement(Verdict.HEALTHY, last.because, last.severity, numbers)


def may_stand_still(since: Change | None, context: Context, limits: Thresholds = DEFAULT) -> bool:
    """Whether a healthy picture deserves a burst: since the last probe no light has moved, and
    there is less noise than this camera ever shows. Beside a clock, that is all that two single
    pictures tell of a standing one; by itself it is no fault."""
    reference = context.reference
    if since is None or reference is None or context.night_blind:
        return False
    return (
        reference.probes >= ENOUGH_PROBES
        and reference.unrest < 255
        and since.drift <= limits.unlit_drift
        and since.motion <= limits.same_motion
        and since.level <= limits.less_noise * reference.unrest
    )


def repeats_itself(since: Change | None, context: Context, limits: Thresholds = DEFAULT) -> bool:
    """Whether a healthy picture deserves a burst because more of it has come out the same to the
    last bit as in the last probe than this camera ever shows while it lives."""
    reference = context.reference
    if since is None or reference is None or not reference.knows_echo or context.night_blind:
        return False
    needed = _SEEN_AGAIN if context.suspected is Verdict.FROZEN else 1.0
    usual = max(limits.usual_again * reference.again, limits.again_in_burst * reference.echo)
    return since.echo >= needed * max(limits.again, usual)


def _found(
    look: Look, change: Change | None, context: Context, limits: Thresholds, damaged: bool
) -> Iterator[Judgement]:
    """Every test that has something to say, the surest first."""
    if damaged:
        yield Judgement(Verdict.CORRUPT, Because.DECODER_ERRORS, 3.0)
    yield from _signal_lost(look, limits)
    yield _black(look, limits)
    yield _washed_out(look, limits)
    reference = context.reference
    yield from _corrupt(look, reference, limits)
    like = None if reference is None else reference.likeness(look)
    known = reference is not None and reference.probes >= ENOUGH_PROBES
    if known and reference is not None and like is not None and not context.night_blind:
        yield from _unlike_its_past(reference, like, limits)
    if change is not None and not context.night_blind:
        frozen = _frozen(change, context, limits, change, sure=False)
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


def _corrupt(look: Look, reference: Reference | None, limits: Thresholds) -> Iterator[Judgement]:
    damage = look.damage
    if damage is None:
        return
    # Blinds and bars drawn by a coarse codec are streaks too: of a camera that always shows them.
    # So is the water's edge a tear, now and then.
    streaks, tears, needed = 0.0, 0.0, limits.young_severity
    if reference is not None and not reference.is_young:
        streaks, tears, needed = reference.streaks, reference.tears, 1.0
    numbers = {
        "streaks": damage.streaks,
        "filled": damage.filled,
        "misfits": damage.misfits,
        "tears": damage.tears,
    }
    for because, severity in (
        (Because.STREAKS, _above(damage.streaks - streaks, limits.streaks) / needed),
        (Because.FILLED, _above(damage.filled, limits.filled)),
        (Because.MISFITS, _above(damage.misfits, limits.misfits)),
        (Because.TORN, 1.3 * (damage.tears - tears) / needed),
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
    can_tell = (
        like.structured_tiles >= limits.least_structured_tiles
        and reference.found >= limits.usual_found
        and like.lit >= limits.moved_lit
    )
    if can_tell:
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
    if like.detailed_tiles >= limits.least_detailed_tiles:
        yield from _without_detail(reference, like, numbers, limits)
    if can_tell:
        # What stands before a part of the view leaves the rest of it in its place.
        lost = _all(
            _below(
                like.found, min(limits.found * reference.found, limits.lost * reference.least_found)
            ),
            _below(like.kept, limits.moved_kept),
        )
        yield Judgement(Verdict.MOVED, Because.OTHER_VIEW, lost / needed, numbers)


def _without_detail(
    reference: Reference, like: Likeness, numbers: Mapping[str, float], limits: Thresholds
) -> Iterator[Judgement]:
    """Defocused: the view is still there. Covered: it is not. Of a mere surface, only the light of
    its parts tells which. The fewer tiles bear witness, the clearer it must be."""
    needed = max(1.0, limits.enough_detailed_tiles / like.detailed_tiles)
    needed *= limits.young_severity if reference.is_young else 1.0
    if like.is_surface:
        there = _above(like.alike, limits.surface_alike)
        gone = _below(like.alike, limits.surface_alike) * needed
        sharp = limits.blurred_surface
    else:
        there = _above(like.typical, limits.blurred_typical * reference.found)
        gone = _below(like.typical, limits.hidden_typical * reference.found)
        sharp = limits.blurred_sharpness
    # Of a camera that is soft now and then, more must be missing.
    sharp *= min(reference.least_sharpness / limits.usual_sharpness, 1.0)
    blurred = _all(_below(like.sharpness, sharp) / needed, there)
    yield Judgement(Verdict.DEFOCUSED, Because.BLURRED, blurred, numbers)
    hidden = _all(
        _above(like.hidden, limits.hidden),
        gone,
        # No more detail is left than of the view, but for folds in what hides it.
        _below(like.lit, limits.hidden_lit + limits.open_lit * like.found / reference.found),
    )
    yield Judgement(Verdict.COVERED, Because.HIDDEN, hidden / needed, numbers)


def _frozen(
    change: Change, context: Context, limits: Thresholds, since: Change | None, sure: bool
) -> Judgement | None:
    """Frozen, or None; `sure` after a burst, where a suspicion takes less."""
    numbers = {"changed": change.share, "scene": change.scene, "motion": change.motion}
    still = repeated = calm = 0.0
    if change.witnesses >= limits.least_witnesses:
        limit = limits.most_change if sure else limits.suspect_change
        still = _below(change.scene, limit)
        if sure and change.motion <= limits.repeated_motion and change.stillest < change.scene:
            still = _below(change.stillest, limit)
            numbers["scene"] = change.stillest
        if change.motion <= limits.same_motion:
            numbers["same"] = change.same
            repeated = _above(change.same, limits.same)
            living = _living_echo(since, context, limits) if sure else None
            if living is not None:
                numbers["same"] = max(change.same, change.echo)
                repeated = max(repeated, _above(change.echo, living))
    reference = context.reference
    if since is not None and reference is not None and reference.probes >= ENOUGH_PROBES:
        level, motion = max(change.level, since.level), max(change.motion, since.motion)
        # A clock is motion too, where its digits are too large to be known as one.
        stirring = max(since.drift, change.motion if sure else 0.0)
        if stirring <= limits.most_motion and limits.restless <= reference.unrest < 255:
            numbers |= {"level": level, "usual_level": reference.unrest}
            calm = _below(level, limits.calm * reference.unrest)
        lively = limits.lively_motion <= reference.motion < 255
        if motion <= limits.most_motion and lively and not reference.is_young:
            numbers["usual_motion"] = reference.motion
            calm = max(calm, _below(motion, limits.still_motion * reference.motion))
    severity = max(still, repeated, calm)
    if not severity:
        return None
    # Where several tests say so, the plainest is told; where none does, because frozen is only to
    # be seen again, the one that comes nearest.
    told = [(Because.STILL, still), (Because.REPEATED, repeated), (Because.CALM, calm)]
    nearest = max(told, key=lambda each: each[1])[0]
    because = next((name for name, each in told if each >= 1), nearest)
    return Judgement(Verdict.FROZEN, because, severity, numbers)


def _living_echo(since: Change | None, context: Context, limits: Thresholds) -> float | None:
    """How much a burst may repeat itself until the camera stands still; None: it does not tell."""
    if may_stand_still(since, context, limits):
        return limits.echo
    if context.reference is not None and repeats_itself(since, context, limits):
        return max(limits.echo, limits.usual_echo * context.reference.echo)
    return None


def _above(value: float, limit: float) -> float:
    return min(max(value, 0.0) / limit, MOST_SEVERITY)


def _below(value: float, limit: float) -> float:
    return min(limit / max(value, limit / MOST_SEVERITY), MOST_SEVERITY)


def _all(*severities: float) -> float:
    """Of conditions that must all hold."""
    return min(severities)
