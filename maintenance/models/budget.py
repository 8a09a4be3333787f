"""Fiscal years and budget lines. What a line has left is not here: the ledger says it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency
from maintenance.fields import RupiahField

__all__ = ["BudgetLine", "BudgetLineQuerySet", "FiscalYear", "MonthlyPlan"]


class FiscalYear(models.Model):
    """A budget year (tahun anggaran), January to December. A closed one takes no more entries."""

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    # Perpres 54/2010 jo. 70/2012 art. 87 (2); Perpres 16/2018 art. 54 (2).
    addendum_limit_percent = models.PositiveSmallIntegerField(
        _("addenda at most"),
        default=10,
        help_text=_(
            "Per cent of the contract's first value by which addenda may raise it. 10 under "
            "Perpres 54/2010 art. 87 (2) and Perpres 16/2018 art. 54 (2)."
        ),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )

    class Meta:
        verbose_name = _("budget year")
        verbose_name_plural = _("budget years")
        ordering = ["-year"]
        permissions = [("close_fiscalyear", _("Can close a budget year"))]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class BudgetLineQuerySet(models.QuerySet["BudgetLine"]):
    def with_balance(self) -> "BudgetLineQuerySet":
        """Each line with `ceiling`, `reserved`, `committed`, `realised`, `available` (rupiah).

        One query, by sums over the ledger; the same definitions as `ledger.balance`.
        """
        return self.annotate(
            ceiling=_total("ceiling_rupiah"),
            reserved=_total("reserved_rupiah"),
            committed=_total("committed_rupiah"),
            realised=_total("realised_rupiah"),
            realised_directly=_total("realised_rupiah", Q(entries__commitment=None)),
        ).annotate(
            available=F("ceiling") - F("reserved") - F("committed") - F("realised_directly"),
        )


def _total(column: str, condition: Q | None = None) -> Coalesce:
    return Coalesce(Sum(f"entries__{column}", filter=condition), Value(0))


class BudgetLine(models.Model):
    """A line of the budget (mata anggaran) in one year: what money is for, and whose it is."""

    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="lines", verbose_name=_("year")
    )
    code = models.CharField(
        _("account code"),
        max_length=60,
        help_text=_("Kode rekening, as 5.2.2.20.03 (until 2019) or 5.1.02.03.02.0117."),
    )
    activity_code = models.CharField(
        _("activity code"),
        max_length=60,
        blank=True,
        help_text=_("Program, kegiatan and sub kegiatan, as 2.16.03.1.02.0005."),
    )
    activity = models.CharField(
        _("activity"), max_length=200, blank=True, help_text=_("Program, kegiatan, sub kegiatan.")
    )
    name = models.CharField(_("name"), max_length=200)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="budget_lines", verbose_name=_("agency")
    )

    objects = BudgetLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ["-year__year", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "agency", "activity_code", "code", "name"],
                name="one_budget_line_a_code",
                violation_error_message=_("This agency already has this line in this year."),
            )
        ]
        permissions = [
            ("allocate_budgetline", _("Can enter allocations and revisions of a budget line")),
            ("commit_budgetline", _("Can reserve, commit and amend on a budget line")),
            ("realise_budgetline", _("Can enter payments on a budget line")),
            ("reverse_budgetline", _("Can reverse entries of a budget line")),
        ]

    def __str__(self) -> str:
        return f"{self.year_id and self.year} · {self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_budgetline_change", args=[self.pk])


class MonthlyPlan(models.Model):
    """What a line means to spend in one month (anggaran kas); absorption is measured against it."""

    line = models.ForeignKey(
        BudgetLine, on_delete=models.CASCADE, related_name="plan", verbose_name=_("budget line")
    )
    month = models.PositiveSmallIntegerField(
        _("month"), validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    planned_rupiah = RupiahField(_("planned"))

    class Meta:
        verbose_name = _("planned spending of a month")
        verbose_name_plural = _("planned spending by month")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "month"],
                name="one_plan_a_line_and_month",
                violation_error_message=_("This month is planned already."),
            ),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), planned_rupiah__gte=0),
                name="plan_of_a_real_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.month}"
