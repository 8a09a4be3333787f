"""What a person reaches: one concept for lists, forms, pages, files and pictures of every floor.

Each row of `Reach` is an agency, an area with its parts, or both; rows add up. Who has none reaches
nothing; superusers reach everything. Every model that stands for something in the city says once
(`declare…`) by which way it belongs to a camera, a site, an uplink, an area or an agency. What
belongs to none of them is `for_roles`: whoever has the right sees all of it.

Two degrees. What a person *sees* includes what his own rows name: the site of another agency at
which his camera hangs, the provider's link behind which it stands. What he *owns* he may change.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import BigIntegerField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404

from cameras.models import Area, Camera, Reach, Site, Uplink
from cameras.trees import Tree

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Part",
    "Reached",
    "Rule",
    "covers",
    "declare",
    "declare_all",
    "declare_rule",
    "for_roles",
    "is_for_roles",
    "narrow",
    "own",
    "own_or_404",
    "owns",
    "reach_of",
    "reached_by",
    "related",
    "rule_of",
    "seen_or_404",
]

_Rows = TypeVar("_Rows", bound="QuerySet[Any]")


@dataclass(frozen=True)
class Part:
    """One row, resolved. `agency` None: of every agency. `areas` None: in the whole city."""

    agency: int | None
    areas: frozenset[int] | None
    above: frozenset[int] = frozenset()  # the areas that these are parts of

    def holds(self, agency: int | None, area: int | None) -> bool:
        return (self.agency is None or self.agency == agency) and (
            self.areas is None or area in self.areas
        )


@dataclass(frozen=True)
class Reached:
    """All that one person reaches."""

    everything: bool = False
    parts: tuple[Part, ...] = ()
    # All areas, where they were read to find this out: for whoever needs them in the same request.
    areas: Tree | None = field(default=None, compare=False, repr=False)

    @property
    def is_nothing(self) -> bool:
        return not self.everything and not self.parts

    @property
    def whole_agencies(self) -> set[int]:
        """Agencies that are reached in the whole city: with them goes their money."""
        return {part.agency for part in self.parts if part.agency and part.areas is None}

    @property
    def whole_areas(self) -> set[int]:
        """Areas in which every agency is reached."""
        return {area for part in self.parts if part.agency is None for area in part.areas or ()}

    @cached_property
    def uplinks(self) -> set[int]:
        """Uplinks at own sites or with own cameras behind them, and those above; one query."""
        behind = narrow(Camera.objects.exclude(uplink=None).order_by(), self)
        at_sites = Uplink.objects.filter(site__in=own(Site.objects.order_by(), self).values("pk"))
        yes, no = _number(1), _number(0)
        # With its type: PostgreSQL cannot tell that of a bare NULL in a union.
        nobody = Cast(Value(None), BigIntegerField())
        rows = (
            behind.annotate(mine=yes, key=F("uplink_id"), top=nobody)
            .values_list("mine", "key", "top")
            .distinct()
            .union(
                at_sites.order_by()
                .annotate(mine=yes, key=F("pk"), top=nobody)
                .values_list("mine", "key", "top"),
                Uplink.objects.order_by()
                .annotate(mine=no, key=F("pk"), top=F("parent_id"))
                .values_list("mine", "key", "top"),
                all=True,
            )
        )
        mine: set[int] = set()
        parents: dict[int, int | None] = {}
        for is_mine, key, top in rows:
            if is_mine:
                mine.add(key)
            else:
                parents[key] = top
        tree = Tree(parents)
        return {above for key in mine for above in tree.upwards(key)}


EVERYTHING = Reached(everything=True)


@dataclass(frozen=True)
class Rule:
    """How a model belongs to the city: a condition for what is seen and for what is owned, and the
    same of one row in memory, which may not be saved yet.
    """

    seen: Callable[[Reached], Q]
    owned: Callable[[Reached], Q]
    owns: Callable[[Reached, Any], bool]


_RULES: dict[type[Model], Rule] = {}
_FOR_ROLES: set[type[Model]] = set()
NOTHING = Q(pk__in=[])


# --- Asking ------------------------------------------------------------------------------------


def reach_of(user: Any) -> Reached:
    """What this person reaches; read once for each `request.user`, by one query."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Reached()
    if user.is_superuser:
        return EVERYTHING
    kept: Reached | None = getattr(user, "_reached", None)
    if kept is None:
        kept = _read(user.pk)
        user._reached = kept
    return kept


def reached_by(rows: Iterable[Reach]) -> Reached:
    """What these rows would give, saved or not; one query."""
    return _resolved(
        ((row.agency_id, row.area_id) for row in rows),
        Tree.of(_areas().values_list("key", "top")),
    )


def narrow(rows: _Rows, reach: Reached) -> _Rows:
    """Those of these rows that are seen. Raises LookupError for a model that nobody declared."""
    return _narrowed(rows, reach, lambda rule: rule.seen)


def own(rows: _Rows, reach: Reached) -> _Rows:
    """Those of these rows that may be changed, given the right."""
    return _narrowed(rows, reach, lambda rule: rule.owned)


def owns(reach: Reached, row: Any) -> bool:
    """The same of one row as it stands in memory."""
    rule = rule_of(type(row))
    return reach.everything or rule is None or rule.owns(reach, row)


def seen_or_404(request: Any, rows: Any, **lookup: Any) -> Any:
    """One row that the person sees; 404 as if there were none."""
    return get_object_or_404(narrow(_all(rows), reach_of(request.user)), **lookup)


