"""The chronicle: spans, incidents and their evidence, written from a batch's changes.

Each kind of row is read once and written once, however many cameras changed: a failed provider
link takes hundreds with it in the same minute. Runs inside the transaction of recording.record.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from monitoring import pictures, planned
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
    """Begin, go on with or end the incidents, and keep the pictures that prove it.

    Of cameras that flap, none is begun and none ended; in planned work, none is begun.
    alarms.make_up() sees to what is left over afterwards.
    """
    began = [change for change in changes if isinstance(change.event, Began)]
    if not began:
        return
    running = {
        incident.camera_id: incident
        for incident in Incident.objects.running().filter(
            camera__in=[change.row.pk for change in began]
        )
    }
    is_held_back = held_back(
        [each.row for each in began if _is_faulty(each) and each.row.pk not in running]
    )
    new: list[Incident] = []
    evidence: list[Evidence] = []
    for change in began:
        event, row = change.event, change.row
        assert isinstance(event, Began) and row.probed_at is not None
        incident = running.get(row.pk)
        if event.verdict is Verdict.HEALTHY:
            if incident is not None and not row.is_flapping:
                incident.ended_at = max(event.since, incident.began_at)
                evidence += after(incident, row, change.picture_kept)
        elif incident is not None:
            incident.verdict, incident.reason = event.verdict, event.reason
            evidence += fault(incident, row, change.picture_kept)
        elif row.pk not in is_held_back:
            incident = running[row.pk] = begun(row, event.since)
            new.append(incident)
            evidence += before(incident, row) + fault(incident, row, change.picture_kept)
    known = [incident for incident in running.values() if incident.pk]
    Incident.objects.bulk_update(known, ["verdict", "reason", "ended_at"], batch_size=200)
    Incident.objects.bulk_create(new, batch_size=200)
    keep(evidence)


def _is_faulty(change: Change) -> bool:
    return isinstance(change.event, Began) and change.event.verdict is not Verdict.HEALTHY


def held_back(rows: Iterable[CameraHealth]) -> set[int]:
    """Which of these cameras may not begin an incident now; reads row.camera.site."""
    rows = list(rows)
    if not rows:
        return set()
    covered = planned.cover(timezone.now())
    return {row.pk for row in rows if row.is_flapping or covered.includes(row.camera)}


def begun(row: CameraHealth, since: datetime) -> Incident:
    """A new incident of the fault that is confirmed; not written yet."""
    return Incident(
        camera_id=row.pk,
        verdict=row.verdict,
        reason=row.reason,
        began_at=since,
        confirmed_at=timezone.now() if row.probed_at is None else row.probed_at,
    )


@dataclass(frozen=True)
class Evidence:
    """A rolling picture that is to be kept for an incident, and what was measured of it."""

    incident: Incident
    kind: SnapshotKind
    taken_at: datetime
    measurements: dict[str, Any] = field(default_factory=dict)


def before(incident: Incident, row: CameraHealth) -> list[Evidence]:
    """The last healthy picture, for an incident that begins."""
    at = row.healthy_picture_at
    return [Evidence(incident, SnapshotKind.BEFORE, at)] if at else []


def fault(incident: Incident, row: CameraHealth, is_there: bool) -> list[Evidence]:
    """The picture of the fault, if one `is_there`."""
    at = row.faulty_picture_at
    if not at or not is_there:
        return []
    return [Evidence(incident, SnapshotKind.FAULT, at, _measured(row, at))]


def after(incident: Incident, row: CameraHealth, is_there: bool) -> list[Evidence]:
    """The picture after recovery, if one `is_there`."""
    at = row.healthy_picture_at
    if not at or not is_there:
        return []
    return [Evidence(incident, SnapshotKind.AFTER, at, _measured(row, at))]


def _measured(row: CameraHealth, at: datetime) -> dict[str, Any]:
    """What was measured of the picture of that time: a row holds that of its last probe only."""
    return row.measurements if row.probed_at == at else {}


def keep(evidence: Iterable[Evidence]) -> None:
    """Copy the pictures and write their rows; the incidents are written already."""
    kept: list[Snapshot] = []
    for each in evidence:
        incident, is_healthy = each.incident, each.kind is not SnapshotKind.FAULT
        assert incident.camera_id is not None
        if file := pictures.keep_evidence(incident.camera_id, is_healthy, each.taken_at):
            kept.append(
                Snapshot(
                    camera_id=incident.camera_id,
                    incident=incident,
                    kind=each.kind,
                    verdict=Verdict.HEALTHY if is_healthy else incident.verdict,
                    taken_at=each.taken_at,
                    measurements=each.measurements,
                    file=file,
                )
            )
    # An incident whose fault turned into another keeps its first picture of each kind.
    Snapshot.objects.bulk_create(kept, ignore_conflicts=True, batch_size=200)
