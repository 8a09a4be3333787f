"""The audit trail in the admin: to read, to search, to take home; nothing to edit."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.decorators import display

from cameras.audit.models import AuditEntry, Deed
from cameras.exports import ExportOfSeen
from cameras.formulae import defused
from monitoring import audit_words
from monitoring.admin.shared import ReadOnlyAdmin

_COLOURS = {deed.label: deed.colour for deed in Deed}


class AuditResource(ModelResource):
    """One row an entry, in words. What people typed is defused: it must not run as a formula."""

    at = Field(column_name=_("time"))
    who = Field(column_name=_("person"))
    deed = Field(column_name=_("deed"))
    kind = Field(column_name=_("kind"))
    what = Field(column_name=_("subject"))
    changes = Field(column_name=_("changes"))
    address = Field(column_name=_("address"))

    class Meta:
        model = AuditEntry
        fields = ("at", "who", "deed", "kind", "what", "changes", "address")

    def dehydrate_at(self, entry: AuditEntry) -> str:
        return timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds")

    def dehydrate_who(self, entry: AuditEntry) -> Any:
        return defused(entry.person_name)

    def dehydrate_deed(self, entry: AuditEntry) -> str:
        return str(entry.get_deed_display())

    def dehydrate_kind(self, entry: AuditEntry) -> str:
        return audit_words.kind_in_words(entry)

    def dehydrate_what(self, entry: AuditEntry) -> Any:
        return defused(entry.name)

    def dehydrate_changes(self, entry: AuditEntry) -> Any:
        return defused(audit_words.in_one_line(entry, most=1000))

    def dehydrate_address(self, entry: AuditEntry) -> str:
        return entry.address or ""


class KindFilter(admin.SimpleListFilter):
    """By what kind of row; only kinds that something happened to."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # Kinds are few, entries many: each kind is asked for by the index, not counted.
        kinds = [
            kind
            for kind in ContentType.objects.filter(
                pk__in=AuditEntry.objects.order_by().values("kind").distinct()
            )
            if kind.model_class()
        ]
        return sorted(((str(kind.pk), kind.name) for kind in kinds), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if (self.value() or "").isdecimal() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ExportOfSeen, ReadOnlyAdmin):
    resource_classes = [AuditResource]
    list_display = ["time", "who", "did", "subject", "told", "address"]
    list_display_links = ["time"]
    list_filter = ["deed", KindFilter, "at"]
    search_fields = ["person_name", "name", "address", "row"]
    search_help_text = _("User name, name of a row, or address")
    show_full_result_count = False
    list_per_page = 50
    fields = ["time", "who", "did", "subject", "table", "address"]
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="at")
    def time(self, entry: AuditEntry) -> Any:
        return entry.at

    @admin.display(description=_("person"), ordering="person_name")
    def who(self, entry: AuditEntry) -> str:
        return entry.person_name or "—"

    @display(description=_("deed"), ordering="deed", label=_COLOURS)
    def did(self, entry: AuditEntry) -> str:
        return entry.get_deed_display()

    @admin.display(description=_("subject"), ordering="name")
    def subject(self, entry: AuditEntry) -> str | SafeString:
        kind = audit_words.kind_in_words(entry)
        words = f"{kind}: {entry.name}" if kind else entry.name or "—"
        if not entry.kind_id or entry.deed == Deed.DELETED:
            return words
        model = ContentType.objects.get_for_id(entry.kind_id)
        try:
            url = reverse(f"admin:{model.app_label}_{model.model}_change", args=[entry.row])
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', url, words)

    @admin.display(description=_("changes"))
    def told(self, entry: AuditEntry) -> str:
        return audit_words.in_one_line(entry)

    @admin.display(description=_("changes"))
    def table(self, entry: AuditEntry) -> str:
        return render_to_string(
            "admin/audit/changes.html", {"changes": list(audit_words.told(entry))}
        )
