"""What holds of health whatever cameras do and whatever the clock does."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitoring.health import Began, Event, Gap, Health, Rules, step
from monitoring.verdicts import Reason, Verdict

START = datetime.fromisoformat("2026-11-02T08:00:00+07:00")
Probes = list[tuple[Verdict, int]]

found = st.sampled_from([Verdict.HEALTHY, Verdict.BLACK, Verdict.FROZEN, Verdict.OFFLINE])
# Minutes since the probe before: mostly regular, sometimes a long silence or a clock set back.
pauses = st.one_of(st.just(5), st.just(5), st.integers(-120, 120))
probes = st.lists(st.tuples(found, pauses), max_size=60)
rules = st.builds(Rules, st.integers(1, 4), st.integers(1, 4), st.just(timedelta(minutes=15)))


@dataclass
class Span:
    """A stretch of time as chronicle.py makes them."""

    verdict: Verdict
    began: datetime
    ended: datetime | None = None


def follow(probes: Probes, rules: Rules) -> list[tuple[Health, list[Event]]]:
    """After each probe: what is known, and what happened by it."""
    known, at, steps = Health(), START, []
    for verdict, pause in probes:
        at += timedelta(minutes=pause)
        reason = Reason.REFUSED if verdict is Verdict.OFFLINE else Reason.NONE
        known, events = step(known, verdict, reason, at, rules)
        steps.append((known, events))
    return steps


def spans_of(steps: list[tuple[Health, list[Event]]]) -> list[Span]:
    spans: list[Span] = []
    for _known, events in steps:
        for event in events:
            if isinstance(event, Gap):
                spans[-1].ended = event.began
                spans.append(Span(Verdict.UNMONITORED, event.began, event.ended))
                spans.append(Span(spans[-2].verdict, event.ended))
            else:
                if spans:
                    spans[-1].ended = event.since
                spans.append(Span(event.verdict, event.since))
    return spans


@given(probes, rules)
def test_spans_follow_one_another_without_overlap_hole_or_step_backwards(
    probes: Probes, rules: Rules
) -> None:
    spans = spans_of(follow(probes, rules))
    for span, following in pairwise(spans):
        assert span.ended is not None
        assert span.began <= span.ended == following.began
    assert all(span.ended is None for span in spans[-1:])


@given(probes, rules)
def test_the_last_span_is_what_is_known(probes: Probes, rules: Rules) -> None:
    steps = follow(probes, rules)
    spans, known = spans_of(steps), steps[-1][0] if steps else Health()
    if known.verdict is Verdict.PENDING:
        assert spans == []
    else:
        assert (spans[-1].verdict, spans[-1].began) == (known.verdict, known.since)


@given(probes, rules)
def test_no_verdict_begins_that_was_confirmed_already(probes: Probes, rules: Rules) -> None:
    before = Verdict.PENDING
    for known, events in follow(probes, rules):
        begun = [event for event in events if isinstance(event, Began)]
        assert len(begun) <= 1
        for event in begun:
            assert event.verdict is not before
            assert (event.verdict, event.since) == (known.verdict, known.since)
        assert known.verdict is (begun[0].verdict if begun else before)
        before = known.verdict


@given(probes, rules)
def test_what_is_known_is_consistent_after_every_probe(probes: Probes, rules: Rules) -> None:
    last = START - timedelta(days=365)
    for known, _events in follow(probes, rules):
        assert known.probed_at is not None and known.probed_at >= last
        last = known.probed_at
        assert (known.since is None) is (known.verdict is Verdict.PENDING)
        assert known.since is None or known.since <= last
        assert (known.reason is Reason.NONE) is (known.verdict is not Verdict.OFFLINE)
        if known.suspicion is not None:
            assert known.suspicion.verdict is not known.verdict
            assert known.suspicion.probes < max(rules.confirm_after, rules.recover_after)
            assert (known.since or START - timedelta(days=365)) <= known.suspicion.since <= last


@given(probes, rules, found)
def test_a_verdict_that_holds_long_enough_is_always_confirmed(
    probes: Probes, rules: Rules, at_last: Verdict
) -> None:
    enough = max(rules.confirm_after, rules.recover_after)
    steps = follow([*probes, *[(at_last, 0)] * enough], rules)
    assert steps[-1][0].verdict is at_last
    assert steps[-1][0].suspicion is None


@given(st.lists(st.tuples(st.just(Verdict.HEALTHY), pauses), min_size=1, max_size=30), rules)
def test_a_camera_that_is_always_healthy_is_never_anything_else(
    probes: Probes, rules: Rules
) -> None:
    assert {span.verdict for span in spans_of(follow(probes, rules))} <= {
        Verdict.HEALTHY,
        Verdict.UNMONITORED,
    }
