"""Filters of the list of tickets. The choices of places are read by one query for all of them."""

from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, CharField, F, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency, Area, SiteKind
from cameras.reach import narrow, reach_of
from cameras.trees import Tree
from cameras.whole_numbers import whole_number
from maintenance.models import Ticket, TicketState, WaitCause
from maintenance.ticket_rules import OPEN_STATES

__all__ = ["FILTERS"]


class StateFilter(admin.SimpleListFilter):
    """The open ones, unless one asks for others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("all, closed ones too")), *TicketState.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset.filter(state__in=[str(state) for state in OPEN_STATES])
        return queryset if self.value() == "all" else queryset.filter(state=self.value())

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("all open ones"),
        }
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == str(value),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }


class OverdueFilter(admin.SimpleListFilter):
    title = _("overdue")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.overdue(timezone.now()) if self.value() else queryset  # type: ignore[attr-defined]


class CauseFilter(admin.SimpleListFilter):
    title = _("waits for")
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WaitCause.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(wait_cause=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    title = _("assigned to")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("me")), ("vendor", _("a vendor")), ("nobody", _("nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "me":
                return queryset.filter(assignee=request.user)
            case "vendor":
                return queryset.exclude(vendor=None)
            case "nobody":
                return queryset.filter(assignee=None, vendor=None)
        return queryset


class SnoozedFilter(admin.SimpleListFilter):
    title = _("snoozed")
    parameter_name = "snoozed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("without snoozed ones")), ("yes", _("snoozed ones alone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "no":
            return queryset.awake(now)  # type: ignore[attr-defined]
        return queryset.filter(snoozed_until__gt=now) if self.value() == "yes" else queryset


class AgencyFilter(admin.SimpleListFilter):
    title = _("agency")
    parameter_name = "agency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(key), name) for kind, key, name, _top in _places(request) if kind == "agency"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = whole_number(self.value())
        return queryset if key is None else queryset.filter(agency=key)


class AreaFilter(admin.SimpleListFilter):
    """A city with all its districts, or one district."""

    title = _("area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        areas = [row for row in _places(request) if row[0] == "area"]
        names = {key: name for _kind, key, name, _top in areas}
        tree = Tree.of((key, top) for _kind, key, _name, top in areas)
        found = []
        for key in tree.roots:
            found.append((str(key), names[key]))
            found += [(str(part), f"– {names[part]}") for part in tree.children(key)]
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = whole_number(self.value())
        if key is None:
            return queryset
        parents = {key: top for kind, key, _name, top in _places(request) if kind == "area"}
        return queryset.filter(site__area__in=Tree(parents).below(key))


class SiteKindFilter(admin.SimpleListFilter):
    title = _("kind of site")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(SiteKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(site__kind=self.value()) if self.value() else queryset


class PriorityFilter(admin.SimpleListFilter):
    title = _("priority")
    parameter_name = "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        choices = Ticket._meta.get_field("priority").flatchoices
        return [(str(value), label) for value, label in reversed(list(choices))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        priority = whole_number(self.value())
        return queryset if priority is None else queryset.filter(priority=priority)


FILTERS: list[Any] = [
    StateFilter,
    OverdueFilter,
    CauseFilter,
    PriorityFilter,
    PersonFilter,
    AgencyFilter,
    AreaFilter,
    SiteKindFilter,
    SnoozedFilter,
]

_Place = tuple[str, int, str, int | None]  # kind, number, name, number of what it is part of


def _places(request: HttpRequest) -> list[_Place]:
    """The agencies and areas that the person sees, by name and by code; read once a request."""
    found: list[_Place] | None = getattr(request, "_ticket_places", None)
    if found is None:
        kind = {"kind": Value("agency", output_field=CharField())}
        reach = reach_of(request.user)
        agencies = narrow(Agency.objects.order_by(), reach).annotate(
            **kind, label=F("name"), sort=F("name"), top=Value(None, output_field=BigIntegerField())
        )
        areas = narrow(Area.objects.order_by(), reach).annotate(
            kind=Value("area", output_field=CharField()),
            label=F("name"),
            sort=F("code"),
            top=F("parent_id"),
        )
        columns = ("kind", "pk", "label", "top", "sort")
        both = agencies.values_list(*columns).union(areas.values_list(*columns), all=True)
        found = [
            (a, b, c, d) for a, b, c, d, _sort in sorted(both, key=lambda row: (row[0], row[4]))
        ]
        request._ticket_places = found  # type: ignore[attr-defined]
    return found
