from monitoring.models.health import CameraHealth
from monitoring.models.incidents import Incident
from monitoring.models.planned import PlannedWork
from monitoring.models.snapshots import Snapshot, SnapshotKind
from monitoring.models.spans import HealthSpan
from monitoring.models.uplinks import UplinkHealth
from monitoring.models.watch import Heartbeat, Standstill

__all__ = [
    "CameraHealth",
    "HealthSpan",
    "Heartbeat",
    "Incident",
    "PlannedWork",
    "Snapshot",
    "SnapshotKind",
    "Standstill",
    "UplinkHealth",
]
