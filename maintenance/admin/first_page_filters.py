"""Filters for the lists that the first page leads to: each gives what its number counted."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from maintenance.late_stages import with_a_late_stage
from maintenance.ticket_figures import AGES, aged, waiting_for_procurement

__all__ = ["AGE_LABELS", "AgeFilter", "LateStageFilter", "ProcurementFilter"]

AGE_LABELS = {
    "1": _("less than a day"),
    "7": _("1 to 7 days"),
    "30": _("7 to 30 days"),
    "90": _("30 to 90 days"),
    "older": _("more than 90 days"),
}


class AgeFilter(admin.SimpleListFilter):
    title = _("open since")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AGE_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return aged(queryset, value, timezone.now()) if value in AGES else queryset


class ProcurementFilter(admin.SimpleListFilter):
    title = _("procurement")
    parameter_name = "procurement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("waiting for procurement"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return waiting_for_procurement(queryset) if self.value() == "waiting" else queryset


class LateStageFilter(admin.SimpleListFilter):
    title = _("plan")
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("with a stage that is late"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        return with_a_late_stage(queryset, today) if self.value() == "yes" else queryset
