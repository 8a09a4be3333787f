"""What is known of each camera, and when it is probed next: one row a camera."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring import health
from monitoring.choices import ReasonField, VerdictField, in_words
from monitoring.verdicts import Reason, Verdict

__all__ = ["MOST_DETAIL", "CameraHealth", "CameraHealthQuerySet"]

MOST_DETAIL = 300  # characters of an engineer's explanation


class CameraHealthQuerySet(models.QuerySet["CameraHealth"]):
    def due(self, now: datetime) -> "CameraHealthQuerySet":
        """Those whose probe is due, the longest overdue first."""
        return self.filter(due_at__lte=now, camera__is_monitored=True).order_by("due_at")

    def faulty(self) -> "CameraHealthQuerySet":
        """Those with a confirmed fault."""
        return self.filter(verdict__in=[str(verdict) for verdict in Verdict if verdict.is_faulty])


class CameraHealth(models.Model):
    """The confirmed verdict, the suspicion against it, the last probe and the next.

    Updated with each probe; it is the only row that is. `claim` names the batch that is out to
    probe this camera; only the holder of the claim may record a result, and only once.
    """

    camera = models.OneToOneField(
        Camera,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="health",
        verbose_name=_("camera"),
    )
    verdict = VerdictField(default=str(Verdict.PENDING), db_index=True)
    reason = ReasonField()
    since = models.DateTimeField(_("since"), null=True, blank=True)

    suspected_verdict = VerdictField(verbose_name=_("suspected"), blank=True, default="")
    suspected_reason = ReasonField(verbose_name=_("suspected reason"))
    suspected_since = models.DateTimeField(_("suspected since"), null=True, blank=True)
    suspected_probes = models.PositiveSmallIntegerField(_("suspected in probes"), default=0)

    due_at = models.DateTimeField(_("next probe"), default=timezone.now, db_index=True)
    claim = models.UUIDField(_("claimed by batch"), null=True, blank=True, editable=False)

    probed_at = models.DateTimeField(_("last probe"), null=True, blank=True)
    span_probes = models.PositiveIntegerField(_("probes since then"), default=0)
    detail = models.CharField(_("detail"), max_length=MOST_DETAIL, blank=True)
    codec = models.CharField(_("codec"), max_length=20, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("probe took (ms)"), null=True, blank=True)
    measurements = models.JSONField(_("measurements"), default=dict, blank=True)
    trace = models.BinaryField(_("trace of the last picture"), default=b"", editable=False)

    taught_at = models.DateTimeField(_("view called right"), null=True, blank=True)
    healthy_picture_at = models.DateTimeField(_("last healthy picture"), null=True, blank=True)
    faulty_picture_at = models.DateTimeField(_("last faulty picture"), null=True, blank=True)

    objects = CameraHealthQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera health")
        verbose_name_plural = _("camera health")

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.in_words}"

    @property
    def in_words(self) -> str:
        """The confirmed verdict with its reason."""
        return in_words(self.verdict, self.reason)

    @property
    def picture_at(self) -> datetime | None:
        """When the latest picture was taken, healthy or not."""
        return max(
            (at for at in (self.healthy_picture_at, self.faulty_picture_at) if at), default=None
        )

    def known(self) -> health.Health:
        """This row as the value that health.step works on."""
        suspicion = None
        if self.suspected_verdict and self.suspected_since:
            suspicion = health.Suspicion(
                Verdict(self.suspected_verdict),
                Reason(self.suspected_reason),
                self.suspected_since,
                self.suspected_probes,
            )
        return health.Health(
            Verdict(self.verdict), Reason(self.reason), self.since, suspicion, self.probed_at
        )

    def learn(self, known: health.Health) -> None:
        """Take over what health.step returned."""
        self.verdict, self.reason, self.since = known.verdict, known.reason, known.since
        self.probed_at = known.probed_at
        suspicion = known.suspicion
        self.suspected_verdict = suspicion.verdict if suspicion else ""
        self.suspected_reason = suspicion.reason if suspicion else ""
        self.suspected_since = suspicion.since if suspicion else None
        self.suspected_probes = suspicion.probes if suspicion else 0
