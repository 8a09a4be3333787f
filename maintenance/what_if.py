"""What if: a method and a start → when a contract can be signed, and whether the year suffices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import ceil

from maintenance.models import Kind, Method, MethodRule, RuleSet
from maintenance.procurement_rules import rules_on, ruling, usable_methods
from maintenance.procurement_schedule import Pace, Role, Span, Step, plan
from maintenance.workdays import Calendar

__all__ = ["Dates", "Prospect", "SmallNeeds", "alternatives", "prospect", "small_needs"]


@dataclass(frozen=True)
class Dates:
    """The days that count; None where the method has no such stage."""

    contract: date | None
    work_ends: date | None
    paid: date | None

    def fit_into(self, year: int) -> bool:
        """Whether the money has left by 31 December of the year."""
        return self.paid is not None and self.paid <= date(year, 12, 31)


@dataclass(frozen=True)
class Prospect:
    """What comes of a method begun on a day. Without dates when the rules refuse it."""

    method: Method
    rule_set: RuleSet
    rule: MethodRule | None
    refusal: str
    start: date
    earliest: Dates | None
    expected: Dates | None

    @property
    def citation(self) -> str:
        return self.rule_set.citation

    @property
    def fits(self) -> bool:
        """Whether it fits into the year of its start as it usually goes."""
        return self.expected is not None and self.expected.fit_into(self.start.year)

    @property
    def may_fit(self) -> bool:
        """Whether it fits if every stage takes the least that the law and the work allow."""
        return self.earliest is not None and self.earliest.fit_into(self.start.year)


@dataclass(frozen=True)
class SmallNeeds:
    """A sum as several needs, each small enough for a method without a tender.

    Legal only if they are separate needs: one need must not be split to avoid a tender.
    """

    number: int
    most_rupiah: int
    prospect: Prospect


def prospect(
    method: str,
    kind: str,
    value_rupiah: int,
    start: date,
    calendar: Calendar,
    *,
    work_days: int,
    justification: str = "",
) -> Prospect:
    """What comes of it, under the rules in force on `start`; ProcurementError without any."""
    rule_set = rules_on(start)
    answer = ruling(rule_set, method, kind, value_rupiah, justification)
    if answer.rule is None or not answer.is_allowed:
        return Prospect(Method(method), rule_set, answer.rule, answer.refusal, start, None, None)
    return _foreseen(answer.rule, start, calendar, work_days)


def alternatives(
    kind: str, value_rupiah: int, start: date, calendar: Calendar, *, work_days: int
) -> list[Prospect]:
    """Every method that the rules allow for the value, the soonest contract first.

    Those for listed cases only are among them; `rule.listed_cases_only` says so.
    """
    rules = usable_methods(rules_on(start), Kind(kind), value_rupiah)
    found = [_foreseen(rule, start, calendar, work_days) for rule in rules]
    return sorted(found, key=lambda each: (_contract(each), each.method))


def small_needs(
    kind: str, total_rupiah: int, start: date, calendar: Calendar, *, work_days: int
) -> SmallNeeds | None:
    """The sum as separate needs by direct procurement, where one alone would be too large."""
    rules = rules_on(start)
    rule = ruling(rules, Method.DIRECT_PROCUREMENT, kind, 1).rule
    if rule is None or rule.maximum_rupiah is None or total_rupiah <= rule.maximum_rupiah:
        return None
    number = ceil(total_rupiah / rule.maximum_rupiah)
    return SmallNeeds(number, rule.maximum_rupiah, _foreseen(rule, start, calendar, work_days))


def _foreseen(rule: MethodRule, start: date, calendar: Calendar, work_days: int) -> Prospect:
    steps = rule.template.steps()
    earliest, expected = (
        _dates(steps, plan(steps, start, calendar, work_days=work_days, pace=pace))
        for pace in (Pace.FASTEST, Pace.TYPICAL)
    )
    return Prospect(Method(rule.method), rule.rule_set, rule, "", start, earliest, expected)


def _dates(steps: Iterable[Step], spans: dict[str, Span]) -> Dates:
    ends = {step.role: spans[step.code].end for step in steps if step.code in spans}
    return Dates(ends.get(Role.CONTRACT), ends.get(Role.WORK), ends.get(Role.PAYMENT))


def _contract(found: Prospect) -> date:
    dates = found.expected
    return dates.contract if dates and dates.contract else date.max
