"""The deeds of the ledger: each adds one entry, or refuses with a sentence that says why.

    allocate · revise      money comes onto a line (pagu), or moves between lines
    reserve                a planned package holds its HPS
    commit · amend         a contract binds money; an addendum changes its value
    realise                money has left (SP2D)
    release                what a reservation or contract will not need falls back
    reverse                an entry that was wrong is undone by its opposite
    close_year             no more entries; what is not realised lapses

A deed locks its budget line, so that two people who press the button at once are served one after
the other, and looks itself whether there is enough; `guards` has the database look once more.
Amounts are whole rupiah. All raise LedgerError. A deed may be given a `key`, any text that names
it for good: repeated with the same key, it returns the entry of the first time and writes nothing.

    available = ceiling − reserved − (committed − realised of those commitments) − realised
"""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance.bookkeeping import (
    Balance,
    Document,
    LedgerError,
    Standing,
    balance,
    deed,
    document_of,
    expect_kind,
    expect_left,
    standing,
    write,
)
from maintenance.models import BudgetLine, EntryKind, FiscalYear, LedgerEntry
from maintenance.rupiah import format_rupiah

__all__ = [
    "Balance",
    "Document",
    "LedgerError",
    "Standing",
    "allocate",
    "amend",
    "balance",
    "close_year",
    "commit",
    "realise",
    "release",
    "reserve",
    "reverse",
    "revise",
    "standing",
]


@deed(kind=EntryKind.ALLOCATION)
def allocate(
    line: BudgetLine,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reason: str = "",
    key: str | None = None,
) -> LedgerEntry:
    """Put money onto a line (pagu), by its DPA."""
    return write(
        line,
        EntryKind.ALLOCATION,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        ceiling_rupiah=amount_rupiah,
    )


@deed(kind=EntryKind.REVISION)
def revise(
    line: BudgetLine,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reason: str,
    key: str | None = None,
) -> LedgerEntry:
    """Raise or, with a negative amount, lower a line's ceiling (pergeseran, APBD-P).

    Refused when the line no longer has what is taken from it.
    """
    return write(
        line,
        EntryKind.REVISION,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        ceiling_rupiah=amount_rupiah,
    )


@deed(kind=EntryKind.RESERVATION)
def reserve(
    line: BudgetLine,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reason: str = "",
    key: str | None = None,
) -> LedgerEntry:
    """Hold an owner's estimate (HPS) for a planned package."""
    return write(
        line,
        EntryKind.RESERVATION,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        reserved_rupiah=amount_rupiah,
    )


@deed(kind=EntryKind.COMMITMENT)
def commit(
    line: BudgetLine,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reservation: LedgerEntry | None = None,
    reason: str = "",
    key: str | None = None,
) -> LedgerEntry:
    """Enter a contract, order letter or purchase order.

    With a reservation it uses up all that is left of that, and may not exceed it; what the
    contract is cheaper falls back to the line at once.
    """
    held = 0
    if reservation is not None:
        expect_kind(reservation, line, EntryKind.RESERVATION)
        held = standing(reservation).left
        if amount_rupiah > held:
            raise LedgerError(
                gettext(
                    "The contract of %(amount)s exceeds what is reserved for it, %(held)s. A "
                    "contract may not exceed its HPS: negotiate, or plan the package anew."
                )
                % {"amount": format_rupiah(amount_rupiah), "held": format_rupiah(held)}
            )
    return write(
        line,
        EntryKind.COMMITMENT,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        committed_rupiah=amount_rupiah,
        reserved_rupiah=-held,
        reservation=reservation,
    )


@deed(kind=EntryKind.ADDENDUM)
def amend(
    commitment: LedgerEntry,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reason: str,
    key: str | None = None,
) -> LedgerEntry:
    """Raise or, with a negative amount, lower a contract's value by an addendum.

    Refused beyond the year's limit of addenda, beyond what the line has, and below what has been
    paid.
    """
    expect_kind(commitment, commitment.line, EntryKind.COMMITMENT)
    _expect_within_limit(commitment, amount_rupiah)
    expect_left(commitment, -amount_rupiah)
    return write(
        commitment.line,
        EntryKind.ADDENDUM,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        committed_rupiah=amount_rupiah,
        commitment=commitment,
    )


@deed(kind=EntryKind.REALISATION)
def realise(
    line: BudgetLine,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    commitment: LedgerEntry | None = None,
    reason: str = "",
    key: str | None = None,
) -> LedgerEntry:
    """Enter a payment (SP2D): of a contract or, by petty cash, without one.

    Refused beyond what is left of the contract or line, and for a day outside the budget year.
    """
    if document.day.year != line.year.year:
        raise LedgerError(
            gettext("The payment is of %(day)s: pay it from a line of that year, not of %(year)s.")
            % {"day": date_format(document.day), "year": line.year}
        )
    if commitment is not None:
        expect_kind(commitment, line, EntryKind.COMMITMENT)
        expect_left(commitment, amount_rupiah)
    return write(
        line,
        EntryKind.REALISATION,
        amount_rupiah,
        document,
        by,
        reason=reason,
        key=key,
        realised_rupiah=amount_rupiah,
        commitment=commitment,
    )


