"""How what was seen of cameras belongs to those who reach them (cameras/reach.py)."""

from cameras.reach import declare, for_roles
from monitoring.models import (
    AreaDay,
    CameraHealth,
    CameraReference,
    HealthSpan,
    Heartbeat,
    Incident,
    Lesson,
    PlannedWork,
    Snapshot,
    Standstill,
    UplinkHealth,
)

for of_a_camera in (CameraHealth, CameraReference, HealthSpan, Lesson, Snapshot):
    declare(of_a_camera, "camera")
declare(UplinkHealth, "uplink")
declare(Incident, "camera", "uplink")
declare(PlannedWork, "camera", "site", "uplink", "area")
declare(AreaDay, "area")
for_roles(Heartbeat, Standstill)
