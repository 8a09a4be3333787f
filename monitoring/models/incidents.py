"""Incidents: confirmed faults, from the first bad probe to the first good one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.choices import ReasonField, VerdictField, in_words
from monitoring.models.snapshots import Snapshot, SnapshotKind

__all__ = ["Incident", "IncidentQuerySet"]


class IncidentQuerySet(models.QuerySet["Incident"]):
    def running(self) -> "IncidentQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Incident(models.Model):
    """A confirmed fault of one camera; at most one runs per camera.

    Its verdict is the latest confirmed one: a camera that is offline and comes back black is
    still the same trouble. It ends when the camera is healthy.
    """

    camera = models.ForeignKey(
        Camera, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("camera")
    )
    verdict = VerdictField()
    reason = ReasonField()
    began_at = models.DateTimeField(_("began"))
    confirmed_at = models.DateTimeField(_("confirmed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-began_at", "-pk"]
        indexes = [models.Index(fields=["began_at"], name="incident_by_began")]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended_at=None), name="one_running_incident_a_camera"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="incident_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.in_words}"

    @property
    def in_words(self) -> str:
        """The verdict with its reason."""
        return in_words(self.verdict, self.reason)

    def snapshot(self, kind: SnapshotKind) -> Snapshot | None:
        """Its picture of this kind; all kinds are read at once, and `prefetch` is honoured."""
        return next((each for each in self.snapshots.all() if each.kind == kind), None)
