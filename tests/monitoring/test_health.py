"""Health: how probes confirm a fault, and how good ones end it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitoring.health import Began, Event, Gap, Health, Rules, step
from monitoring.verdicts import Reason, Verdict

START = datetime.fromisoformat("2026-11-02T08:00:00+07:00")
HEALTHY, BLACK, FROZEN, OFFLINE, PENDING = (
    Verdict.HEALTHY,
    Verdict.BLACK,
    Verdict.FROZEN,
    Verdict.OFFLINE,
    Verdict.PENDING,
)
RULES = Rules(confirm_after=3, recover_after=2, stale_after=timedelta(minutes=15))


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def follow(
    *verdicts: Verdict, first: float = 0, known: Health | None = None, rules: Rules = RULES
) -> tuple[Health, list[Event]]:
    """One probe every five minutes; what is known after the last, and all that happened."""
    known, events = known or Health(), []
    for number, verdict in enumerate(verdicts):
        reason = Reason.REFUSED if verdict is OFFLINE else Reason.NONE
        known, happened = step(known, verdict, reason, minute(first + number * 5), rules)
        events += happened
    return known, events


def test_one_good_probe_makes_a_new_camera_healthy() -> None:
    known, events = follow(HEALTHY)
    assert events == [Began(HEALTHY, Reason.NONE, START)]
    assert known == Health(HEALTHY, Reason.NONE, START, None, START)


def test_a_fault_is_only_suspected_until_it_has_held_for_three_probes() -> None:
    known, events = follow(HEALTHY, BLACK, BLACK)
    assert (known.verdict, len(events)) == (HEALTHY, 1)
    assert known.suspicion is not None
    assert (known.suspicion.verdict, known.suspicion.probes) == (BLACK, 2)
    known, events = follow(BLACK, known=known, first=15)
    assert events == [Began(BLACK, Reason.NONE, minute(5))]  # from the first that showed it
    assert (known.verdict, known.since, known.suspicion) == (BLACK, minute(5), None)


def test_a_new_camera_too_is_faulty_only_after_three_probes() -> None:
    assert follow(OFFLINE, OFFLINE)[0].verdict is PENDING
    known, events = follow(OFFLINE, OFFLINE, OFFLINE)
    assert events == [Began(OFFLINE, Reason.REFUSED, START)]
    assert known.reason is Reason.REFUSED


def test_a_good_probe_clears_a_suspicion() -> None:
    known, events = follow(HEALTHY, BLACK, BLACK, HEALTHY, BLACK, BLACK)
    assert len(events) == 1
    assert known.suspicion is not None and known.suspicion.since == minute(20)


def test_two_good_probes_end_a_fault_and_one_does_not() -> None:
    known, events = follow(BLACK, BLACK, BLACK, HEALTHY, BLACK, HEALTHY)
    assert known.verdict is BLACK and len(events) == 1
    known, events = follow(HEALTHY, known=known, first=30)
    assert events == [Began(HEALTHY, Reason.NONE, minute(25))]


def test_while_nothing_is_confirmed_one_fault_may_turn_into_another() -> None:
    known, events = follow(HEALTHY, OFFLINE, BLACK, FROZEN)
    assert events[1:] == [Began(FROZEN, Reason.NONE, minute(5))]
    assert known.verdict is FROZEN


def test_a_confirmed_fault_gives_way_to_another_that_holds_for_three_probes() -> None:
    known, events = follow(BLACK, BLACK, BLACK, OFFLINE, OFFLINE, OFFLINE)
    assert events[1:] == [Began(OFFLINE, Reason.REFUSED, minute(15))]
    assert known.verdict is OFFLINE


def test_while_a_fault_is_confirmed_others_by_turns_change_nothing() -> None:
    known, events = follow(BLACK, BLACK, BLACK, OFFLINE, FROZEN, OFFLINE, FROZEN, OFFLINE)
    assert known.verdict is BLACK and len(events) == 1


def test_another_reason_for_the_same_verdict_is_taken_over_without_an_event() -> None:
    known, _events = follow(OFFLINE, OFFLINE, OFFLINE)
    known, events = step(known, OFFLINE, Reason.TIMED_OUT, minute(15), RULES)
    assert (known.reason, known.since, events) == (Reason.TIMED_OUT, START, [])


def test_a_long_silence_is_a_gap_and_the_verdict_goes_on_after_it_as_new() -> None:
    known, _events = follow(HEALTHY, HEALTHY)
    known, events = step(known, HEALTHY, Reason.NONE, minute(60), RULES)
    assert events == [Gap(began=minute(5), ended=minute(60))]
    assert (known.verdict, known.since) == (HEALTHY, minute(60))


@pytest.mark.parametrize(("silence", "gaps"), [(15, 0), (15.01, 1)])
def test_a_silence_may_last_as_long_as_the_rules_say(silence: float, gaps: int) -> None:
    known, _events = follow(HEALTHY)
    _known, events = step(known, HEALTHY, Reason.NONE, minute(silence), RULES)
    assert len(events) == gaps


def test_a_suspicion_from_before_a_gap_counts_no_more() -> None:
    known, _events = follow(HEALTHY, BLACK, BLACK)
    known, events = step(known, BLACK, Reason.NONE, minute(120), RULES)
    assert events == [Gap(began=minute(10), ended=minute(120))]
    assert known.verdict is HEALTHY
    assert known.suspicion is not None
    assert (known.suspicion.since, known.suspicion.probes) == (minute(120), 1)


def test_of_a_camera_of_which_nothing_is_confirmed_a_silence_is_no_gap() -> None:
    known, _events = follow(BLACK, BLACK)
    known, events = step(known, BLACK, Reason.NONE, minute(120), RULES)
    assert events == [] and known.verdict is PENDING
    assert known.suspicion is not None and known.suspicion.probes == 1


def test_a_gap_comes_before_what_the_probe_confirms() -> None:
    hasty = replace(RULES, confirm_after=1)
    known, _events = follow(HEALTHY)
    _known, events = step(known, BLACK, Reason.NONE, minute(60), hasty)
    assert events == [
        Gap(began=START, ended=minute(60)),
        Began(BLACK, Reason.NONE, minute(60)),
    ]


def test_a_clock_that_is_stepped_back_does_not_turn_time_back() -> None:
    known, _events = follow(HEALTHY, BLACK, BLACK)
    known, events = step(known, BLACK, Reason.NONE, minute(-600), RULES)
    assert events == [Began(BLACK, Reason.NONE, minute(5))]
    assert known.probed_at == minute(10)


@pytest.mark.parametrize("wrong", [{"confirm_after": 0}, {"recover_after": 0}])
def test_rules_that_confirm_without_a_probe_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Rules(**wrong)
