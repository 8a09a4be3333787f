"""What is asked before money moves: the forms in the dialogs of lines and entries."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from maintenance import ledger
from maintenance.admin.package_forms import DayField, TextField
from maintenance.fields import RupiahFormField
from maintenance.ledger import Document
from maintenance.models import DocumentKind, EntryKind, LedgerEntry
from maintenance.rupiah import format_rupiah

__all__ = [
    "AllocateForm",
    "AmendForm",
    "CommitForm",
    "RealiseForm",
    "ReasonForm",
    "ReleaseForm",
    "ReviseForm",
]


def _new_key() -> str:
    return f"form:{uuid.uuid4()}"


class LedgerForm(BaseDialogForm):
    """Every dialog of the ledger: pressing its button twice enters one entry."""

    key = forms.CharField(widget=forms.HiddenInput, initial=_new_key, max_length=100)
    documents: tuple[DocumentKind, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "document_kind" in self.fields:
            chosen = [(kind.value, kind.label) for kind in self.documents]
            self.fields["document_kind"].choices = chosen

    def document(self) -> Document:
        """The paper as it was typed in."""
        given = self.cleaned_data
        return Document(
            DocumentKind(given["document_kind"]),
            given["document_number"],
            given["document_date"],
            ppn_rupiah=given.get("ppn_rupiah") or 0,
            pph_rupiah=given.get("pph_rupiah") or 0,
            ends_on=given.get("ends_on"),
        )


class DocumentForm(LedgerForm):
    amount_rupiah = RupiahFormField(label=_("amount"), min_value=1)
    document_kind = forms.ChoiceField(label=_("document"), widget=UnfoldAdminSelectWidget())
    document_number = TextField(label=_("document number"), max_length=100)
    document_date = DayField(label=_("document date"), initial=timezone.localdate)


class AllocateForm(DocumentForm):
    documents = (DocumentKind.DPA, DocumentKind.OTHER)
    reason = TextField(label=_("reason"), required=False)


class ReviseForm(DocumentForm):
    documents = (DocumentKind.SHIFT, DocumentKind.APBD_P, DocumentKind.OTHER)
    amount_rupiah = RupiahFormField(
        label=_("amount"),
        min_value=None,
        help_text=_("With a minus it lowers the ceiling: -50 juta."),
    )
    reason = TextField(label=_("reason"))


class CommitForm(DocumentForm):
    documents = (
        DocumentKind.CONTRACT,
        DocumentKind.SPK,
        DocumentKind.PURCHASE_ORDER,
        DocumentKind.OTHER,
    )
    ppn_rupiah = RupiahFormField(
        label=_("PPN (VAT)"), required=False, help_text=_("Inside the amount, as the paper says.")
    )
    ends_on = DayField(label=_("work ends"), required=False)
    reason = TextField(label=_("reason"), help_text=_("What is bought, and why without a package."))


class ContractChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: LedgerEntry) -> str:
        left = format_rupiah(ledger.standing(obj).left)
        return str(_("%(number)s: %(left)s left") % {"number": obj.document_number, "left": left})


class RealiseForm(DocumentForm):
    documents = (DocumentKind.SP2D, DocumentKind.RECEIPT, DocumentKind.OTHER)
    commitment = ContractChoice(
        label=_("contract"),
        queryset=LedgerEntry.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label=_("none (petty cash)"),
        help_text=_("Contracts of packages are paid on the package's page."),
    )
    pph_rupiah = RupiahFormField(
        label=_("PPh (income tax)"), required=False, help_text=_("Withheld, as the SP2D says.")
    )
    reason = TextField(label=_("reason"), required=False)
    field_order = ["commitment"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commitment"].queryset = _own_contracts(self.object_id)


class AmendForm(DocumentForm):
    documents = (DocumentKind.ADDENDUM, DocumentKind.MINUTES)
    amount_rupiah = RupiahFormField(
        label=_("amount"), min_value=None, help_text=_("With a minus it lowers the contract.")
    )
    ends_on = DayField(label=_("work ends"), required=False)
    reason = TextField(label=_("reason"))


class ReasonForm(LedgerForm):
    reason = TextField(label=_("reason"))


class ReleaseForm(ReasonForm):
    amount_rupiah = RupiahFormField(
        label=_("amount"), required=False, min_value=1, help_text=_("Empty: all that is left.")
    )


def _own_contracts(line_id: Any) -> QuerySet[LedgerEntry]:
    """The line's contracts that stand and belong to no package."""
    try:
        return LedgerEntry.objects.filter(
            line=line_id,
            kind=EntryKind.COMMITMENT,
            reversed_by=None,
            committed_package=None,
        )
    except (ValidationError, ValueError):
        return LedgerEntry.objects.none()
