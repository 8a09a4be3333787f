"""Snapshots: the pictures that are kept as evidence of an incident."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.choices import VerdictField

__all__ = ["Snapshot", "SnapshotKind"]


class SnapshotKind(models.TextChoices):
    BEFORE = "before", _("last healthy picture")
    FAULT = "fault", _("picture of the fault")
    AFTER = "after", _("picture after recovery")


class Snapshot(models.Model):
    """One kept picture. The latest pictures, which change with each probe, are no rows but two
    files per camera: see monitoring.pictures.
    """

    camera = models.ForeignKey(
        Camera, on_delete=models.CASCADE, related_name="snapshots", verbose_name=_("camera")
    )
    incident = models.ForeignKey(
        "monitoring.Incident",
        on_delete=models.CASCADE,
        related_name="snapshots",
        verbose_name=_("incident"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=SnapshotKind)
    verdict = VerdictField()
    taken_at = models.DateTimeField(_("taken"))
    measurements = models.JSONField(_("measurements"), default=dict, blank=True)
    file = models.CharField(_("file"), max_length=200, unique=True, editable=False)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"], name="one_snapshot_of_a_kind_an_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.get_kind_display()}"
