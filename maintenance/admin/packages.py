"""Procurement packages: the list, the page with its timeline, and a new one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.views import ChangeList

from cameras.exports import ExportOfSeen
from cameras.reach import narrow, reach_of
from cameras.reached_admin import ReachedAdmin
from maintenance import procurement
from maintenance.admin import procurement_pages
from maintenance.admin.changed_fields import SavesChangedFields
from maintenance.admin.first_page_filters import LateStageFilter
from maintenance.admin.package_buttons import PackageButtons
from maintenance.admin.package_export import PackageResource
from maintenance.admin.package_forms import PackageForm
from maintenance.gantt import Scale
from maintenance.ledger import LedgerError
from maintenance.models import BudgetLine, Package, PackageState, PlannedUpkeep
from maintenance.package_progress import Progress, StageProgress, progress_of, progress_of_all
from maintenance.package_warnings import warnings_for
from maintenance.procurement import ProcurementError
from maintenance.rupiah import format_rupiah

STATE_COLOURS = {state.value: state.colour for state in PackageState}
_ASKED = [
    "code",
    "name",
    "line",
    "kind",
    "rule_date",
    "hps_rupiah",
    "method",
    "justification",
    "work_days",
]
_SHOWN = ["hps" if name == "hps_rupiah" else name for name in _ASKED] + ["rule_set"]
_SHOWN_WHEN_SIGNED = [
    "vendor_name",
    "contract_number",
    "contract_value",
    "signed_on",
    "ends_on",
    "handover_number",
    "accepted_on",
]


class LiveFilter(admin.SimpleListFilter):
    title = _("under way")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("all that are not paid or cancelled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.live() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


class ProgressChangeList(ChangeList):
    """Knows how far each package of the page is; a fixed number of queries for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        packages: list[Any] = list(self.result_list)  # type: ignore[has-type]
        found = progress_of_all(packages)
        for package in packages:
            package.progress = found[package.pk]
        self.result_list = packages


class UpkeepInline(TabularInline):
    model = PlannedUpkeep
    extra = 0
    tab = False


