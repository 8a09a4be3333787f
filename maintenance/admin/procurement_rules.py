"""Methods, limits and stages, for the administrators who keep them as the law has them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from cameras.reached_admin import ReachedAdmin
from maintenance.models import MethodRule, RuleSet, StageTemplate, StageTemplateItem
from maintenance.models.procurement_rules import ROLE_LABELS
from maintenance.procurement_schedule import Role


class MethodRuleInline(TabularInline):
    model = MethodRule
    extra = 0
    fields = [
        "method",
        "kind",
        "minimum_rupiah",
        "maximum_rupiah",
        "listed_cases_only",
        "template",
        "note",
    ]


@admin.register(RuleSet)
class RuleSetAdmin(ReachedAdmin, ModelAdmin):
    list_display = ["name", "citation", "valid_from", "valid_until"]
    search_fields = ["name", "citation"]
    inlines = [MethodRuleInline]


# Without these, a package could not be announced anew, signed, accepted or paid.
_NEEDED = (Role.ANNOUNCEMENT, Role.CONTRACT, Role.WORK, Role.HANDOVER, Role.PAYMENT)


class ItemFormSet(BaseInlineFormSet):
    """Stages that a package can go through: each is reckoned from one that comes before it, and
    those by which the program acts are there once.
    """

    def clean(self) -> None:
        super().clean()
        rows: list[dict[str, Any]] = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        before: set[str] = set()
        for row in sorted(rows, key=lambda row: row.get("order") or 0):
            if row.get("anchor") and row["anchor"] not in before:
                raise ValidationError(
                    _("“%(stage)s” is reckoned from “%(anchor)s”, which does not come before it."),
                    params={"stage": row.get("name"), "anchor": row["anchor"]},
                )
            before.add(row.get("code") or "")
        roles = [row.get("role") for row in rows]
        for role in _NEEDED:
            if roles.count(role.value) != 1:
                raise ValidationError(
                    _("Exactly one stage must have the role “%(role)s”."),
                    params={"role": dict(ROLE_LABELS)[role.value]},
                )


class StageTemplateItemInline(StackedInline):
    model = StageTemplateItem
    formset = ItemFormSet
    extra = 0
    collapsible = True
    fields = [
        ("order", "code", "name"),
        ("holder", "phase", "role"),
        ("typical_days", "minimum_days", "maximum_days", "unit"),
        ("anchor", "anchor_edge", "gap_days", "optional"),
        "note",
    ]


@admin.register(StageTemplate)
class StageTemplateAdmin(ReachedAdmin, ModelAdmin):
    list_display = ["name", "code", "note"]
    search_fields = ["name", "code"]
    inlines = [StageTemplateItemInline]
