"""The chronicle: spans, incidents and their evidence, written from a batch's changes.

Each kind of row is read once and written once, however many cameras changed: a failed provider
link takes hundreds with it in the same minute. Runs inside the transaction of recording.record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitoring import pictures
from monitoring.health import Began, Event, Gap
from monitoring.models import CameraHealth, HealthSpan, Incident, Snapshot, SnapshotKind
from monitoring.verdicts import Verdict


@dataclass(frozen=True)
class Change:
    """An event of one camera.

    `row` is its health after the probe, `probes` how many the span that ends had seen, and
    `picture_kept` says whether this very probe left a rolling picture.
    """

    row: CameraHealth
    event: Event
    probes: int
    picture_kept: bool


def write_spans(changes: Iterable[Change]) -> None:
    """End the open spans that the changes end, and open the next."""
    changes = list(changes)
    running = HealthSpan.objects.filter(
        camera__in={change.row.pk for change in changes}, ended_at=None
    )
    open_spans = {span.camera_id: span for span in running} if changes else {}
    ended, new = [], []

    def end(camera_id: int, at: datetime, probes: int) -> HealthSpan | None:
        span = open_spans.pop(camera_id, None)
        if span is not None:
            span.ended_at, span.probes = max(at, span.began_at), probes
            if span.pk:
                ended.append(span)
        return span

    def begin(camera_id: int, verdict: str, reason: str, at: datetime) -> HealthSpan:
        span = HealthSpan(camera_id=camera_id, verdict=verdict, reason=reason, began_at=at)
        new.append(span)
        return span

    for change in changes:
        camera_id, event = change.row.pk, change.event
        match event:
            case Gap():
                before = end(camera_id, event.began, change.probes)
                silence = begin(camera_id, Verdict.UNMONITORED, "", event.began)
                silence.ended_at = event.ended
                if before is not None:
                    open_spans[camera_id] = begin(
                        camera_id, before.verdict, before.reason, event.ended
                    )
            case Began():
                end(camera_id, event.since, change.probes)
                open_spans[camera_id] = begin(camera_id, event.verdict, event.reason, event.since)
    # The old ones end first: no camera may have two open spans.
    HealthSpan.objects.bulk_update(ended, ["ended_at", "probes"], batch_size=200)
    HealthSpan.objects.bulk_create(new, batch_size=200)


def write_incidents(changes: Iterable[Change]) -> None:
    """Begin, go on with or end the incidents, and keep the pictures that prove it."""
    began = [change for change in changes if isinstance(change.event, Began)]
    if not began:
        return
    running = {
        incident.camera_id: incident
        for incident in Incident.objects.running().filter(
            camera__in=[change.row.pk for change in began]
        )
    }
    new: list[Incident] = []
    for change in began:
        event, row = change.event, change.row
        assert isinstance(event, Began) and row.probed_at is not None
        incident = running.get(row.pk)
        if event.verdict is Verdict.HEALTHY:
            if incident is not None:
                incident.ended_at = max(event.since, incident.began_at)
        elif incident is not None:
            incident.verdict, incident.reason = event.verdict, event.reason
        else:
            incident = running[row.pk] = Incident(
                camera_id=row.pk,
                verdict=event.verdict,
                reason=event.reason,
                began_at=event.since,
                confirmed_at=row.probed_at,
            )
            new.append(incident)
    known = [incident for incident in running.values() if incident.pk]
    Incident.objects.bulk_update(known, ["verdict", "reason", "ended_at"], batch_size=200)
    Incident.objects.bulk_create(new, batch_size=200)
    _keep_evidence(began, running, {incident.camera_id for incident in new})


def _keep_evidence(began: list[Change], incidents: dict[int, Incident], new_of: set[int]) -> None:
    kept: list[Snapshot] = []

    def keep(
        incident: Incident,
        kind: SnapshotKind,
        healthy: bool,
        at: datetime | None,
        measurements: dict[str, Any],
    ) -> None:
        if at is None:
            return
        if file := pictures.keep_evidence(incident.camera_id, healthy, at):
            verdict = Verdict.HEALTHY if healthy else incident.verdict
            kept.append(
                Snapshot(
                    camera_id=incident.camera_id,
                    incident=incident,
                    kind=kind,
                    verdict=verdict,
                    taken_at=at,
                    # Those of the probe at hand say nothing of an earlier picture.
                    measurements=measurements if kind is not SnapshotKind.BEFORE else {},
                    file=file,
                )
            )

    for change in began:
        row, incident = change.row, incidents.get(change.row.pk)
        if incident is None:
            continue
        if incident.ended_at is not None:
            if change.picture_kept:
                keep(incident, SnapshotKind.AFTER, True, row.healthy_picture_at, row.measurements)
            continue
        if row.pk in new_of:
            keep(incident, SnapshotKind.BEFORE, True, row.healthy_picture_at, row.measurements)
        if change.picture_kept:
            keep(incident, SnapshotKind.FAULT, False, row.faulty_picture_at, row.measurements)
    # An incident whose fault turned into another keeps its first picture of each kind.
    Snapshot.objects.bulk_create(kept, ignore_conflicts=True, batch_size=200)
