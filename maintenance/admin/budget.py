"""Budget years and lines in the admin: what there is, what is bound, what will lapse."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from cameras.reach import narrow, reach_of
from cameras.reached_admin import ReachedAdmin
from maintenance import ledger
from maintenance.absorption import absorption_of
from maintenance.absorption_chart import chart_of
from maintenance.admin.budget_buttons import LineButtons, attempt
from maintenance.admin.budget_forms import ReasonForm
from maintenance.admin.changed_fields import SavesChangedFields
from maintenance.models import BudgetLine, FiscalYear, MonthlyPlan
from maintenance.rupiah import format_rupiah
from maintenance.unspent import parts_of


class MonthlyPlanInline(TabularInline):
    model = MonthlyPlan
    extra = 0
    max_num = 12
    tab = True


def _rupiah_column(name: str, description: Any) -> Any:
    @display(description=description, ordering=name)
    def column(self: Any, row: Any) -> SafeString:
        return format_html('<span class="rupiah">{}</span>', format_rupiah(getattr(row, name)))

    return column


@admin.register(BudgetLine)
class BudgetLineAdmin(LineButtons, ReachedAdmin, ModelAdmin):
    list_display = [
        "named",
        "absorption",
        "ceiling",
        "available",
        "reserved",
        "committed",
        "realised",
    ]
    list_display_links = ["named"]
    list_filter = ["year", "agency"]
    list_select_related = ["year", "agency"]
    search_fields = ["code", "name", "activity", "activity_code"]
    fields = ["year", "agency", "code", "name", "activity_code", "activity"]
    inlines = [MonthlyPlanInline]
    view_on_site = False  # its address is this page
    change_form_before_template = "admin/maintenance/budget_line.html"

    ceiling = _rupiah_column("ceiling", _("ceiling"))
    reserved = _rupiah_column("reserved", _("reserved"))
    committed = _rupiah_column("committed", _("committed"))
    realised = _rupiah_column("realised", _("realised"))
    available = _rupiah_column("available", _("available"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: Any = super().get_queryset(request)
        lines: QuerySet[Any] = found.with_balance()
        return lines

    @admin.display(description=_("budget line"), ordering="code")
    def named(self, line: BudgetLine) -> SafeString:
        # In one column: with the amounts beside it, the list fits a small screen.
        return format_html(
            '{}<br><span class="list-small">{} · {}</span>', line.name, line.year, line.code
        )

    @display(description=_("absorption"))
    def absorption(self, line: Any) -> SafeString:
        return _bar(
            ledger.Balance(
                line.ceiling, line.reserved, line.committed, line.realised, line.available
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A line with entries stays in its year: they were checked against it."""
        return ["year"] if obj is not None and obj.entries.exists() else []

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        line = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(_line_context(line) if line else {})}
        return super().change_view(request, object_id, form_url, context)


@admin.register(FiscalYear)
class FiscalYearAdmin(SavesChangedFields, ReachedAdmin, ModelAdmin):
    list_display = ["year_number", "number_of_lines", "ceiling", "realised", "unspent", "closed_at"]
    fields = ["year", "addendum_limit_percent", "closed_at", "closed_by"]
    actions_detail = ["close_year"]

    ceiling = _rupiah_column("ceiling", _("ceiling"))
    realised = _rupiah_column("realised", _("realised"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        entries, reach = "lines__entries", reach_of(request.user)
        # The year is the city's; what is counted of it is what the person reaches.
        mine = narrow(BudgetLine.objects.order_by(), reach).values("pk")
        of_mine = None if reach.everything else Q(lines__in=mine)
        return (
            super()
            .get_queryset(request)
            .annotate(
                number_of_lines=Count("lines", filter=of_mine, distinct=True),
                ceiling=Coalesce(Sum(f"{entries}__ceiling_rupiah", filter=of_mine), Value(0)),
                realised=Coalesce(Sum(f"{entries}__realised_rupiah", filter=of_mine), Value(0)),
            )
        )

    @admin.display(description=_("year"), ordering="year")
    def year_number(self, year: FiscalYear) -> str:
        return str(year)

    @admin.display(description=_("lines"), ordering="number_of_lines")
    def number_of_lines(self, year: Any) -> int:
        return year.number_of_lines

    @display(description=_("not realised"))
    def unspent(self, year: Any) -> SafeString:
        left = format_rupiah(year.ceiling - year.realised)
        return format_html('<span class="rupiah">{}</span>', left)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = ["closed_at", "closed_by"]
        if obj is not None and obj.lines.exists():
            fixed.append("year")
        if obj is not None and obj.is_closed:
            fixed.append("addendum_limit_percent")
        return fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        closed = obj is not None and obj.is_closed
        return not closed and super().has_delete_permission(request, obj)

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        may = request.user.has_perm("maintenance.close_fiscalyear")
        return may and reach_of(request.user).everything  # it closes for every agency

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        year = self.get_object(request, str(object_id))
        if year is None or year.is_closed:
            return []
        return super().get_actions_detail(request, object_id)

    @action(
        description=_("Close the year"),
        icon="lock",
        permissions=["close"],
        dialog={
            "title": _("Close this budget year for good?"),
            "description": _("It takes no more entries then; what is not realised lapses."),
            "form_class": ReasonForm,
            "form_submit_text": _("Close the year"),
        },
    )
    def close_year(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        year = get_object_or_404(FiscalYear, pk=object_id)
        lapsed: list[int] = []
        answer = attempt(
            request,
            form,
            lambda: lapsed.append(ledger.close_year(year, request.user)),  # type: ignore[arg-type]
            gettext("The budget year %(year)s is closed.") % {"year": year},
            request.path.replace("/close_year", "/change"),
        )
        if lapsed:
            reason = form.cleaned_data["reason"]
            words = f"{_('Close the year')}: {reason} ({format_rupiah(lapsed[0])})"
            self.log_change(request, year, words)
        return answer


def _bar(now: ledger.Balance) -> SafeString:
    """Per cent absorbed, and a bar: paid, bound by contracts, reserved."""
    parts = [
        100 * max(0, amount) / now.ceiling if now.ceiling else 0
        for amount in (now.realised, now.outstanding, now.reserved)
    ]
    return format_html(
        '<span class="absorbed"><span class="absorbed-bar">'
        '<i class="paid" style="width:{}%"></i><i class="bound" style="width:{}%"></i>'
        '<i class="held" style="width:{}%"></i></span> {} %</span>',
        *(f"{part:.2f}" for part in parts),
        number_format(round(now.absorption_percent, 1), 1),
    )


def _line_context(line: BudgetLine) -> dict[str, Any]:
    """What the line's page shows above its form."""
    today = timezone.localdate()
    found = absorption_of(line, today)
    year = line.year.year
    seen = 0 if today.year < year else 12 if today.year > year else today.month
    chart = chart_of(found, seen)
    return {
        "line": line,
        "absorption": found,
        "balance_bar": _bar(found.balance),
        "chart": chart,
        "months": [(bar, MONTHS_3[bar.month]) for bar in chart.bars],
        "entries": line.entries.select_related("entered_by")[:20],
        "forecasts": today.year == year,
        "unspent": parts_of(line, found.balance, today),
    }
