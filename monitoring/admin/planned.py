"""Planned work: entered by people, so that expected faults alarm nobody."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from cameras.reach import Reached, owns
from cameras.reached_admin import ReachedAdmin
from monitoring.models import PlannedWork
from monitoring.planned_reach import silences_others


class WhenFilter(admin.SimpleListFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("goes on")), ("coming", _("to come")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        match self.value():
            case "now":
                return queryset.during(now, now)  # type: ignore[attr-defined]
            case "coming":
                return queryset.filter(begins_at__gt=now)
            case "over":
                return queryset.filter(ends_at__lte=now)
        return queryset


class PlannedWorkForm(ModelForm):
    """Says why work at one's own site or on one's own uplink is refused: it would hit others."""

    reach = Reached()  # the page gives the person's

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        subject = self.instance.subject
        if self.errors or subject is None or not owns(self.reach, subject):
            return
        if silences_others(self.reach, self.instance):
            self.add_error(
                None,
                _(
                    "Something that you do not reach hangs on it, and would raise no alarm. Plan "
                    "the work for your own cameras one by one, or ask somebody who reaches it all."
                ),
            )


@admin.register(PlannedWork)
class PlannedWorkAdmin(ReachedAdmin, ModelAdmin):
    form = PlannedWorkForm
    list_display = ["what", "state", "begins_at", "ends_at", "reason", "created_by"]
    list_filter = [WhenFilter]
    list_select_related = ["camera", "site", "uplink", "area", "created_by"]
    search_fields = [
        "reason",
        "camera__code",
        "camera__name",
        "site__code",
        "site__name",
        "uplink__code",
        "uplink__name",
        "area__name",
    ]
    autocomplete_fields = ["camera", "site", "uplink", "area"]
    date_hierarchy = "begins_at"
    fieldsets = [
        (
            None,
            {
                "fields": ["camera", "site", "uplink", "area"],
                "description": _("Choose exactly one: a camera, a site, an uplink or an area."),
            },
        ),
        (_("Time"), {"fields": ["begins_at", "ends_at", "reason"]}),
    ]

    @admin.display(description=_("work on"))
    def what(self, work: PlannedWork) -> str:
        return str(work.subject)

    @display(description=_("state"), label={"now": "warning", "coming": "info", "over": "default"})
    def state(self, work: PlannedWork) -> tuple[str, Any]:
        now = timezone.now()
        if now < work.begins_at:
            return "coming", _("to come")
        return ("now", _("goes on")) if now < work.ends_at else ("over", _("over"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From now until the end of this day's work, or of the next's: most often it is right."""
        begins = timezone.localtime().replace(second=0, microsecond=0)
        ends = begins.replace(hour=17, minute=0)
        if ends <= begins + timedelta(hours=1):
            ends += timedelta(days=1)
        usual = {"begins_at": begins, "ends_at": ends}
        return {**usual, **super().get_changeform_initial_data(request)}

    def save_model(
        self, request: HttpRequest, obj: PlannedWork, form: ModelForm, change: bool
    ) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
