"""Holidays in the admin: the decrees as recorded, and what an administrator adds or takes back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from cameras.reached_admin import ReachedAdmin
from maintenance.models import Holiday, HolidayKind

KIND_COLOURS = {kind.value: kind.colour for kind in HolidayKind} | {"working": "success"}


class UnconfirmedFilter(admin.SimpleListFilter):
    title = _("to be confirmed")
    parameter_name = "unconfirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("to be confirmed (?)"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(decree__contains="(?)") if self.value() == "yes" else queryset


@admin.register(Holiday)
class HolidayAdmin(ReachedAdmin, ModelAdmin):
    list_display = ["day", "name", "kind_label", "decree"]
    list_display_links = ["day", "name"]
    list_filter = ["kind", "is_working", UnconfirmedFilter]
    search_fields = ["name", "decree"]
    date_hierarchy = "day"
    fields = ["day", "name", "kind", "decree", "is_working"]

    @display(description=_("kind"), label=KIND_COLOURS, ordering="kind")
    def kind_label(self, holiday: Holiday) -> tuple[str, Any]:
        if holiday.is_working:
            return "working", _("working day")
        return holiday.kind, holiday.get_kind_display()
