"""Filters of the list of cameras; the choices of places cost one query each."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cameras.models import Agency, Area, of_agency
from cameras.reach import Reached, narrow, reach_of
from cameras.trees import Tree
from cameras.whole_numbers import whole_number
from monitoring.verdicts import Verdict

__all__ = [
    "AgencyFilter",
    "AreaFilter",
    "ConditionFilter",
    "areas_below",
    "areas_seen",
    "indented_areas",
]

_FAULTY = [str(verdict) for verdict in Verdict if verdict.is_faulty]
_Row = tuple[int, str, int | None]  # number, name, number of what it is part of


class ConditionFilter(admin.SimpleListFilter):
    """What the verdicts come to, among the cameras that are probed at all."""

    title = _("condition")
    parameter_name = "condition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("faulty", pgettext_lazy("cameras", "faulty")),
            ("suspected", _("under suspicion")),
            ("flapping", _("flapping")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        monitored = queryset.filter(is_monitored=True)
        match self.value():
            case "faulty":
                return monitored.filter(health__verdict__in=_FAULTY)
            case "suspected":
                return monitored.filter(health__suspected_probes__gt=0)
            case "flapping":
                return monitored.filter(health__is_flapping=True)
        return queryset


class AreaFilter(admin.SimpleListFilter):
    """A city with all its districts, or one district."""

    title = _("area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self._rows = areas_seen(reach_of(request.user))
        return [(str(key), label) for key, label in indented_areas(self._rows)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = whole_number(self.value())
        if key is None:
            return queryset
        return queryset.filter(site__area__in=areas_below(key, self._rows))


class AgencyFilter(admin.SimpleListFilter):
    title = _("agency")
    parameter_name = "agency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        seen = narrow(Agency.objects.order_by("name"), reach_of(request.user))
        rows = seen.values_list("pk", "name")
        return [(str(key), name) for key, name in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = whole_number(self.value())
        return queryset if key is None else queryset.filter(self.condition(key))

    def condition(self, agency: int) -> Q:
        """What belongs to it."""
        return of_agency(agency)


def areas_below(key: int, rows: list[_Row]) -> set[int]:
    """An area and all that is part of it, among these."""
    return Tree.of((pk, parent) for pk, _name, parent in rows).below(key)


def indented_areas(rows: list[_Row]) -> list[tuple[int, str]]:
    """These areas, each under what it is part of, with a dash a level."""
    names = {pk: name for pk, name, _parent in rows}
    tree = Tree.of((pk, parent) for pk, _name, parent in rows)
    found: list[tuple[int, str]] = []

    def add(key: int, level: int) -> None:
        found.append((key, f"{'– ' * level}{names[key]}"))
        for part in tree.children(key):
            add(part, level + 1)

    for root in tree.roots:
        add(root, 0)
    return found


def areas_seen(reach: Reached) -> list[_Row]:
    """The areas that a person sees, in the order of their codes; one query."""
    seen = narrow(Area.objects.order_by("code"), reach)
    return list(seen.values_list("pk", "name", "parent_id"))
