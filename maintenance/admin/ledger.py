"""The ledger in the admin: a list to read, to filter and to take home; nothing to edit."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from unfold.decorators import display

from cameras.exports import ExportOfSeen
from maintenance.admin.budget_buttons import EntryButtons
from maintenance.exporting import PlainResource
from maintenance.models import EntryKind, LedgerEntry
from maintenance.rupiah import format_rupiah
from monitoring.admin.shared import ReadOnlyAdmin

KIND_COLOURS = {kind.value: kind.colour for kind in EntryKind}


class LedgerResource(PlainResource):
    """One row an entry; amounts as whole numbers, so that a spreadsheet can add them up."""

    number = Field(attribute="number", column_name=_("entry"))
    year = Field(attribute="line__year__year", column_name=_("year"))
    agency = Field(attribute="line__agency__code", column_name=_("agency"))
    account_code = Field(attribute="line__code", column_name=_("account code"))
    line = Field(attribute="line__name", column_name=_("budget line"))
    entered_by = Field(attribute="entered_by__username", column_name=_("entered by"))

    class Meta:
        model = LedgerEntry
        fields = (
            "number",
            "year",
            "agency",
            "account_code",
            "line",
            "kind",
            "amount_rupiah",
            "ceiling_rupiah",
            "reserved_rupiah",
            "committed_rupiah",
            "realised_rupiah",
            "document_kind",
            "document_number",
            "document_date",
            "ends_on",
            "ppn_rupiah",
            "pph_rupiah",
            "reservation",
            "commitment",
            "reverses",
            "reason",
            "entered_by",
            "entered_at",
        )
        export_order = fields
        widgets = {name: {"coerce_to_string": False} for name in fields if name.endswith("_rupiah")}


@admin.register(LedgerEntry)
class LedgerEntryAdmin(EntryButtons, ExportOfSeen, ReadOnlyAdmin):
    resource_classes = [LedgerResource]
    list_display = [
        "number",
        "line",
        "kind_label",
        "amount",
        "document_kind",
        "document_number",
        "document_date",
        "entered_by",
        "entered_at",
    ]
    list_display_links = ["number"]
    list_filter = ["kind", "document_kind", "line__year", "line__agency"]

    list_select_related = ["line__year", "line__agency", "entered_by"]
    search_fields = ["document_number", "reason", "line__code", "line__name"]
    date_hierarchy = "document_date"
    fields = [
        "line",
        "kind_in_words",
        "amount",
        "moves",
        "document_kind",
        "document_number",
        "document_date",
        "ends_on",
        "ppn",
        "pph",
        "reservation",
        "commitment",
        "reverses",
        "reason",
        "entered_by",
        "entered_at",
    ]
    readonly_fields = ["kind_in_words", "amount", "moves", "ppn", "pph"]

    @admin.display(description=_("entry"), ordering="pk")
    def number(self, entry: LedgerEntry) -> str:
        return entry.number

    @display(description=_("kind"), label=KIND_COLOURS, ordering="kind")
    def kind_label(self, entry: LedgerEntry) -> tuple[str, str]:
        return entry.kind, entry.get_kind_display()

    @admin.display(description=_("kind"))
    def kind_in_words(self, entry: LedgerEntry) -> str:
        # A page of one row knows no labels.
        return str(entry.get_kind_display())

    @display(description=_("amount"), ordering="amount_rupiah")
    def amount(self, entry: LedgerEntry) -> SafeString:
        return format_html('<span class="rupiah">{}</span>', format_rupiah(entry.amount_rupiah))

    @admin.display(description=_("what it moves"))
    def moves(self, entry: LedgerEntry) -> str:
        moved = {
            _("ceiling"): entry.ceiling_rupiah,
            _("reserved"): entry.reserved_rupiah,
            _("committed"): entry.committed_rupiah,
            _("realised"): entry.realised_rupiah,
        }
        return ", ".join(
            f"{name} {'+' if rupiah > 0 else ''}{format_rupiah(rupiah)}"
            for name, rupiah in moved.items()
            if rupiah
        )

    @admin.display(description=_("PPN (VAT)"))
    def ppn(self, entry: LedgerEntry) -> str:
        return format_rupiah(entry.ppn_rupiah)

    @admin.display(description=_("PPh (income tax)"))
    def pph(self, entry: LedgerEntry) -> str:
        return format_rupiah(entry.pph_rupiah)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False
