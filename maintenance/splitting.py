"""Splitting: one need in several packages, each small enough to go without a tender.

It is forbidden under every rule set on record. Whether packages are one need, only people can
tell; what looks like it is flagged: the same line, the same kind, near dates, the same limited
method, and together more than its limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from maintenance.models import Package, PackageState
from maintenance.procurement_rules import rule_for

__all__ = ["NEAR_DAYS", "Part", "Suspicion", "parts_of_one_need", "suspicion"]

# What counts as near is ours to choose: the regulations name no number of days.
NEAR_DAYS = 90


@dataclass(frozen=True)
class Part:
    """A package as far as the question needs it."""

    code: str
    day: date
    rupiah: int


@dataclass(frozen=True)
class Suspicion:
    """Packages that together exceed the limit that each of them keeps."""

    others: list[str]
    sum_rupiah: int
    limit_rupiah: int
    citation: str


def parts_of_one_need(part: Part, others: Iterable[Part], limit_rupiah: int) -> list[Part]:
    """The others within NEAR_DAYS of the part, when all together exceed the limit; else none."""
    near = [other for other in others if abs(other.day - part.day) <= timedelta(NEAR_DAYS)]
    total = part.rupiah + sum(other.rupiah for other in near)
    return near if near and total > limit_rupiah else []


def suspicion(package: Package) -> Suspicion | None:
    """Whether the package looks like a part of a larger need; None when it does not."""
    rule = rule_for(package.rule_set, package.method, package.kind)
    if package.state == PackageState.CANCELLED or rule is None or rule.maximum_rupiah is None:
        return None
    others = (
        Package.objects.filter(line=package.line_id, kind=package.kind, method=package.method)
        .exclude(state=PackageState.CANCELLED)
        .exclude(pk=package.pk)
        .order_by("rule_date", "pk")
    )
    near = parts_of_one_need(_part(package), map(_part, others), rule.maximum_rupiah)
    if not near:
        return None
    return Suspicion(
        [each.code for each in near],
        package.hps_rupiah + sum(each.rupiah for each in near),
        rule.maximum_rupiah,
        package.rule_set.citation,
    )


def _part(package: Package) -> Part:
    return Part(package.code, package.rule_date, package.hps_rupiah)
