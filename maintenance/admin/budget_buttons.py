"""The buttons of a budget line and of a ledger entry: each asks, and calls one deed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from maintenance import contracts, ledger
from maintenance.admin import budget_forms as forms
from maintenance.models import BudgetLine, EntryKind, LedgerEntry

__all__ = ["EntryButtons", "LineButtons", "attempt"]


def attempt(
    request: HttpRequest,
    form: BaseDialogForm,
    deed: Callable[[], Any],
    done: str,
    back: str,
) -> HttpResponse:
    """Do it and go `back`; when it is refused, say why in the dialog, beside what was typed."""
    try:
        deed()
    except ledger.LedgerError as error:
        shown = [name for name, field in form.fields.items() if not field.widget.is_hidden]
        form.add_error("amount_rupiah" if "amount_rupiah" in shown else shown[-1], str(error))
        return render(request, "unfold/helpers/dialog.html", {"dialog": {}, "form": form})
    messages.success(request, done)
    return HttpResponse(headers={"HX-Redirect": back})


def _may(permission: str) -> Any:
    def check(self: Any, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(f"maintenance.{permission}")

    return check


class LineButtons:
    """The actions, for the admin class of budget lines."""

    actions_detail = ["allocate", "revise", "commit", "realise"]

    has_allocate_permission = _may("allocate_budgetline")
    has_commit_permission = _may("commit_budgetline")
    has_realise_permission = _may("realise_budgetline")

    @action(
        description=_("Allocate"),
        icon="add_card",
        permissions=["allocate"],
        dialog={
            "title": _("Put money onto this line (pagu)"),
            "form_class": forms.AllocateForm,
            "form_submit_text": _("Allocate"),
        },
    )
    def allocate(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return self._on_line(request, form, object_id, ledger.allocate, _("Allocated."))

    @action(
        description=_("Revise"),
        icon="edit_note",
        permissions=["allocate"],
        dialog={
            "title": _("Raise or lower the ceiling"),
            "description": _("By pergeseran or APBD-P. What is in use cannot be taken away."),
            "form_class": forms.ReviseForm,
            "form_submit_text": _("Revise"),
        },
    )
    def revise(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return self._on_line(request, form, object_id, ledger.revise, _("The ceiling is revised."))

    @action(
        description=_("Commit"),
        icon="contract",
        permissions=["commit"],
        dialog={
            "title": _("Enter a contract without a package"),
            "description": _("Contracts of packages are signed on the package's page."),
            "form_class": forms.CommitForm,
            "form_submit_text": _("Commit"),
        },
    )
    def commit(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        return self._on_line(request, form, object_id, ledger.commit, _("Committed."))

    @action(
        description=_("Pay"),
        icon="payments",
        permissions=["realise"],
        dialog={
            "title": _("Enter a payment (SP2D)"),
            "form_class": forms.RealiseForm,
            "form_submit_text": _("Enter"),
        },
    )
    def realise(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        contract = {"commitment": form.cleaned_data["commitment"]}
        done = _("The payment is entered.")
        return self._on_line(request, form, object_id, ledger.realise, done, **contract)

    def _on_line(
        self,
        request: HttpRequest,
        form: Any,
        object_id: int,
        deed: Callable[..., Any],
        done: Any,
        **more: Any,
    ) -> HttpResponse:
        line = get_object_or_404(BudgetLine, pk=object_id)
        given = form.cleaned_data
        return attempt(
            request,
            form,
            lambda: deed(
                line,
                given["amount_rupiah"],
                form.document(),
                request.user,
                reason=given["reason"],
                key=given["key"],
                **more,
            ),
            str(done),
            line.get_absolute_url(),
        )


class EntryButtons:
    """The actions, for the admin class of ledger entries."""

    actions_detail = ["amend", "release", "reverse"]

    has_amend_permission = _may("commit_budgetline")
    has_reverse_permission = _may("reverse_budgetline")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer only what makes sense for the entry."""
        offered = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        entry = LedgerEntry.objects.filter(pk=object_id).first()
        sensible = _sensible(entry) if entry else set()
        return [each for each in offered if each.path in sensible]

    @action(
        description=_("Enter an addendum"),
        icon="edit_document",
        permissions=["amend"],
        dialog={
            "title": _("Change the contract's value"),
            "form_class": forms.AmendForm,
            "form_submit_text": _("Enter"),
        },
    )
    def amend(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        entry, given = _entry(object_id, "amend"), form.cleaned_data
        return attempt(
            request,
            form,
            lambda: ledger.amend(
                entry,
                given["amount_rupiah"],
                form.document(),
                request.user,  # type: ignore[arg-type]
                reason=given["reason"],
                key=given["key"],
            ),
            gettext("The addendum is entered."),
            entry.line.get_absolute_url(),
        )

    @action(
        description=_("Release"),
        icon="lock_open",
        permissions=["amend"],
        dialog={
            "title": _("Let go of what is not needed any more"),
            "form_class": forms.ReleaseForm,
            "form_submit_text": _("Release"),
        },
    )
    def release(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        entry, given = _entry(object_id, "release"), form.cleaned_data
        return attempt(
            request,
            form,
            lambda: ledger.release(
                entry,
                request.user,  # type: ignore[arg-type]
                amount_rupiah=given["amount_rupiah"],
                reason=given["reason"],
                key=given["key"],
            ),
            gettext("Released."),
            entry.line.get_absolute_url(),
        )

    @action(
        description=_("Reverse"),
        icon="undo",
        permissions=["reverse"],
        dialog={
            "title": _("Undo this entry by its opposite"),
            "description": _("Both stay in the ledger, with your name and your reason."),
            "form_class": forms.ReasonForm,
            "form_submit_text": _("Reverse"),
        },
    )
    def reverse(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        entry, given = _entry(object_id, "reverse"), form.cleaned_data
        return attempt(
            request,
            form,
            lambda: contracts.reverse_entry(
                entry,
                request.user,  # type: ignore[arg-type]
                reason=given["reason"],
                key=given["key"],
            ),
            gettext("%(entry)s is reversed.") % {"entry": entry},
            entry.line.get_absolute_url(),
        )


def _entry(object_id: int, deed: str) -> LedgerEntry:
    """The entry, when the deed makes sense for it; also for who did not come by the button."""
    entry = get_object_or_404(LedgerEntry.objects.select_related("line__year"), pk=object_id)
    if deed not in _sensible(entry):
        raise PermissionDenied
    return entry


def _of_package(entry: LedgerEntry) -> bool:
    """True for what a package holds itself: undone by the package's own deeds."""
    return hasattr(entry, "reserved_package") or hasattr(entry, "committed_package")


def _sensible(entry: LedgerEntry) -> set[str]:
    if entry.kind == EntryKind.REVERSAL or hasattr(entry, "reversed_by") or _of_package(entry):
        return set()
    found = {"reverse"}
    if entry.kind == EntryKind.COMMITMENT:
        found |= {"amend", "release"}
    if entry.kind == EntryKind.RESERVATION:
        found.add("release")
    return found
