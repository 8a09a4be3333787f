"""Questions to the procurement rules: which hold on a day, what they allow, what they refuse."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance.models import Kind, Method, MethodRule, RuleSet
from maintenance.rupiah import format_rupiah

__all__ = ["ProcurementError", "Ruling", "rule_for", "rules_on", "ruling", "usable_methods"]


class ProcurementError(Exception):
    """A deed that the rules or the package's state do not allow; the message says why."""


@dataclass(frozen=True)
class Ruling:
    """Whether a method may be used: `refusal` is "" when it may, else the sentence why not."""

    rule_set: RuleSet
    rule: MethodRule | None
    refusal: str

    @property
    def is_allowed(self) -> bool:
        return not self.refusal


def rules_on(day: date) -> RuleSet:
    """The rules in force on a day. Raises ProcurementError when none are on record."""
    found = RuleSet.objects.in_force(day)
    if found is None:
        raise ProcurementError(
            gettext(
                "No procurement rules are on record for %(day)s. Add them under Procurement rules, "
                "or choose another date."
            )
            % {"day": date_format(day)}
        )
    return found


def rule_for(rule_set: RuleSet, method: str, kind: str) -> MethodRule | None:
    """What a rule set says of a method for a kind of need; None when it does not know it."""
    return (
        rule_set.methods.filter(method=method, kind=kind)
        .select_related("template", "rule_set")
        .first()
    )


def ruling(
    rule_set: RuleSet, method: str, kind: str, value_rupiah: int, justification: str = ""
) -> Ruling:
    """Whether `method` may be used for a need of this kind and value under the rule set."""
    rule = rule_for(rule_set, method, kind)
    return Ruling(
        rule_set, rule, _refusal(rule_set, rule, method, kind, value_rupiah, justification)
    )


def usable_methods(rule_set: RuleSet, kind: str, value_rupiah: int) -> list[MethodRule]:
    """The methods that the value allows; those of listed cases, which need a reason, among them."""
    rules = rule_set.methods.filter(kind=kind).select_related("template", "rule_set")
    return [rule for rule in rules if not _beyond(rule, value_rupiah)]


def _refusal(
    rule_set: RuleSet,
    rule: MethodRule | None,
    method: str,
    kind: str,
    value_rupiah: int,
    justification: str,
) -> str:
    facts = {
        "method": Method(method).label,
        "kind": Kind(kind).label,
        "rule": rule_set.citation,
        "value": format_rupiah(value_rupiah),
    }
    if rule is None:
        return gettext("%(rule)s does not know the method “%(method)s” for %(kind)s.") % facts
    if _beyond(rule, value_rupiah):
        if rule.maximum_rupiah is not None and value_rupiah > rule.maximum_rupiah:
            return gettext(
                "“%(method)s” is not allowed for %(value)s: for %(kind)s it ends at %(limit)s "
                "(%(rule)s)."
            ) % {**facts, "limit": format_rupiah(rule.maximum_rupiah)}
        return gettext(
            "“%(method)s” is not allowed for %(value)s: for %(kind)s it begins at %(limit)s "
            "(%(rule)s)."
        ) % {**facts, "limit": format_rupiah(rule.minimum_rupiah)}
    if rule.listed_cases_only and not justification.strip():
        return (
            gettext("“%(method)s” is allowed in listed cases only (%(rule)s): say which one it is.")
            % facts
        )
    return ""


def _beyond(rule: MethodRule, value_rupiah: int) -> bool:
    above = rule.maximum_rupiah is not None and value_rupiah > rule.maximum_rupiah
    return above or value_rupiah < rule.minimum_rupiah
