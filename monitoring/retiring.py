"""What becomes of the record of a camera that is taken down: what was open ends.

Its rows stay; nothing is added any more. A probe of it that is still under way loses its claim, so
that its result is not recorded.
"""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest

from monitoring.models import CameraHealth, HealthSpan, Incident

__all__ = ["end_record"]


def end_record(camera_id: int, at: datetime) -> None:
    """End the camera's open span and its running incident. Run twice, it is done once."""
    with transaction.atomic():
        # The row is locked first, as whoever records a probe does.
        health = CameraHealth.objects.select_for_update().filter(pk=camera_id).first()
        if health is not None:
            CameraHealth.objects.filter(pk=camera_id).update(claim=None, is_flapping=False)
            HealthSpan.objects.filter(camera=camera_id, ended_at=None).update(
                ended_at=Greatest("began_at", health.probed_at or at), probes=health.span_probes
            )
        Incident.objects.running().filter(camera=camera_id).update(
            ended_at=Greatest("began_at", at)
        )
