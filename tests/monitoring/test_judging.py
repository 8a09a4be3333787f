"""Judging: where measurements become a verdict, and drawn pictures as a test of both."""

from dataclasses import replace

import numpy as np
import pytest

from monitoring.grabbing.pictures import Bytes2D
from monitoring.judging import Context, judge, judge_burst, may_stand_still
from monitoring.looking import Change, Look, change_in, look
from monitoring.thresholds import Thresholds
from monitoring.verdicts import Because, Verdict
from tests.monitoring.test_looking import clock, flat, noisy, scene
from tests.monitoring.test_memory import day, learned, seen

HEALTHY, BLACK, FROZEN = Verdict.HEALTHY, Verdict.BLACK, Verdict.FROZEN


def measured(brightness: float = 120, structure: float = 0.9) -> Look:
    """A picture of which nothing but this is remarkable."""
    return replace(look(scene()), brightness=brightness, structure=structure)


def changed(share: float | None) -> Change | None:
    return None if share is None else Change(share, share, level=9, motion=9, witnesses=144)


DARK, BRIGHT = measured(5, 0), measured()


@pytest.mark.parametrize(
    ("brightness", "structure", "verdict"),
    [
        (0, 0, BLACK),
        (39.9, 0.039, BLACK),
        (40.1, 0.0, HEALTHY),  # flat, but not dark: fog, or a wall
        (5, 0.041, HEALTHY),  # dark, but something can be seen
        (120, 0.9, HEALTHY),
    ],
)
def test_black_is_dark_and_shows_nothing(
    brightness: float, structure: float, verdict: Verdict
) -> None:
    assert judge(measured(brightness, structure), None).verdict is verdict


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(None, HEALTHY), (0.0, FROZEN), (0.2, FROZEN), (0.21, HEALTHY), (1.0, HEALTHY)],
)
def test_two_pictures_that_hardly_differ_raise_the_suspicion_of_frozen(
    share: float | None, verdict: Verdict
) -> None:
    assert judge(BRIGHT, changed(share)).verdict is verdict


def test_a_black_picture_that_does_not_change_is_black() -> None:
    assert judge(DARK, changed(0.0)).verdict is BLACK


def test_thresholds_can_be_others() -> None:
    strict = Thresholds(dark_below=200, least_structure=1.0, suspect_change=0.5)
    assert judge(BRIGHT, None, thresholds=strict).verdict is BLACK
    assert judge(measured(210), changed(0.5), thresholds=strict).verdict is FROZEN


@pytest.mark.parametrize(
    ("looks", "share", "verdict"),
    [
        ([DARK, DARK, DARK], 0.9, BLACK),
        ([DARK, BRIGHT, DARK], 0.9, HEALTHY),  # lightning shows that it sees
        ([BRIGHT, BRIGHT, BRIGHT], 0.08, FROZEN),
        ([BRIGHT, BRIGHT, BRIGHT], 0.081, HEALTHY),
        ([DARK, DARK], 0.0, BLACK),
        ([DARK], None, BLACK),
        ([BRIGHT], None, None),
    ],
)
def test_a_burst_shows_a_fault_only_if_every_picture_does(
    looks: list[Look], share: float | None, verdict: Verdict | None
) -> None:
    judgement = judge_burst([judge(each, None) for each in looks], changed(share), looks)
    assert (judgement.verdict if judgement else None) is verdict


def test_pictures_that_fall_to_either_side_of_two_faults_are_faulty_all_the_same() -> None:
    grey = replace(look(scene()), brightness=200, low=190)
    looks = [DARK, DARK, grey]
    judgement = judge_burst([judge(each, None) for each in looks], changed(0.9), looks)
    assert judgement is not None and judgement.verdict is BLACK


def test_it_takes_less_to_see_again_what_was_suspected_than_to_see_it_first() -> None:
    nearly = measured(48, 0.0)  # 40 is black
    assert judge(nearly, None).verdict is HEALTHY
    assert judge(nearly, None, Context(suspected=BLACK)).verdict is BLACK
    assert judge(nearly, None, Context(suspected=FROZEN)).verdict is HEALTHY


def test_a_false_alarm_of_one_test_does_not_silence_another() -> None:
    look_of_it = measured(5, 0)
    severity = judge(look_of_it, None).severity
    accepted = Context(accepted={Because.DARK: severity})
    assert judge(look_of_it, None, accepted).verdict is HEALTHY
    damaged = Context(accepted={Because.TORN: 5.0})  # decoder errors never come so high
    assert judge(BRIGHT, None, damaged, damaged=True).verdict is Verdict.CORRUPT