def own_or_404(request: Any, rows: Any, **lookup: Any) -> Any:
    """One row that the person may change; 404 also for what he only sees."""
    found = seen_or_404(request, rows, **lookup)
    if not owns(reach_of(request.user), found):
        raise Http404
    return found


def covers(mine: Reached, others: Reached) -> bool:
    """Whether the second reach lies within the first: who reaches less may not give more."""
    if mine.everything:
        return True
    return not others.everything and all(
        any(_within(part, other) for other in mine.parts) for part in others.parts
    )


def _within(part: Part, other: Part) -> bool:
    return (other.agency is None or part.agency == other.agency) and (
        other.areas is None or (part.areas is not None and part.areas <= other.areas)
    )


def rule_of(model: type[Model]) -> Rule | None:
    """How this model belongs to the city; None when it is for roles alone.

    Raises LookupError when nobody has said either: better no page than one that shows too much.
    """
    concrete: Any = model._meta.concrete_model
    if concrete in _RULES:
        return _RULES[concrete]
    if concrete in _FOR_ROLES:
        return None
    raise LookupError(f"{model._meta.label} says neither what it belongs to nor `for_roles`.")


def is_for_roles(model: type[Model]) -> bool:
    """Whether whoever has the right sees all of it."""
    return model._meta.concrete_model in _FOR_ROLES


# --- Declaring ---------------------------------------------------------------------------------


def declare(model: type[Model], *paths: str) -> None:
    """Rows of this model belong to what any of these ways leads to, as `camera` or `ticket`."""
    targets = {path: _target(model, path) for path in paths}

    def condition(reach: Reached, degree: Callable[[Any, Reached], Any]) -> Q:
        found = NOTHING
        for path, target in targets.items():
            keys = degree(target._default_manager.order_by(), reach).values("pk")
            found |= Q(**{f"{path}__in": keys})
        return found

    def owns_row(reach: Reached, row: Any) -> bool:
        ends = (_walk(row, path) for path in paths)
        return any(end is not None and owns(reach, end) for end in ends)

    _RULES[model] = Rule(lambda r: condition(r, narrow), lambda r: condition(r, own), owns_row)


def declare_all(model: type[Model], links: type[Model], back: str, path: str) -> None:
    """Rows of this model are reached with *all* that their links lead to: a work order with its
    tickets. Who reaches some of them only would read of the others.
    """
    target = _target(links, path)

    def condition(reach: Reached, degree: Callable[[Any, Reached], Any]) -> Q:
        keys = degree(target._default_manager.order_by(), reach).values("pk")
        others = links._default_manager.order_by().exclude(**{f"{path}__in": keys})
        return ~Q(pk__in=others.values(back))

    def owns_row(reach: Reached, row: Any) -> bool:
        return own(model._default_manager.filter(pk=row.pk), reach).exists()

    _RULES[model] = Rule(lambda r: condition(r, narrow), lambda r: condition(r, own), owns_row)


def declare_rule(model: type[Model], rule: Rule) -> None:
    """Rows of this model belong to the city in a way of their own."""
    _RULES[model] = rule


def for_roles(*models: type[Model]) -> None:
    """These belong to nothing in the city, as holidays: only the right counts."""
    _FOR_ROLES.update(models)


# --- Helpers -----------------------------------------------------------------------------------


def _read(user: int) -> Reached:
    """The person's rows and, for what is below an area, all areas; one query for both."""
    rows = list(
        Reach.objects.filter(user=user)
        .order_by()
        .annotate(row=_number(1), key=F("agency_id"), top=F("area_id"))
        .values_list("row", "key", "top")
        .union(_areas().annotate(row=_number(0)).values_list("row", "key", "top"), all=True)
    )
    return _resolved(
        ((agency, area) for row, agency, area in rows if row),
        Tree.of((key, top) for row, key, top in rows if not row),
    )


def _resolved(rows: Iterable[tuple[int | None, int | None]], tree: Tree) -> Reached:
    """From (agency, area) pairs; a constraint says that neither of both is everything."""
    parts = []
    for agency, area in rows:
        if agency is None and area is None:
            return Reached(everything=True, areas=tree)
        if area is None:
            parts.append(Part(agency, None))
        else:
            above = frozenset(tree.upwards(area)) - {area}
            parts.append(Part(agency, frozenset(tree.below(area)), above))
    return Reached(parts=tuple(parts), areas=tree)


def _areas() -> Any:
    return Area.objects.order_by().annotate(key=F("pk"), top=F("parent_id"))


def _narrowed(rows: _Rows, reach: Reached, degree: Callable[[Rule], Any]) -> _Rows:
    rule = rule_of(rows.model)
    if rule is None or reach.everything:
        return rows
    if reach.is_nothing:
        return rows.none()
    return rows.filter(degree(rule)(reach))


def _all(rows: Any) -> Any:
    return rows if isinstance(rows, QuerySet) else rows._default_manager.all()


def _number(number: int) -> Value:
    return Value(number, output_field=BigIntegerField())


def _target(model: type[Model], path: str) -> type[Model]:
    """The model at the end of a way of foreign keys."""
    for step in path.split("__"):
        found: Any = model._meta.get_field(step)
        model = found.related_model
    return model


def _walk(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = related(row, step) if row is not None else None
    return row


def related(row: Any, name: str) -> Any:
    """What a foreign key leads to; None also before it is chosen."""
    key: Any = row._meta.get_field(name)
    if getattr(row, key.attname) is None and not key.is_cached(row):
        return None
    return getattr(row, name)
