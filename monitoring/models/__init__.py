from monitoring.models.health import CameraHealth
from monitoring.models.incidents import Incident
from monitoring.models.lessons import Lesson
from monitoring.models.references import CameraReference
from monitoring.models.snapshots import Snapshot, SnapshotKind
from monitoring.models.spans import HealthSpan

__all__ = [
    "CameraHealth",
    "CameraReference",
    "HealthSpan",
    "Incident",
    "Lesson",
    "Snapshot",
    "SnapshotKind",
]
