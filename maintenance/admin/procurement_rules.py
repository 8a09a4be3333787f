"""Methods, limits and stages, for the administrators who keep them as the law has them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from maintenance.models import MethodRule, RuleSet, StageTemplate, StageTemplateItem


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
class RuleSetAdmin(ModelAdmin):
    list_display = ["name", "citation", "valid_from", "valid_until"]
    search_fields = ["name", "citation"]
    inlines = [MethodRuleInline]


class ItemFormSet(BaseInlineFormSet):
    """A stage can be reckoned only from one that comes before it."""

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
class StageTemplateAdmin(ModelAdmin):
    list_display = ["name", "code", "note"]
    search_fields = ["name", "code"]
    inlines = [StageTemplateItemInline]
