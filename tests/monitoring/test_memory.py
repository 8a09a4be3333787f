"""Memory: what is learned of a camera, how slowly, and what comes back from the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from monitoring.looking import Change, Look, look
from monitoring.memory import (
    LEARN_EVERY,
    YOUNG_PROBES,
    Light,
    Memory,
    Reference,
    learn,
    light_of,
    wants_burst,
)
from tests.monitoring.test_looking import noisy, scene

START = datetime(2026, 11, 24, 1, tzinfo=UTC)
ALIVE = Change(share=1.0, scene=1.0, level=3.0, motion=12.0, witnesses=144)


def seen(blur: float = 0, colour: float = 20, brightness: float | None = None) -> Look:
    picture = scene()
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8)
    found = replace(look(picture), colour=colour)
    return found if brightness is None else replace(found, brightness=brightness)


def learned(*looks: Look, every: timedelta = LEARN_EVERY) -> Memory:
    """A memory after these probes, in this order."""
    memory = Memory()
    for number, each in enumerate(looks):
        reference = learn(memory, each, ALIVE, START + number * every)
        if reference is not None:
            others = [one for one in memory.references if one.light != reference.light]
            memory = Memory((*others, reference))
    return memory


def day(memory: Memory) -> Reference:
    reference = memory.of(Light.DAY)
    assert reference is not None
    return reference


def test_the_picture_itself_tells_under_which_light_it_was_taken() -> None:
    assert light_of(seen(colour=20, brightness=120)) is Light.DAY
    assert light_of(seen(colour=20, brightness=30)) is Light.NIGHT
    assert light_of(seen(colour=0.2, brightness=120)) is Light.INFRARED


def test_each_light_is_remembered_by_itself() -> None:
    memory = learned(seen(), seen(brightness=20), seen(colour=0))
    assert {each.light for each in memory.references} == set(Light)
    assert all(each.probes == 1 for each in memory.references)


def test_a_reference_comes_back_from_its_bytes_as_it_was() -> None:
    before = day(learned(seen(), seen(), seen()))
    data = before.pack()
    after = Reference.unpack(Light.DAY, data)
    assert after is not None and len(data) < 8192
    assert (after.probes, after.learned_at) == (before.probes, before.learned_at)
    assert after.motion == pytest.approx(12) and after.unrest == pytest.approx(3)
    taught = replace(before, again=0.04, echo=0.07, bursts=3)
    after = Reference.unpack(Light.DAY, taught.pack())
    assert after is not None and after.bursts == 3
    assert (after.again, after.echo) == (pytest.approx(0.04), pytest.approx(0.07))
    assert np.abs(after.view - before.view).max() <= 0.5
    assert np.allclose(after.detail, before.detail, rtol=0.01)


@pytest.mark.parametrize("data", [b"", b"x" * 100, bytes(5488)])
def test_bytes_that_another_version_wrote_are_forgotten(data: bytes) -> None:
    assert Reference.unpack(Light.DAY, data) is None


@pytest.mark.parametrize("at", [3, 4, 9, 10, 18, 100, 300, 900], ids="byte {}".format)
def test_damaged_bytes_are_forgotten_or_give_numbers(at: int) -> None:
    """None of them may stop the batch in which their camera is probed."""
    data = day(learned(seen(), seen())).pack()
    for harm in (b"\xff\xff", b"\x00\x7e", b"\x00\xfc"):
        found = Reference.unpack(Light.DAY, data[:at] + harm + data[at + 2 :])
        if found is not None:
            assert np.isfinite(found.detail).all() and np.isfinite(found.trust).all()
            assert not np.isnan([found.brightness, found.found, found.motion, found.echo]).any()


def test_what_a_clock_that_was_ahead_learned_does_not_end_learning() -> None:
    grown = day(learned(*[seen()] * YOUNG_PROBES))
    ahead = Memory((replace(grown, learned_at=START + timedelta(days=400)),))
    later = learn(ahead, seen(), ALIVE, START + timedelta(hours=20))
    assert later is not None and later.learned_at == START + timedelta(hours=20)


def test_a_young_reference_takes_in_every_probe_and_a_grown_one_one_in_half_an_hour() -> None:
    often = timedelta(minutes=5)
    assert day(learned(*[seen()] * YOUNG_PROBES, every=often)).probes == YOUNG_PROBES
    assert day(learned(*[seen()] * 30, every=often)).probes < YOUNG_PROBES + 6


def test_a_view_that_changes_slowly_is_followed() -> None:
    first, later = seen(), replace(seen(), view=look(scene(seed=2)).view)
    reference = day(learned(*[first] * 8, *[later] * 60))
    assert reference.likeness(later).found > 0.9


def test_a_lens_that_slips_out_of_focus_within_a_day_is_not_learned_as_the_usual() -> None:
    sharp, soft = seen(), seen(blur=6)
    reference = day(learned(*[sharp] * 10, *[soft] * 48))
    assert reference.likeness(soft).sharpness < 0.4


def test_a_lens_that_was_put_right_is_learned_at_once() -> None:
    reference = day(learned(*[seen(blur=6)] * 10, *[seen()] * 24))
    assert reference.likeness(seen()).sharpness > 0.8


def test_only_what_never_stands_still_counts_as_the_least_motion() -> None:
    memory = learned(seen())
    for number, motion in enumerate((12, 9, 1.5, 14)):
        at = START + (number + 1) * LEARN_EVERY
        reference = learn(memory, seen(), replace(ALIVE, motion=motion), at)
        assert reference is not None
        memory = Memory((reference,))
    assert day(memory).motion < 2


def test_the_most_that_a_living_camera_repeats_itself_is_learned_at_once_and_slowly_forgotten() -> (
    None
):
    memory = learned(seen())
    for number, echo in enumerate((0.01, 0.08, 0.02)):
        at = START + (number + 1) * LEARN_EVERY
        burst = replace(ALIVE, echo=echo)
        reference = learn(memory, seen(), replace(ALIVE, echo=echo / 2), at, burst)
        assert reference is not None
        memory = Memory((reference,))
    assert 0.07 < day(memory).echo < 0.08 and 0.035 < day(memory).again < 0.04
    assert day(memory).bursts == 3 and day(memory).knows_echo


def wanted(probes: int, bursts: int, after: timedelta = LEARN_EVERY) -> bool:
    reference = replace(day(learned(seen())), probes=probes, bursts=bursts)
    return wants_burst(Memory((reference,)), seen(), START + after)


def test_a_burst_is_wanted_three_times_while_young_and_then_once_in_a_day_of_its_light() -> None:
    made: list[int] = []
    for probes in range(1, 120):
        if wanted(probes, len(made)):
            made.append(probes)
    assert made == [3, 5, 7, 47, 95]
    assert not wanted(47, 3, LEARN_EVERY / 2)
    assert not wants_burst(Memory(), seen(), START)


def test_a_burst_that_could_not_be_had_is_owed() -> None:
    assert wanted(4, 0) and wanted(30, 2) and wanted(60, 3)
    assert not wanted(4, 1) and not wanted(30, 3) and not wanted(60, 4)


def recalled(memory: Memory, look: Look, sun: float, sun_then: float = 60) -> Reference | None:
    """What is recalled while the sun stands so, where it stood at `sun_then` while learning."""
    now = START + timedelta(days=30)
    return memory.recall(look, lambda at: sun if at == now else sun_then, now)


def test_where_the_sun_leaves_no_doubt_the_reference_of_that_hour_counts() -> None:
    memory, dark = learned(*[seen()] * 3), seen(brightness=20)
    assert recalled(memory, dark, sun=60) is day(memory)  # a hand before the lens
    assert recalled(memory, dark, sun=2) is None  # dusk, maybe
    assert recalled(memory, dark, sun=-30) is None  # its first night
    night = learned(*[dark] * 3)
    assert recalled(night, seen(), sun=-30, sun_then=-40) is night.of(Light.NIGHT)


def test_a_fault_that_changes_the_very_light_is_held_against_the_light_before() -> None:
    lit = learned(*[seen(brightness=63)] * 8)  # a street by night, lit as if by day
    for changed in (seen(brightness=20), seen(colour=0, brightness=63)):
        assert recalled(lit, changed, sun=-30, sun_then=-35) is day(lit)


def test_between_day_and_night_the_reference_that_is_as_bright_counts() -> None:
    memory = learned(*[seen(brightness=64)] * 4)
    assert recalled(memory, seen(brightness=58), sun=-2) is day(memory)
    assert recalled(memory, seen(brightness=40), sun=-2) is None


def test_a_street_at_the_border_of_two_lights_is_learned_as_one() -> None:
    memory = learned(*[seen(brightness=level) for level in (58, 63, 57, 66, 59, 62)])
    assert [each.probes for each in memory.references] == [6]
    grey = learned(*[seen(colour=colour) for colour in (1.8, 1.3, 1.6, 1.4)])
    assert [each.probes for each in grey.references] == [4]


def test_what_a_healthy_camera_shows_now_and_then_is_remembered_as_its_least() -> None:
    sharp = seen()
    reference = day(learned(*[sharp] * 4, replace(sharp, detail=sharp.detail * 0.7)))
    assert 0.6 <= reference.least_sharpness < 0.8
    gone = day(learned(*[sharp] * 4, seen(blur=6)))
    assert gone.least_sharpness == pytest.approx(0.6)  # so soft a picture is not got used to


def test_noise_alone_changes_nothing_of_what_is_found_again() -> None:
    memory = learned(*[replace(look(noisy(scene(), 4, seed)), colour=20) for seed in range(8)])
    like = day(memory).likeness(look(noisy(scene(), 4, 99)))
    assert like.found > 0.9 and 0.8 < like.sharpness < 1.25 and like.hidden == 0
