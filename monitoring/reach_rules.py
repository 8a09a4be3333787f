"""How what was seen of cameras belongs to those who reach them (cameras/reach.py)."""

from axes.models import AccessAttempt

from cameras.audit.models import AuditEntry
from cameras.reach import NOTHING, Rule, declare, declare_rule, for_roles
from monitoring.models import (
    AreaDay,
    CameraHealth,
    CameraReference,
    HealthSpan,
    Heartbeat,
    Incident,
    Lesson,
    Snapshot,
    Standstill,
    UplinkHealth,
)
from monitoring.planned_reach import declare_work

for of_a_camera in (CameraHealth, CameraReference, HealthSpan, Lesson, Snapshot):
    declare(of_a_camera, "camera")
declare(UplinkHealth, "uplink")
declare(Incident, "camera", "uplink")
declare(AreaDay, "area")
for_roles(Heartbeat, Standstill)
declare_work()
# What people do, they do everywhere: only who reaches everything reads of it.
for of_all in (AuditEntry, AccessAttempt):
    declare_rule(of_all, Rule(lambda _: NOTHING, lambda _: NOTHING, lambda *_: False))
