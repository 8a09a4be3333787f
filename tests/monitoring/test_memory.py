"""Memory: what is learned of a camera, how slowly, and what comes back from the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from monitoring.looking import Change, Look, look
from monitoring.memory import LEARN_EVERY, YOUNG_PROBES, Light, Memory, Reference, learn, light_of
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
    assert np.abs(after.view - before.view).max() <= 0.5
    assert np.allclose(after.detail, before.detail, rtol=0.01)


@pytest.mark.parametrize("data", [b"", b"x" * 100, bytes(5488)])
def test_bytes_that_another_version_wrote_are_forgotten(data: bytes) -> None:
    assert Reference.unpack(Light.DAY, data) is None


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


def test_where_the_sun_leaves_no_doubt_the_reference_of_that_hour_counts() -> None:
    memory, dark = learned(*[seen()] * 3), seen(brightness=20)
    assert memory.recall(dark, sun_elevation=60) is day(memory)
    assert memory.recall(dark, sun_elevation=2) is None
    assert memory.recall(dark, sun_elevation=-30) is None
    night = learned(*[dark] * 3)
    assert night.recall(seen(), sun_elevation=-30) is night.of(Light.NIGHT)


def test_between_day_and_night_the_reference_that_is_as_bright_counts() -> None:
    memory = learned(*[seen(brightness=64)] * 4)
    assert memory.recall(seen(brightness=58), sun_elevation=-2) is day(memory)
    assert memory.recall(seen(brightness=40), sun_elevation=-2) is None


def test_noise_alone_changes_nothing_of_what_is_found_again() -> None:
    memory = learned(*[replace(look(noisy(scene(), 4, seed)), colour=20) for seed in range(8)])
    like = day(memory).likeness(look(noisy(scene(), 4, 99)))
    assert like.found > 0.9 and 0.8 < like.sharpness < 1.25 and like.hidden == 0