@admin.register(Package)
class PackageAdmin(PackageButtons, ExportOfSeen, SavesChangedFields, ReachedAdmin, ModelAdmin):
    form = PackageForm
    resource_classes = [PackageResource]
    list_display = [
        "code",
        "name",
        "status",
        "method",
        "stage_now",
        "holder",
        "late",
        "hps",
        "camera_days",
    ]
    list_display_links = ["code", "name"]
    list_filter = [LiveFilter, LateStageFilter, "state", "method", "kind", "line__year"]
    list_select_related = ["line__year", "rule_set"]
    list_per_page = 50
    search_fields = ["code", "name", "vendor_name", "contract_number"]
    date_hierarchy = "rule_date"
    inlines = [UpkeepInline]
    view_on_site = False  # its address is this page
    change_form_before_template = "admin/maintenance/package.html"
    change_form_after_template = "admin/maintenance/package_history.html"
    list_before_template = "admin/maintenance/package_links.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_value_now()  # type: ignore[attr-defined]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProgressChangeList

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "line":
            kwargs["queryset"] = BudgetLine.objects.filter(year__closed_at=None).select_related(
                "year"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By hand, the name and the upkeep alone, and only until the contract is signed."""
        is_open = obj is None or obj.state in (PackageState.PLANNED, PackageState.RUNNING)
        return is_open and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return _ASKED
        return [*_SHOWN, *(_SHOWN_WHEN_SIGNED if obj.is_signed else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.get_fields(request, obj) if name != "name"] if obj else []

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def status(self, package: Package) -> tuple[str, str]:
        return package.state, package.get_state_display()

    @admin.display(description=_("stage"))
    def stage_now(self, package: Any) -> str:
        stage = package.progress.stage_now
        return stage.name if stage else "–"

    @admin.display(description=_("held by"))
    def holder(self, package: Any) -> str:
        stage = package.progress.stage_now
        return stage.get_holder_display() if stage else "–"

    @display(description=_("late"), label={"late": "danger"})
    def late(self, package: Any) -> tuple[str, str] | str:
        days = package.progress.days_late
        words = ngettext("%(days)s working day", "%(days)s working days", days)
        return ("late", words % {"days": number_format(days)}) if days else ""

    @admin.display(description=_("HPS"), ordering="hps_rupiah")
    def hps(self, package: Package) -> str:
        return format_rupiah(package.hps_rupiah)

    @admin.display(description=_("contract value"))
    def contract_value(self, package: Package) -> str:
        value = package.value_now
        return "–" if value is None else format_rupiah(value)

    @admin.display(description=_("camera-days"))
    def camera_days(self, package: Any) -> str:
        return number_format(package.progress.cost.camera_days, 1)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        given = form.cleaned_data
        planned = procurement.plan_package(
            given["code"],
            given["name"],
            given["line"],
            kind=given["kind"],
            method=given["method"],
            hps_rupiah=given["hps_rupiah"],
            rule_date=given["rule_date"],
            work_days=given["work_days"],
            justification=given["justification"],
            by=request.user,  # type: ignore[arg-type]
        )
        obj.__dict__.update(planned.__dict__)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (ProcurementError, LedgerError) as error:  # somebody was quicker than the form
            messages.error(request, str(error))
            return redirect(request.path)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        package = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(page_context(request, package) if package else {})}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = [
            ("board/", procurement_pages.board, "package_board"),
            ("what-if/", procurement_pages.what_if_page, "package_what_if"),
            ("documents/<int:document_id>/", procurement_pages.document, "package_document"),
            ("ocds.json", procurement_pages.releases, "package_ocds"),
        ]
        return [
            path(address, view(page), name=f"maintenance_{name}") for address, page, name in pages
        ] + super().get_urls()


def page_context(request: HttpRequest, package: Package) -> dict[str, Any]:
    """What the package's page shows above its fields."""
    progress = progress_of(package)
    links = package.links.select_related("ticket__camera__site", "ticket__uplink__site")
    # A package says what it buys; another agency's ticket has no page for this person.
    reach = reach_of(request.user)
    seen = (
        None
        if reach.everything
        else set(narrow(package.links.all(), reach).values_list("pk", flat=True))
    )
    return {
        "progress": progress,
        "warnings": warnings_for(progress),
        "rounds": timeline(progress),
        "links": links,
        "links_seen": seen,
        "events": package.events.select_related("actor"),
    }


def timeline(progress: Progress) -> list[dict[str, Any]]:
    """The rounds, the last first, each with its stages and where their bars stand."""
    today = timezone.localdate()
    shown = []
    for each, stages in reversed(progress.rounds):
        planned = [one for one in stages if one.stage.included]
        days = [day for one in planned for day in _days_of(one)]
        scale = Scale.over(days)
        if scale is None:
            continue
        shown.append(
            {
                "round": each,
                "months": scale.months(),
                "today": scale.line(today),
                "rows": [_row(one, scale) for one in planned],
            }
        )
    return shown


def _days_of(one: StageProgress) -> list[Any]:
    stage = one.stage
    expected = [one.expected.start, one.expected.end] if one.expected else []
    return [
        stage.baseline_start,
        stage.baseline_end,
        stage.planned_start,
        stage.planned_end,
        stage.actual_start,
        stage.actual_end,
        *expected,
    ]


def _expected_bar(one: StageProgress, scale: Scale) -> Any:
    """Where a stage that has not begun will be, when that is no longer its plan."""
    stage, expected = one.stage, one.expected
    if expected is None or stage.actual_start is not None:
        return None
    if (expected.start, expected.end) == (stage.planned_start, stage.planned_end):
        return None
    return scale.bar(expected.start, expected.end)


def _row(one: StageProgress, scale: Scale) -> dict[str, Any]:
    stage = one.stage
    until = stage.actual_end or (timezone.localdate() if stage.actual_start else None)
    return {
        "stage": stage,
        "is_now": one.is_now,
        "days_late": one.days_late,
        "expected": one.expected,
        "baseline": scale.bar(stage.baseline_start, stage.baseline_end),
        "plan": scale.bar(stage.planned_start, stage.planned_end),
        "fact": scale.bar(stage.actual_start, until),
        "late_bar": _expected_bar(one, scale),
        "is_objection": stage.role == "objection",
    }
