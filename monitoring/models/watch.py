"""What the watch over the watcher remembers: the program's pulse, and when probing stood still."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

__all__ = ["Heartbeat", "Standstill", "StandstillQuerySet"]


class Heartbeat(models.Model):
    """When a part of the program did its regular work last; one row a part."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    at = models.DateTimeField(_("last beat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class StandstillQuerySet(models.QuerySet["Standstill"]):
    def running(self) -> "StandstillQuerySet":
        """The one that has not ended, if any."""
        return self.filter(ended_at=None)


class Standstill(models.Model):
    """A time in which nothing was probed although cameras were due; at most one runs.

    Two mails belong to it, the alarm and the all-clear. For each, `…_claimed_at` says that a
    watcher is about to send it, and `…_sent_at` that the mail server has taken it: whoever dies
    in between lets the claim grow old, and another sends.
    """

    what = models.CharField(_("subject"), max_length=20, default="probing", editable=False)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    alarm_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    alarm_sent_at = models.DateTimeField(_("alarm sent"), null=True, blank=True)
    clear_claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    clear_sent_at = models.DateTimeField(_("all-clear sent"), null=True, blank=True)

    objects = StandstillQuerySet.as_manager()

    class Meta:
        verbose_name = _("standstill of probing")
        verbose_name_plural = _("standstills of probing")
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["what"], condition=Q(ended_at=None), name="one_running_standstill"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="standstill_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.began_at:%Y-%m-%d %H:%M}"
