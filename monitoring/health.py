"""Health: what one more probe changes in what is known of a camera. Pure; no Django, no clock.

A verdict is *confirmed* (hard) when it has held for some probes in a row; until then it is only
*suspected* (soft), and what was confirmed before stands. A confirmed change counts from the first
probe that showed it, so downtime is neither lost nor doubled by the waiting.

    pending ── one good probe ──────────────────────► healthy
    pending or healthy ── confirm_after bad probes ──► faulty      event: Began
    faulty ── recover_after good probes ─────────────► healthy     event: Began
    faulty ── confirm_after probes of another fault ─► that fault  event: Began
    any ── nobody probed for longer than stale_after ► the same    event: Gap
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitoring.verdicts import Reason, Verdict


@dataclass(frozen=True)
class Rules:
    """How many probes in a row it takes, and how long a silence of ours may last."""

    confirm_after: int = 3
    recover_after: int = 2
    stale_after: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if self.confirm_after < 1 or self.recover_after < 1:
            raise ValueError("confirm_after and recover_after are at least 1 probe")


@dataclass(frozen=True)
class Suspicion:
    """A verdict that contradicts the confirmed one, and how often it has been seen in a row."""

    verdict: Verdict
    reason: Reason
    since: datetime
    probes: int


@dataclass(frozen=True)
class Health:
    """What is known of one camera."""

    verdict: Verdict = Verdict.PENDING
    reason: Reason = Reason.NONE
    since: datetime | None = None
    suspicion: Suspicion | None = None
    probed_at: datetime | None = None


@dataclass(frozen=True)
class Began:
    """A verdict is confirmed; it has held since `since`, and what stood before ended then."""

    verdict: Verdict
    reason: Reason
    since: datetime


@dataclass(frozen=True)
class Gap:
    """Nobody looked from `began` to `ended`; the confirmed verdict goes on after it, as new."""

    began: datetime
    ended: datetime


Event = Began | Gap


def step(
    health: Health, verdict: Verdict, reason: Reason, at: datetime, rules: Rules
) -> tuple[Health, list[Event]]:
    """What is known after a probe that found `verdict` at `at`, and what happened by it.

    Time never runs backwards in the record: when the clock was stepped back, a probe counts as
    made at the moment of the one before it.
    """
    if health.probed_at is not None:
        at = max(at, health.probed_at)
    events: list[Event] = []
    if health.probed_at is not None and at - health.probed_at > rules.stale_after:
        # Soft evidence from before the silence is too old to add to.
        if health.since is not None:
            events.append(Gap(began=health.probed_at, ended=at))
            health = replace(health, since=at)
        health = replace(health, suspicion=None)
    health = replace(health, probed_at=at)

    if verdict == health.verdict:
        return replace(health, reason=reason, suspicion=None), events

    suspicion = _suspect(health, verdict, reason, at)
    if suspicion.probes < _needed(health, verdict, rules):
        return replace(health, suspicion=suspicion), events
    confirmed = Health(
        verdict=verdict, reason=reason, since=suspicion.since, suspicion=None, probed_at=at
    )
    return confirmed, [*events, Began(verdict, reason, suspicion.since)]


def _suspect(health: Health, verdict: Verdict, reason: Reason, at: datetime) -> Suspicion:
    """The suspicion after one more probe that contradicts the confirmed verdict."""
    before = health.suspicion
    goes_on = before is not None and (
        before.verdict == verdict
        # While nothing bad is confirmed, one fault may turn into another (offline, then black)
        # without starting the count afresh: the camera is bad all the same.
        or (not health.verdict.is_faulty and before.verdict.is_faulty and verdict.is_faulty)
    )
    if before is None or not goes_on:
        return Suspicion(verdict, reason, since=at, probes=1)
    return Suspicion(verdict, reason, since=before.since, probes=before.probes + 1)


def _needed(health: Health, verdict: Verdict, rules: Rules) -> int:
    """Probes in a row that confirm `verdict` against what is confirmed now."""
    if verdict is not Verdict.HEALTHY:
        return rules.confirm_after
    return 1 if health.verdict is Verdict.PENDING else rules.recover_after
