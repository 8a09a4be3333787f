from monitoring.models.area_days import AreaDay
from monitoring.models.health import CameraHealth
from monitoring.models.incidents import Incident
from monitoring.models.lessons import Lesson
from monitoring.models.planned import PlannedWork
from monitoring.models.references import CameraReference
from monitoring.models.snapshots import Snapshot, SnapshotKind
from monitoring.models.spans import HealthSpan
from monitoring.models.uplinks import UplinkHealth
from monitoring.models.watch import Heartbeat, Standstill

__all__ = [
    "AreaDay",
    "CameraHealth",
    "CameraReference",
    "HealthSpan",
    "Heartbeat",
    "Incident",
    "Lesson",
    "PlannedWork",
    "Snapshot",
    "SnapshotKind",
    "Standstill",
    "UplinkHealth",
]
