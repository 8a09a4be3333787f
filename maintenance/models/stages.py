"""Rounds and stages of a package: the first plan, the present plan, and what happened."""

import uuid
from dataclasses import replace
from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from maintenance.models.procurement import Package
from maintenance.models.procurement_rules import StepFields
from maintenance.procurement_schedule import Actual, Step

__all__ = ["Outcome", "Round", "Stage", "StageDocument"]


class Outcome(models.TextChoices):
    RUNNING = "running", _("running")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Round(models.Model):
    """One try at the procurement. A failed tender ends its round and begins a new one."""

    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("package")
    )
    number = models.PositiveSmallIntegerField(_("round"))
    started_on = models.DateField(_("started on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.RUNNING
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["package", "number"]
        constraints = [
            models.UniqueConstraint(fields=["package", "number"], name="rounds_are_numbered"),
            models.UniqueConstraint(
                fields=["package"],
                condition=Q(outcome=Outcome.RUNNING),
                name="one_running_round_a_package",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.RUNNING, ended_on=None)
                | ~Q(outcome=Outcome.RUNNING) & Q(ended_on__gte=F("started_on")),
                name="ended_round_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_id}/{self.number}"


class Stage(StepFields):
    """One stage of a round: a copy of the template's, with dates; all inclusive.

    `baseline_…` is the first plan of the round and never moves; `planned_…` moves with what
    happens before it and stays when the stage has ended, so that its own lateness can be told.
    A stage that is only needed sometimes has no dates until it is `included`.
    """

    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, related_name="stages", verbose_name=_("round")
    )
    included = models.BooleanField(_("needed"), default=True)
    put_off_to = models.DateField(_("put off to"), null=True, blank=True)
    baseline_start = models.DateField(_("first plan: start"), null=True, blank=True)
    baseline_end = models.DateField(_("first plan: end"), null=True, blank=True)
    planned_start = models.DateField(_("plan: start"), null=True, blank=True)
    planned_end = models.DateField(_("plan: end"), null=True, blank=True)
    actual_start = models.DateField(_("started"), null=True, blank=True)
    actual_end = models.DateField(_("ended"), null=True, blank=True)
    remarks = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["round", "order"]
        constraints = [
            models.UniqueConstraint(fields=["round", "code"], name="one_stage_code_a_round"),
            models.UniqueConstraint(fields=["round", "order"], name="one_stage_order_a_round"),
            models.CheckConstraint(
                condition=Q(included=False)
                | Q(planned_start__isnull=False, planned_end__gte=F("planned_start")),
                name="included_stage_is_planned",
            ),
            models.CheckConstraint(
                condition=Q(actual_end=None) | Q(actual_end__gte=F("actual_start")),
                name="stage_ends_after_it_starts",
                violation_error_message=_("A stage cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(actual_end=None) | Q(actual_start__isnull=False),
                name="ended_stage_has_started",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_done(self) -> bool:
        return self.actual_end is not None

    def step(self) -> Step:
        step = super().step()
        return replace(step, optional=not self.included, not_before=self.put_off_to)

    def actual(self) -> Actual:
        """What has happened of it, for the schedule."""
        return Actual(self.actual_start, self.actual_end)


def _stored_as(document: "StageDocument", filename: str) -> str:
    """A name that nobody can guess or choose; only the known ending is kept."""
    return f"procurement/{uuid.uuid4()}{PurePath(filename).suffix.lower()}"


class StageDocument(models.Model):
    """A file attached to a stage; private, and served only to those who may see the package."""

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="documents", verbose_name=_("stage")
    )
    file = models.FileField(_("file"), upload_to=_stored_as, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size_bytes = models.PositiveIntegerField(_("size (bytes)"))
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("document of a stage")
        verbose_name_plural = _("documents of a stage")
        ordering = ["uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.name
