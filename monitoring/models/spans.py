"""Spans: for how long a verdict held. Written on change only, never per probe."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.choices import ReasonField, VerdictField, in_words

__all__ = ["HealthSpan"]


class HealthSpan(models.Model):
    """A stretch of time in which one verdict held; still open while `ended_at` is empty.

    The open span lasts until the camera's last probe (CameraHealth.probed_at); its probes are
    counted there and written here when it ends.
    """

    camera = models.ForeignKey(
        Camera, on_delete=models.CASCADE, related_name="spans", verbose_name=_("camera")
    )
    verdict = VerdictField()
    reason = ReasonField()
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    probes = models.PositiveIntegerField(_("probes"), default=0)

    class Meta:
        verbose_name = _("health span")
        verbose_name_plural = _("health spans")
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["camera", "began_at"], name="span_by_camera"),
            models.Index(fields=["ended_at"], name="span_by_end"),  # uptime of a window asks so
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended_at=None), name="one_open_span_a_camera"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="span_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera.code}: {self.in_words}"

    @property
    def in_words(self) -> str:
        """The verdict with its reason."""
        return in_words(self.verdict, self.reason)