def test_one_damaged_picture_is_enough_where_damage_was_suspected() -> None:
    looks = [BRIGHT, BRIGHT, BRIGHT, BRIGHT]
    judgements = [judge(each, None, damaged=number == 1) for number, each in enumerate(looks)]
    assert judge_burst(judgements, changed(0.9), looks).verdict is HEALTHY  # type: ignore[union-attr]
    again = Context(suspected=Verdict.CORRUPT)
    found = judge_burst(judgements, changed(0.9), looks, again)
    assert found is not None and found.verdict is Verdict.CORRUPT


def judged(before: Bytes2D, after: Bytes2D) -> Verdict | None:
    looks = [look(before), look(after)]
    judgement = judge_burst(
        [judge(each, None) for each in looks], change_in([before, after]), looks
    )
    return judgement.verdict if judgement else None


def test_a_black_picture_is_black_whatever_its_noise_and_with_a_running_clock() -> None:
    for deviation in (0.5, 3, 8):
        one, two = (noisy(flat(5), deviation, seed) for seed in (1, 2))
        assert judged(one, two) is BLACK
        assert judged(clock(one, "21:40:12"), clock(two, "21:40:18")) is BLACK


def test_a_night_with_lamps_is_not_black() -> None:
    def night(seed: int) -> Bytes2D:
        picture = flat(8)
        for number in range(12):
            picture[150:170, 40 + number * 50 : 52 + number * 50] = 220
        return noisy(picture, 3, seed)

    assert look(night(1)).brightness < 40
    assert judged(night(1), night(2)) is HEALTHY


def test_a_still_scene_with_the_sensors_noise_is_not_frozen() -> None:
    assert judged(noisy(scene(), 1.5, 1), noisy(scene(), 1.5, 2)) is HEALTHY


def test_the_very_same_picture_is_frozen_with_or_without_a_running_clock() -> None:
    picture = noisy(scene(), 3, 1)
    assert judged(picture, picture.copy()) is FROZEN
    assert judged(clock(picture, "21:40:12"), clock(picture, "21:47:58")) is FROZEN


def test_fog_with_the_sensors_noise_is_healthy() -> None:
    fog = np.full((360, 640), 150, np.uint8)
    assert judged(noisy(fog, 2, 1), noisy(fog, 2, 2)) is HEALTHY


def known(unrest: float = 3.0, probes: int = 8) -> Context:
    """Of a camera whose noise is usually so strong."""
    return Context(replace(day(learned(seen())), probes=probes, unrest=unrest, motion=1.0))


# Of a standing picture beside a large clock, as an encoder of H.265 leaves it.
STANDS = Change(0.9, 0.9, level=1.3, motion=0.9, witnesses=144, drift=0.3, same=0.02)


def test_where_no_light_moves_and_noise_is_gone_a_burst_is_worth_its_price() -> None:
    assert may_stand_still(STANDS, known())
    assert not may_stand_still(None, known())
    assert not may_stand_still(STANDS, Context())
    assert not may_stand_still(STANDS, known(probes=2))
    assert not may_stand_still(STANDS, known(unrest=1.3))  # it never has more noise
    assert not may_stand_still(replace(STANDS, drift=0.6), known())
    assert not may_stand_still(replace(STANDS, motion=5), known())
    assert judge(BRIGHT, STANDS, known(unrest=2.0)).verdict is HEALTHY


@pytest.mark.parametrize(
    ("echo", "since", "verdict"),
    [
        (0.2, STANDS, FROZEN),
        (0.05, STANDS, HEALTHY),
        (0.2, replace(STANDS, level=2.0), HEALTHY),  # the usual noise: a coarse encoder's chance
        (0.2, replace(STANDS, drift=0.6), HEALTHY),
        (0.2, None, HEALTHY),
    ],
)
def test_blocks_that_repeat_are_frozen_only_where_nothing_moved_since_the_last_probe(
    echo: float, since: Change | None, verdict: Verdict
) -> None:
    looks = [BRIGHT, BRIGHT, BRIGHT]
    burst = replace(STANDS, drift=0.0, echo=echo)
    judgements = [judge(each, None) for each in looks]
    found = judge_burst(judgements, burst, looks, known(unrest=2.0), since=since)
    assert found is not None and found.verdict is verdict
    assert verdict is HEALTHY or found.numbers["same"] == echo


def test_frozen_tells_the_number_that_it_rests_on() -> None:
    """A picture that stands between two moments in which it jumped."""
    burst = Change(0.6, 0.6, level=0.1, motion=0.3, witnesses=144, stillest=0.01)
    looks = [BRIGHT, BRIGHT, BRIGHT]
    found = judge_burst([judge(each, None) for each in looks], burst, looks, Context())
    assert found is not None and found.verdict is FROZEN
    assert found.numbers["scene"] == 0.01
