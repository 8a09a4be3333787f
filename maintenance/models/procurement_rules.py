"""What the law allows, as data: rule sets by date, methods with their limits, stages with theirs.

Administrators edit these rows; nothing of them is written in code. A package keeps the rule set
that was in force on its date, and its stages are copies: a change here touches no running package.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from maintenance.fields import RupiahField
from maintenance.procurement_schedule import Edge, Role, Step, Unit

__all__ = [
    "ROLE_LABELS",
    "Holder",
    "Kind",
    "Method",
    "MethodRule",
    "Phase",
    "RuleSet",
    "RuleSetQuerySet",
    "StageTemplate",
    "StageTemplateItem",
    "StepFields",
]


class Method(models.TextChoices):
    E_PURCHASING = "e_purchasing", _("e-purchasing")
    DIRECT_PROCUREMENT = "direct_procurement", _("direct procurement")
    DIRECT_APPOINTMENT = "direct_appointment", _("direct appointment")
    QUICK_TENDER = "quick_tender", _("quick tender")
    SIMPLE_TENDER = "simple_tender", _("simple tender")
    TENDER = "tender", pgettext_lazy("method", "tender")
    SELF_MANAGEMENT = "self_management", _("self-management")


class Kind(models.TextChoices):
    GOODS = "goods", _("goods")
    SERVICES = "services", _("other services")
    WORKS = "works", _("works")


class Holder(models.TextChoices):
    """Who has to act for a stage to end."""

    PA_KPA = "pa_kpa", _("PA/KPA (budget user)")
    PPK = "ppk", _("PPK (commitment officer)")
    PPTK = "pptk", _("PPTK (activity officer)")
    POKJA = "pokja", _("Pokja (tender committee)")
    PROCUREMENT_OFFICER = "procurement_officer", _("procurement officer")
    PPHP = "pphp", _("PPHP (acceptance committee)")
    VENDOR = "vendor", _("vendor")
    TREASURER = "treasurer", _("treasurer")


class Phase(models.TextChoices):
    """The phases of the Open Contracting Data Standard."""

    PLANNING = "planning", _("planning")
    TENDER = "tender", _("tender")
    AWARD = "award", _("award")
    CONTRACT = "contract", _("contract")
    IMPLEMENTATION = "implementation", _("implementation")


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def in_force(self, on: date) -> "RuleSet | None":
        """The rules that hold on a day; None when none are on record for it."""
        return (
            self.filter(valid_from__lte=on)
            .filter(Q(valid_until=None) | Q(valid_until__gte=on))
            .order_by("-valid_from")
            .first()
        )


class RuleSet(models.Model):
    """A regulation with the period in which it holds."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    citation = models.CharField(_("citation"), max_length=300)
    valid_from = models.DateField(_("valid from"), unique=True)
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("Empty: still in force.")
    )
    note = models.TextField(
        _("note"), blank=True, help_text=_("(?) marks what is to be confirmed.")
    )

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("procurement rules")
        verbose_name_plural = _("procurement rules")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="rules_end_after_they_begin",
                violation_error_message=_("The rules cannot end before they begin."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageTemplate(models.Model):
    """The stages that a method goes through under a rule set."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("stage template")
        verbose_name_plural = _("stage templates")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def steps(self) -> list[Step]:
        """Its stages as the values that the schedule is worked out from, in their order."""
        return [item.step() for item in self.items.all()]


class MethodRule(models.Model):
    """Whether a method may be used for a kind of need, up to which value, with which stages."""

    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.CASCADE, related_name="methods", verbose_name=_("rules")
    )
    method = models.CharField(_("method"), max_length=20, choices=Method)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    minimum_rupiah = RupiahField(_("at least"), default=0)
    maximum_rupiah = RupiahField(
        _("at most"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    listed_cases_only = models.BooleanField(
        _("listed cases only"),
        default=False,
        help_text=_("Whoever chooses it must say which of the listed cases it is."),
    )
    template = models.ForeignKey(
        StageTemplate, on_delete=models.PROTECT, related_name="rules", verbose_name=_("stages")
    )
    note = models.CharField(
        _("note"), max_length=300, blank=True, help_text=_("(?) marks what is to be confirmed.")
    )

    class Meta:
        verbose_name = _("method and its limit")
        verbose_name_plural = _("methods and their limits")
        ordering = ["rule_set", "method", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "method", "kind"], name="one_limit_a_method_and_kind"
            ),
            models.CheckConstraint(
                condition=Q(minimum_rupiah__gte=0)
                & (Q(maximum_rupiah=None) | Q(maximum_rupiah__gte=F("minimum_rupiah"))),
                name="method_limits_in_order",
                violation_error_message=_("The upper limit is below the lower one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set}: {self.get_method_display()}, {self.get_kind_display()}"


ROLE_LABELS = [
    (Role.DOCUMENTS.value, _("documents (a new round may begin here)")),
    (Role.ANNOUNCEMENT.value, _("announcement (a new round begins here)")),
    (Role.OBJECTION.value, _("objection period")),
    (Role.CONTRACT.value, _("contract")),
    (Role.WORK.value, _("work")),
    (Role.HANDOVER.value, _("hand-over")),
    (Role.PAYMENT.value, _("payment")),
]


class StepFields(models.Model):
    """What a stage of a template and its copy in a package have in common."""

    order = models.PositiveSmallIntegerField(_("order"))
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    holder = models.CharField(_("held by"), max_length=20, choices=Holder)
    phase = models.CharField(_("phase"), max_length=16, choices=Phase)
    role = models.CharField(
        _("role"),
        max_length=12,
        choices=ROLE_LABELS,
        blank=True,
        help_text=_("What the program does by this stage; most have none."),
    )
    typical_days = models.PositiveSmallIntegerField(_("days, typically"))
    minimum_days = models.PositiveSmallIntegerField(_("days, at least"))
    maximum_days = models.PositiveSmallIntegerField(_("days, at most"), null=True, blank=True)
    unit = models.CharField(
        _("counted in"),
        max_length=10,
        choices=[(Unit.WORKING, _("working days")), (Unit.CALENDAR, _("calendar days"))],
        default=Unit.WORKING,
    )
    anchor = models.SlugField(
        _("reckoned from"),
        max_length=40,
        blank=True,
        help_text=_("Code of an earlier stage. Empty: the stage before this one."),
    )
    anchor_edge = models.CharField(
        _("from its"),
        max_length=5,
        choices=[(Edge.START, _("start")), (Edge.END, _("end"))],
        default=Edge.END,
    )
    gap_days = models.PositiveSmallIntegerField(
        _("begins days later"), default=1, help_text=_("0: on the same day.")
    )
    optional = models.BooleanField(
        _("only when needed"), default=False, help_text=_("As the answer to an objection.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def step(self) -> Step:
        """This stage as a value of `maintenance.procurement_schedule`."""
        return Step(
            code=self.code,
            typical_days=self.typical_days,
            minimum_days=self.minimum_days,
            unit=Unit(self.unit),
            anchor=self.anchor,
            anchor_edge=Edge(self.anchor_edge),
            gap_days=self.gap_days,
            role=Role(self.role),
            optional=self.optional,
        )


class StageTemplateItem(StepFields):
    """One stage of a template."""

    template = models.ForeignKey(
        StageTemplate, on_delete=models.CASCADE, related_name="items", verbose_name=_("template")
    )

    class Meta:
        verbose_name = _("stage of a template")
        verbose_name_plural = _("stages of a template")
        ordering = ["template", "order"]
        constraints = [
            models.UniqueConstraint(fields=["template", "code"], name="one_code_a_template"),
            models.UniqueConstraint(fields=["template", "order"], name="one_order_a_template"),
            models.CheckConstraint(
                condition=Q(minimum_days__gte=1, typical_days__gte=F("minimum_days"))
                & (Q(maximum_days=None) | Q(maximum_days__gte=F("typical_days"))),
                name="stage_durations_in_order",
                violation_error_message=_(
                    "A stage lasts at least a day; minimum, typical and maximum must rise."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
