"""Feedback: what people tell the eye. Each deed in one transaction; done twice, it is done once."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from monitoring import references
from monitoring.models import CameraHealth, HealthSpan, Incident, Lesson, SnapshotKind
from monitoring.verdicts import Verdict

__all__ = ["call_false_alarm", "view_is_right"]

# Judged against the camera's own past: when that was wrong, so is the past that it kept.
_BY_REFERENCE = (Verdict.MOVED, Verdict.COVERED, Verdict.DEFOCUSED)


@transaction.atomic
def call_false_alarm(incident_id: int, reason: str, person: User | None) -> Lesson:
    """There was no fault: close the incident, give the camera its good time back, remember it.

    1. The camera's health row is locked, as recording locks it, and then the incident.
    2. An incident that was called false before keeps its first lesson.
    3. Still running, it ends now; the camera counts as healthy since the incident began. A fault
       that is older than the incident (planned work held it back) is cut there: of the time
       before, nothing was said.
    4. What the picture measured is kept as what this camera may look like.
    """
    now = timezone.now()
    camera_id = Incident.objects.values_list("camera_id", flat=True).get(pk=incident_id)
    health = CameraHealth.objects.select_for_update().filter(pk=camera_id).first()
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    taught = Lesson.objects.filter(incident=incident).first()
    if taught is not None:
        return taught
    measurements = _measured(incident, health)
    faulty = HealthSpan.objects.filter(
        camera=camera_id, verdict__in=[str(verdict) for verdict in Verdict if verdict.is_faulty]
    )
    _cut(faulty, incident.began_at, health)
    spans = faulty.filter(began_at__gte=incident.began_at)
    if incident.ended_at is None:
        incident.ended_at = max(now, incident.began_at)
        incident.save(update_fields=["ended_at"])
        if health is not None:
            _make_healthy(health, incident.began_at)
    else:
        spans = spans.filter(began_at__lt=incident.ended_at)
    spans.update(verdict=str(Verdict.HEALTHY), reason="")
    if incident.verdict in _BY_REFERENCE:
        references.forget(camera_id, now)
    return Lesson.objects.create(
        camera_id=camera_id,
        incident=incident,
        verdict=incident.verdict,
        severity=float(measurements.get("severity", 0) or 0),
        measurements=measurements,
        reason=reason,
        taught_by=person,
        taught_at=now,
    )


def _measured(incident: Incident, health: CameraHealth | None) -> dict[str, Any]:
    """Of a picture that shows the fault at issue: an incident keeps its first, and its fault may
    have become another since."""
    shown = incident.snapshot(SnapshotKind.FAULT)
    if shown is not None and shown.verdict == incident.verdict:
        return dict(shown.measurements)
    if health is not None and incident.ended_at is None and health.verdict == incident.verdict:
        return dict(health.measurements)
    return {}


def _cut(spans: QuerySet[HealthSpan], at: datetime, health: CameraHealth | None) -> None:
    """Divide the spans that hold at this moment in two; the earlier part keeps the probes counted,
    for nobody knows how many of them were later."""
    for span in spans.filter(Q(ended_at=None) | Q(ended_at__gt=at), began_at__lt=at):
        ended_at, span.ended_at = span.ended_at, at
        if ended_at is None and health is not None:
            span.probes, health.span_probes = health.span_probes, 0
        span.save(update_fields=["ended_at", "probes"])
        HealthSpan.objects.create(
            camera_id=span.camera_id,
            verdict=span.verdict,
            reason=span.reason,
            began_at=at,
            ended_at=ended_at,
        )


def _make_healthy(health: CameraHealth, since: datetime) -> None:
    """Healthy since then. Its next turn is now: those of a camera that is held for dead are rarer,
    and the time until one came would count as unmonitored."""
    health.verdict, health.reason, health.since = Verdict.HEALTHY, "", since
    health.suspected_verdict, health.suspected_reason = "", ""
    health.suspected_since, health.suspected_probes = None, 0
    health.due_at = min(health.due_at, timezone.now())
    health.save(
        update_fields=[
            "verdict",
            "reason",
            "since",
            "span_probes",
            "suspected_verdict",
            "suspected_reason",
            "suspected_since",
            "suspected_probes",
            "due_at",
        ]
    )


@transaction.atomic
def view_is_right(camera_id: int) -> None:
    """What the camera shows now is what it is to show: its references are learned anew."""
    CameraHealth.objects.select_for_update().filter(pk=camera_id).first()
    references.forget(camera_id, timezone.now())
