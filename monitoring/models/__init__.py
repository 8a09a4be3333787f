from monitoring.models.health import CameraHealth
from monitoring.models.incidents import Incident
from monitoring.models.snapshots import Snapshot, SnapshotKind
from monitoring.models.spans import HealthSpan

__all__ = ["CameraHealth", "HealthSpan", "Incident", "Snapshot", "SnapshotKind"]
