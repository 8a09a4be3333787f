"""References in the database: kept after healthy probes, forgotten when a person says so."""

from collections.abc import Iterable
from datetime import datetime

from monitoring.examining import Observation
from monitoring.models import CameraHealth, CameraReference
from monitoring.verdicts import Verdict

__all__ = ["forget", "remember"]


def remember(probes: Iterable[tuple[CameraHealth, Observation]]) -> int:
    """Keep what a batch learned, in one statement; how many references that was.

    Only from cameras that are healthy beyond doubt; and nothing that was seen before a person
    had the camera's references forgotten.
    """
    kept = [
        CameraReference.of(row.pk, seen.learned)
        for row, seen in probes
        if seen.learned is not None
        and row.verdict == Verdict.HEALTHY
        and not row.suspected_verdict
        and (row.taught_at is None or seen.at > row.taught_at)
    ]
    if kept:
        CameraReference.objects.bulk_create(
            kept,
            update_conflicts=True,
            unique_fields=["camera", "light"],
            update_fields=["data", "learned_at"],
        )
    return len(kept)


def forget(camera_id: int, at: datetime) -> None:
    """Have the camera learned anew, from what it shows after `at`."""
    CameraReference.objects.filter(camera=camera_id).delete()
    CameraHealth.objects.filter(pk=camera_id).update(taught_at=at, due_at=at)
