"""Uptime of an area on a day: what the first page draws, so that it need not add up every span."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Area

__all__ = ["AreaDay"]


class AreaDay(models.Model):
    """Camera-time of one area, its districts included, on one day of Jakarta.

    Worked out from the spans by `monitoring.area_days`, and again while they may still change:
    it may be thrown away at any time.
    """

    area = models.ForeignKey(
        Area, on_delete=models.CASCADE, related_name="days", verbose_name=_("area")
    )
    day = models.DateField(_("date"))
    up_s = models.BigIntegerField(_("camera-seconds up"))
    down_s = models.BigIntegerField(_("camera-seconds down"))
    measured_at = models.DateTimeField(_("worked out"))

    class Meta:
        verbose_name = _("uptime of an area on a day")
        verbose_name_plural = _("uptime of areas by day")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["area", "day"], name="one_row_an_area_and_day"),
        ]
        indexes = [models.Index(fields=["day"], name="area_day_by_day")]

    def __str__(self) -> str:
        return f"{self.area_id}: {self.day}"

    @property
    def availability(self) -> float | None:
        """Up as a share (0 … 1) of the time of which we know; None when we know of none."""
        known = self.up_s + self.down_s
        return self.up_s / known if known else None
