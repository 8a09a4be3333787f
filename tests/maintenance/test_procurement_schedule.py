"""The arithmetic of plans: working days, anchors, what has happened, what is late."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.procurement_schedule import (
    Actual,
    Edge,
    Pace,
    Role,
    Span,
    Step,
    Unit,
    forecast,
    plan,
    working_days_late,
)
from maintenance.workdays import Calendar

# Wednesday 25 December 2013 and the leave on the 26th; weekends are off by themselves.
CALENDAR = Calendar({date(2013, 12, 25): "Natal", date(2013, 12, 26): "Cuti bersama"})
MONDAY = date(2013, 12, 16)

ANNOUNCED = Step("announcement", 5, 4, role=Role.ANNOUNCEMENT)
EXPLAINED = Step("explanation", 1, 1, anchor="announcement", anchor_edge=Edge.START, gap_days=3)
BIDS = Step("bids", 3, 2, anchor="explanation")
OPENED = Step("opening", 1, 1, gap_days=0)
ANSWER = Step("answer", 2, 1, optional=True)
CONTRACT = Step("contract", 2, 1, role=Role.CONTRACT)
WORK = Step("work", 30, 1, unit=Unit.CALENDAR, role=Role.WORK)
STEPS = [ANNOUNCED, EXPLAINED, BIDS, OPENED, ANSWER, CONTRACT, WORK]


def planned(**options: object) -> dict[str, Span]:
    return plan(STEPS, MONDAY, CALENDAR, **{"work_days": 10, **options})


def december(first: int, last: int) -> Span:
    return Span(date(2013, 12, first), date(2013, 12, last))


def test_a_stage_of_five_working_days_from_monday_ends_on_friday() -> None:
    assert planned()["announcement"] == december(16, 20)


def test_a_stage_is_reckoned_from_the_start_of_its_anchor() -> None:
    assert planned()["explanation"] == december(19, 19)


def test_bids_begin_the_working_day_after_the_explanation_and_skip_the_weekend() -> None:
    assert planned()["bids"] == december(20, 24)


def test_without_a_gap_a_stage_is_on_the_day_the_one_before_it_ends() -> None:
    assert planned()["opening"] == december(24, 24)


def test_holidays_and_collective_leave_are_no_working_days() -> None:
    assert planned()["contract"] == Span(date(2013, 12, 27), date(2013, 12, 30))


def test_calendar_days_run_through_holidays_and_weekends() -> None:
    assert planned()["work"] == Span(date(2013, 12, 31), date(2014, 1, 9))


def test_an_optional_stage_takes_no_time_until_it_is_needed() -> None:
    assert "answer" not in planned()
    needed = [replace(step, optional=False) for step in STEPS]
    with_answer = plan(needed, MONDAY, CALENDAR, work_days=10)
    assert with_answer["answer"] == Span(date(2013, 12, 27), date(2013, 12, 30))
    assert with_answer["contract"].start == date(2013, 12, 31)


def test_a_plan_begins_on_a_working_day() -> None:
    assert plan(STEPS, date(2013, 12, 14), CALENDAR, work_days=10) == planned()


def test_the_fastest_pace_takes_the_least_of_every_stage() -> None:
    fastest = planned(pace=Pace.FASTEST)
    assert fastest["announcement"] == december(16, 19)
    assert fastest["contract"] == december(24, 24)
    assert fastest["work"].end == date(2014, 1, 3)  # the work takes what it takes


def test_moving_one_stage_moves_those_after_it_and_none_before() -> None:
    late = forecast(
        STEPS,
        MONDAY,
        CALENDAR,
        {
            "announcement": Actual(MONDAY, date(2013, 12, 20)),
            "explanation": Actual(date(2013, 12, 23)),
        },
        work_days=10,
    )
    assert late["announcement"] == december(16, 20)
    assert late["explanation"] == december(23, 23)
    assert late["bids"] == Span(date(2013, 12, 24), date(2013, 12, 30))
    assert late["contract"].start == date(2013, 12, 31)


def test_what_ended_early_brings_those_after_it_forward() -> None:
    early = forecast(
        STEPS,
        MONDAY,
        CALENDAR,
        {"bids": Actual(date(2013, 12, 20), date(2013, 12, 20))},
        work_days=10,
    )
    assert early["contract"] == december(23, 24)


def test_what_is_open_today_cannot_end_in_the_past() -> None:
    today = date(2013, 12, 30)
    looks = forecast(
        STEPS, MONDAY, CALENDAR, {"announcement": Actual(MONDAY)}, work_days=10, not_before=today
    )
    assert looks["announcement"] == Span(MONDAY, today)
    assert looks["explanation"].start == today


def test_a_stage_put_off_by_hand_waits_and_takes_the_others_along() -> None:
    steps = [
        replace(step, not_before=date(2013, 12, 24)) if step is BIDS else step for step in STEPS
    ]
    looks = plan(steps, MONDAY, CALENDAR, work_days=10)
    assert looks["bids"] == Span(date(2013, 12, 24), date(2013, 12, 30))
    assert looks["contract"].start == date(2013, 12, 31)


def test_in_a_later_round_a_stage_whose_anchor_is_gone_follows_the_one_before_it() -> None:
    looks = plan([BIDS, OPENED, CONTRACT], MONDAY, CALENDAR, work_days=10)
    assert looks["bids"] == december(16, 18)
    looks = plan([ANNOUNCED, BIDS], MONDAY, CALENDAR, work_days=10)
    assert looks["bids"].start == date(2013, 12, 23)


@pytest.mark.parametrize(
    ("ended", "today", "days"),
    [
        (date(2013, 12, 20), date(2014, 1, 6), 0),
        (date(2013, 12, 23), date(2014, 1, 6), 1),
        (date(2013, 12, 27), date(2014, 1, 6), 3),  # Natal and the leave are not counted
        (date(2013, 12, 18), date(2014, 1, 6), 0),
        (None, date(2013, 12, 20), 0),
        (None, date(2013, 12, 22), 0),  # Sunday
        (None, date(2013, 12, 24), 2),
    ],
)
def test_lateness_counts_working_days_after_the_day_it_was_due(
    ended: date | None, today: date, days: int
) -> None:
    assert working_days_late(date(2013, 12, 20), ended, today, CALENDAR) == days


@given(
    starts=st.dates(date(2013, 1, 1), date(2014, 12, 31)),
    days=st.lists(st.tuples(st.integers(1, 15), st.integers(0, 3)), min_size=1, max_size=12),
)
def test_any_plan_is_in_order_and_as_long_as_it_says(
    starts: date, days: list[tuple[int, int]]
) -> None:
    steps = [Step(f"s{n}", length, 1, gap_days=gap) for n, (length, gap) in enumerate(days)]
    spans = plan(steps, starts, CALENDAR, work_days=1)
    previous = None
    for step in steps:
        span = spans[step.code]
        assert CALENDAR.is_working_day(span.start) and CALENDAR.is_working_day(span.end)
        assert CALENDAR.count(span.start, span.end) == step.typical_days - 1
        if previous is not None:
            assert CALENDAR.count(previous.end, span.start) == step.gap_days
        previous = span


@pytest.mark.parametrize(
    ("began", "ends"),
    [
        (date(2013, 12, 14), date(2013, 12, 20)),  # a Saturday: Monday is its first working day
        (date(2013, 12, 25), date(2014, 1, 2)),  # Christmas: the 27th is
        (date(2013, 12, 16), date(2013, 12, 20)),
    ],
)
def test_a_stage_that_began_on_a_day_off_still_has_all_its_working_days(
    began: date, ends: date
) -> None:
    spans = forecast(STEPS, MONDAY, CALENDAR, {"announcement": Actual(began)}, work_days=10)
    assert spans["announcement"] == Span(began, ends)
