"""Planned work: times in which faults are expected, and alarm nobody."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Area, Camera, Site, Uplink

__all__ = ["PlannedWork", "PlannedWorkQuerySet"]

_SUBJECTS = ("camera", "site", "uplink", "area")


def _exactly_one_subject() -> Q:
    condition = Q()
    for one in _SUBJECTS:
        condition |= Q(**{f"{each}__isnull": each != one for each in _SUBJECTS})
    return condition


class PlannedWorkQuerySet(models.QuerySet["PlannedWork"]):
    def during(self, begin: datetime, end: datetime) -> "PlannedWorkQuerySet":
        """Those that share some time with this window; with a moment, when both are the same."""
        return self.filter(Q(begins_at__lt=end) | Q(begins_at=begin), ends_at__gt=begin)


class PlannedWork(models.Model):
    """A window for work on a camera, a site, everything behind an uplink, or an area.

    The cameras go on being probed. Faults confirmed in the window open no incident; what is
    still bad after it does. The window's time is counted apart: neither up nor down.
    """

    camera = models.ForeignKey(
        Camera,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="planned_work",
        verbose_name=_("camera"),
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="planned_work",
        verbose_name=_("site"),
    )
    uplink = models.ForeignKey(
        Uplink,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="planned_work",
        verbose_name=_("uplink"),
        help_text=_("With everything behind it."),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="planned_work",
        verbose_name=_("area"),
        help_text=_("With all its parts."),
    )
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.TextField(_("reason"), help_text=_("Who works on what, and on which order."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("entered by"),
    )

    objects = PlannedWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned work")
        verbose_name_plural = _("planned work")
        ordering = ["-begins_at", "-pk"]
        indexes = [models.Index(fields=["ends_at"], name="planned_work_by_end")]
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one_subject(),
                name="planned_work_on_exactly_one_thing",
                violation_error_message=_(
                    "Choose exactly one: a camera, a site, an uplink or an area."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")),
                name="planned_work_ends_after_it_begins",
                violation_error_message=_("The work must end after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"[:80]

    @property
    def subject(self) -> Any:
        """What is worked on: a camera, a site, an uplink or an area; None before it is chosen."""
        found = (getattr(self, name) for name in _SUBJECTS if getattr(self, f"{name}_id"))
        return next(found, None)
