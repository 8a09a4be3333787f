"""Lessons: what people taught the eye by calling an incident a false alarm."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from monitoring.choices import VerdictField
from monitoring.models.incidents import Incident
from monitoring.verdicts import Because

__all__ = ["Lesson"]

_STANDING = (Because.STILL, Because.REPEATED, Because.CALM)


class Lesson(models.Model):
    """A false alarm: this camera may look like that.

    `severity` is how far the picture was past the eye's threshold; from then on, this camera must
    be further past it to be called faulty by the same test. Taking the row away takes that back.
    """

    camera = models.ForeignKey(
        Camera, on_delete=models.CASCADE, related_name="lessons", verbose_name=_("camera")
    )
    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, related_name="lesson", verbose_name=_("incident")
    )
    verdict = VerdictField()
    severity = models.FloatField(_("severity"), default=0)
    measurements = models.JSONField(_("measurements"), default=dict, blank=True)
    reason = models.TextField(_("reason"))
    taught_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    taught_at = models.DateTimeField(_("when"))
    is_heeded = models.BooleanField(
        _("heeded"),
        default=True,
        help_text=_("Switched off, this camera is judged in this as strictly as any other again."),
    )

    class Meta:
        verbose_name = _("false alarm")
        verbose_name_plural = _("false alarms")
        ordering = ["-taught_at"]
        permissions = [("teach_eye", _("Can call incidents false alarms and views right"))]

    def __str__(self) -> str:
        return str(self.incident)

    @property
    def tests(self) -> tuple[Because, ...]:
        """By which tests of the eye the picture was called faulty; none, where no picture was."""
        because = self.measurements.get("because")
        if because in _STANDING:  # one severity; which of them comes nearest changes
            return _STANDING
        return tuple(test for test in Because if test == because)