@deed(kind=EntryKind.RELEASE)
def release(
    held: LedgerEntry,
    by: User | None,
    *,
    amount_rupiah: int | None = None,
    document: Document | None = None,
    reason: str = "",
    key: str | None = None,
) -> LedgerEntry:
    """Let go of a reservation, or of what a contract will not need any more; all unless told.

    Without a document, that of what is released stands for it. Refused when there is not so much
    left of it.
    """
    expect_kind(held, held.line, EntryKind.RESERVATION, EntryKind.COMMITMENT)
    amount = standing(held).left if amount_rupiah is None else amount_rupiah
    expect_left(held, amount)
    column, link = (
        ("reserved_rupiah", "reservation")
        if held.kind == EntryKind.RESERVATION
        else ("committed_rupiah", "commitment")
    )
    return write(
        held.line,
        EntryKind.RELEASE,
        amount,
        document or document_of(held),
        by,
        reason=reason,
        key=key,
        **{column: -amount, link: held},
    )


@deed(kind=EntryKind.REVERSAL)
def reverse(
    entry: LedgerEntry,
    by: User | None,
    *,
    reason: str,
    document: Document | None = None,
    key: str | None = None,
) -> LedgerEntry:
    """Undo an entry by its exact opposite; both stay in the ledger.

    Without a document, that of the entry stands for it. Refused for an entry that is a reversal
    or reversed already, that others rest on, or whose money is in use.
    """
    _expect_reversible(entry)
    opposite = {
        column: -getattr(entry, column)
        for column in ("ceiling_rupiah", "reserved_rupiah", "committed_rupiah", "realised_rupiah")
    }
    if entry.commitment is not None:
        lowered = opposite["realised_rupiah"] - opposite["committed_rupiah"]
        expect_left(entry.commitment, lowered)
    # What moved a reservation or contract is undone on it; the entry that is one, on itself.
    return write(
        entry.line,
        EntryKind.REVERSAL,
        entry.amount_rupiah,
        document or document_of(entry),
        by,
        reason=reason,
        key=key,
        reverses=entry,
        reservation=entry if entry.kind == EntryKind.RESERVATION else entry.reservation,
        commitment=entry if entry.kind == EntryKind.COMMITMENT else entry.commitment,
        **opposite,
    )


def close_year(year: FiscalYear, by: User | None) -> int:
    """Close a budget year for good; the rupiah that lapse: all that was not realised.

    Refused before its 31 December, and for a year that is closed already.
    """
    with transaction.atomic():
        locked = FiscalYear.objects.select_for_update().get(pk=year.pk)
        if locked.is_closed:
            raise LedgerError(
                gettext("The budget year %(year)s is closed already.") % {"year": year}
            )
        if timezone.localdate() < date(locked.year, 12, 31):
            raise LedgerError(
                gettext("The budget year %(year)s can be closed from its 31 December on.")
                % {"year": year}
            )
        locked.closed_at, locked.closed_by = timezone.now(), by
        locked.save()
        sums = LedgerEntry.objects.filter(line__year=locked).aggregate(
            ceiling=Sum("ceiling_rupiah", default=0), realised=Sum("realised_rupiah", default=0)
        )
    return sums["ceiling"] - sums["realised"]


def _expect_within_limit(commitment: LedgerEntry, amount_rupiah: int) -> None:
    """LedgerError when addenda would raise the contract by more than the year allows."""
    raised = LedgerEntry.objects.filter(
        Q(kind=EntryKind.ADDENDUM) | Q(reverses__kind=EntryKind.ADDENDUM), commitment=commitment
    ).aggregate(sum=Sum("committed_rupiah", default=0))["sum"]
    percent = commitment.line.year.addendum_limit_percent
    most = max(commitment.amount_rupiah * percent // 100 - raised, 0)
    if amount_rupiah > most:
        raise LedgerError(
            gettext(
                "Addenda may raise this contract by %(most)s more, %(percent)s %% of its first "
                "value in all, not by %(amount)s. What is beyond that needs a package of its own; "
                "the limit is kept with the budget year."
            )
            % {
                "most": format_rupiah(most),
                "percent": percent,
                "amount": format_rupiah(amount_rupiah),
            }
        )


def _expect_reversible(entry: LedgerEntry) -> None:
    if entry.kind == EntryKind.REVERSAL:
        raise LedgerError(
            gettext("%(entry)s is a reversal itself. Enter anew what it undid.") % {"entry": entry}
        )
    if LedgerEntry.objects.filter(reverses=entry).exists():
        raise LedgerError(gettext("%(entry)s is reversed already.") % {"entry": entry})
    resting = (
        LedgerEntry.objects.filter(Q(reservation=entry) | Q(commitment=entry), reversed_by=None)
        .exclude(kind=EntryKind.REVERSAL)
        .exclude(pk=entry.pk)
        .first()
    )
    if resting is not None:
        raise LedgerError(
            gettext("%(resting)s rests on %(entry)s. Reverse that first.")
            % {"resting": resting, "entry": entry}
        )
