"""What is known of the uplinks that have an address of their own: one row each."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Uplink
from monitoring.models.known import Known

__all__ = ["UplinkHealth"]


class UplinkHealth(Known):
    """Whether an uplink's own address answers: healthy or offline, confirmed as a camera's is."""

    uplink = models.OneToOneField(
        Uplink,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="health",
        verbose_name=_("uplink"),
    )

    class Meta:
        verbose_name = _("uplink health")
        verbose_name_plural = _("uplink health")

    def __str__(self) -> str:
        return f"{self.uplink.code}: {self.in_words}"
