"""What is known of each camera, and when it is probed next: one row a camera."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.models.known import MOST_DETAIL, Known
from monitoring.verdicts import Verdict

__all__ = ["MOST_DETAIL", "CameraHealth", "CameraHealthQuerySet"]


class CameraHealthQuerySet(models.QuerySet["CameraHealth"]):
    def due(self, now: datetime, longest_s: float) -> "CameraHealthQuerySet":
        """Those whose probe is due, the longest overdue first.

        One that is being probed at this moment is not: given to another batch, its result would
        no longer count. After `longest_s` seconds, nobody waits for that any more.
        """
        out = Q(
            claim__isnull=False, attempts__gt=0, begun_at__gt=now - timedelta(seconds=longest_s)
        )
        return (
            self.filter(due_at__lte=now, camera__is_monitored=True).exclude(out).order_by("due_at")
        )

    def faulty(self) -> "CameraHealthQuerySet":
        """Those with a confirmed fault."""
        return self.filter(verdict__in=[str(verdict) for verdict in Verdict if verdict.is_faulty])


class CameraHealth(Known):
    """What is known of one camera. Updated with each probe; it is the only row that is."""

    camera = models.OneToOneField(
        Camera,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="health",
        verbose_name=_("camera"),
    )
    # For isolation.py: whose probing process died, and who is probed alone because of that.
    attempts = models.PositiveSmallIntegerField(
        _("probes begun since the last recorded"), default=0, editable=False
    )
    begun_at = models.DateTimeField(_("probe begun"), null=True, blank=True, editable=False)
    alone_probes = models.PositiveSmallIntegerField(
        _("good probes until it travels with others again"), default=0
    )

    # For whoever wants proof that it is well: see scheduling.look_closely.
    close_look = models.BooleanField(_("close look asked for"), default=False, editable=False)
    healthy_in_row = models.PositiveIntegerField(
        _("healthy probes in a row"), default=0, editable=False
    )

    history = models.PositiveIntegerField(_("last probes, a bit each"), default=0, editable=False)
    is_flapping = models.BooleanField(_("flapping"), default=False)

    span_probes = models.PositiveIntegerField(_("probes since then"), default=0)
    codec = models.CharField(_("codec"), max_length=20, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("probe took (ms)"), null=True, blank=True)
    measurements = models.JSONField(_("measurements"), default=dict, blank=True)
    trace = models.BinaryField(_("trace of the last picture"), default=b"", editable=False)

    healthy_picture_at = models.DateTimeField(_("last healthy picture"), null=True, blank=True)
    faulty_picture_at = models.DateTimeField(_("last faulty picture"), null=True, blank=True)

    objects = CameraHealthQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera health")
        verbose_name_plural = _("camera health")

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.in_words}"

    @property
    def picture_at(self) -> datetime | None:
        """When the latest picture was taken, healthy or not."""
        return max(
            (at for at in (self.healthy_picture_at, self.faulty_picture_at) if at), default=None
        )
