"""What the deeds of the ledger share: its terms, and how an entry is written.

An entry is written with its budget line locked, after the balance that it leaves has been looked
at. Once more, and for whoever comes by another way, the database looks itself: `guards`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ParamSpec

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import BudgetLine, DocumentKind, EntryKind, LedgerEntry
from maintenance.rupiah import LARGEST_RUPIAH, format_rupiah

__all__ = [
    "Balance",
    "Document",
    "LedgerError",
    "Standing",
    "balance",
    "deed",
    "document_of",
    "expect_kind",
    "expect_left",
    "standing",
    "write",
]

P = ParamSpec("P")
# Every deed asks it, once or twice: by hand it takes a tenth of the time.
_SUMS = """
    SELECT COALESCE(SUM(ceiling_rupiah), 0), COALESCE(SUM(reserved_rupiah), 0),
        COALESCE(SUM(committed_rupiah), 0), COALESCE(SUM(realised_rupiah), 0),
        COALESCE(SUM(CASE WHEN commitment_id IS NULL THEN realised_rupiah END), 0)
    FROM maintenance_ledgerentry WHERE line_id = %s
"""
# Kinds whose amount may be negative.
_SIGNED = (EntryKind.REVISION, EntryKind.ADDENDUM, EntryKind.REVERSAL)


class LedgerError(Exception):
    """A deed that the budget does not allow; the message says why and what to do instead."""


@dataclass(frozen=True)
class Document:
    """The paper that an entry rests on, and what it says of taxes (whole rupiah)."""

    kind: DocumentKind
    number: str
    day: date
    ppn_rupiah: int = 0
    pph_rupiah: int = 0
    ends_on: date | None = None  # a contract's last day


@dataclass(frozen=True)
class Balance:
    """What a line has, in whole rupiah. `committed` is the full value of its contracts."""

    ceiling: int
    reserved: int
    committed: int
    realised: int
    available: int

    @property
    def outstanding(self) -> int:
        """Of the contracts, what is not paid yet."""
        return self.ceiling - self.reserved - self.realised - self.available

    @property
    def absorption_percent(self) -> float:
        """Realised of the ceiling; 0 without a ceiling."""
        return 100 * self.realised / self.ceiling if self.ceiling else 0.0


@dataclass(frozen=True)
class Standing:
    """How one reservation or contract stands, in whole rupiah.

    `value`: what is held; a contract's value with its addenda, less what was released.
    `realised`: what was paid of it. `left`: what may still be paid, committed or released.
    """

    value: int
    realised: int

    @property
    def left(self) -> int:
        return self.value - self.realised


def balance(line: BudgetLine) -> Balance:
    """What the line has now; one query. `BudgetLine.objects.with_balance` for many lines."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [line.pk])
        ceiling, reserved, committed, realised, directly = map(int, cursor.fetchone())
    return Balance(
        ceiling, reserved, committed, realised, ceiling - reserved - committed - directly
    )


def standing(held: LedgerEntry) -> Standing:
    """How a reservation or a commitment stands now; one query. ValueError for other entries."""
    if held.kind == EntryKind.RESERVATION:
        of_it = LedgerEntry.objects.filter(Q(pk=held.pk) | Q(reservation=held.pk))
        return Standing(of_it.aggregate(sum=Sum("reserved_rupiah"))["sum"], 0)
    if held.kind == EntryKind.COMMITMENT:
        of_it = LedgerEntry.objects.filter(Q(pk=held.pk) | Q(commitment=held.pk))
        sums = of_it.aggregate(value=Sum("committed_rupiah"), realised=Sum("realised_rupiah"))
        return Standing(sums["value"], sums["realised"])
    raise ValueError(f"{held} is neither a reservation nor a commitment")


def deed(*, kind: EntryKind) -> Callable[[Callable[P, LedgerEntry]], Callable[P, LedgerEntry]]:
    """Make a function a deed: its line is locked, its year open, its `key` good for one entry.

    The function's first argument is the line, or an entry of it.
    """

    def decorate(act: Callable[P, LedgerEntry]) -> Callable[P, LedgerEntry]:
        @wraps(act)
        def locked(*args: P.args, **kwargs: P.kwargs) -> LedgerEntry:
            key: Any = kwargs.get("key")
            on: Any = args[0]
            line_id = on.pk if isinstance(on, BudgetLine) else on.line_id
            try:
                with transaction.atomic():
                    _lock(line_id)
                    done = LedgerEntry.objects.filter(key=key).first() if key else None
                    if done is not None:
                        return _same(done, kind, line_id)
                    return act(*args, **kwargs)
            except IntegrityError:
                # The same key, at this moment, on another line; the year, closed at this moment;
                # else the guards' own refusal.
                done = LedgerEntry.objects.filter(key=key).first() if key else None
                if done is not None:
                    return _same(done, kind, line_id)
                _expect_open(BudgetLine.objects.filter(pk=line_id))
                raise

        return locked

    return decorate


def write(
    line: BudgetLine,
    kind: EntryKind,
    amount_rupiah: int,
    document: Document,
    by: User | None,
    *,
    reason: str,
    key: str | None,
    **fields: Any,
) -> LedgerEntry:
    """Add the entry to the line, which the caller's deed has locked.

    `fields`: what it moves (`ceiling_rupiah` …) and what it refers to. Raises LedgerError for
    amounts that cannot be, and when less than nothing would be left.
    """
    if amount_rupiah == 0 or abs(amount_rupiah) > LARGEST_RUPIAH:
        raise LedgerError(gettext("The amount must not be zero, nor larger than any budget."))
    if amount_rupiah < 0 and kind not in _SIGNED:
        raise LedgerError(gettext("The amount must be more than zero."))
    if document.ppn_rupiah + document.pph_rupiah > abs(amount_rupiah):
        raise LedgerError(gettext("The taxes exceed the amount that they are part of."))
    if not document.number.strip():
        raise LedgerError(gettext("The document needs its number."))
    now = balance(line)
    spent = sum(fields.get(name, 0) for name in ("reserved_rupiah", "committed_rupiah"))
    if fields.get("commitment") is None:
        spent += fields.get("realised_rupiah", 0)
    spent -= fields.get("ceiling_rupiah", 0)
    if spent > now.available:
        raise LedgerError(_too_much(line, spent, now))
    return LedgerEntry.objects.create(
        line=line,
        kind=kind,
        amount_rupiah=amount_rupiah,
        document_kind=document.kind,
        document_number=document.number.strip(),
        document_date=document.day,
        ends_on=document.ends_on,
        ppn_rupiah=document.ppn_rupiah,
        pph_rupiah=document.pph_rupiah,
        entered_by=by,
        entered_at=timezone.now(),
        reason=reason,
        key=key or None,
        **fields,
    )


def expect_kind(entry: LedgerEntry, line: BudgetLine, *kinds: EntryKind) -> None:
    """LedgerError unless the entry is of one of the kinds, and on this line."""
    if entry.kind not in kinds or entry.line_id != line.pk:
        raise LedgerError(
            gettext("%(entry)s is not a %(kind)s on %(line)s.")
            % {"entry": entry, "kind": " / ".join(str(kind.label) for kind in kinds), "line": line}
        )


def expect_left(held: LedgerEntry, amount_rupiah: int) -> None:
    """LedgerError unless so much is left of a reservation or contract."""
    now = standing(held)
    if amount_rupiah > now.left:
        raise LedgerError(
            gettext(
                "Of %(held)s over %(value)s, %(left)s is left, not %(amount)s: %(realised)s has "
                "been paid. Enter an addendum first, or correct the amount."
            )
            % {
                "held": held,
                "value": format_rupiah(now.value),
                "left": format_rupiah(now.left),
                "amount": format_rupiah(amount_rupiah),
                "realised": format_rupiah(now.realised),
            }
        )


def document_of(entry: LedgerEntry) -> Document:
    """The paper that an entry rests on, without its taxes."""
    return Document(DocumentKind(entry.document_kind), entry.document_number, entry.document_date)


def _lock(line_id: int) -> None:
    # On SQLite the transaction itself holds the one lock for writing.
    _expect_open(BudgetLine.objects.select_for_update(of=("self",)).filter(pk=line_id))


def _expect_open(line: QuerySet[BudgetLine]) -> None:
    # With the line's own key: without it Django leaves `of` out, and locks the year as well.
    _pk, year, closed_at = line.values_list("pk", "year__year", "year__closed_at").get()
    if closed_at is not None:
        raise LedgerError(
            gettext(
                "The budget year %(year)s is closed: it takes no more entries. Use a line of the "
                "running year."
            )
            % {"year": year}
        )


def _same(done: LedgerEntry, kind: EntryKind, line_id: int) -> LedgerEntry:
    if done.kind != kind or done.line_id != line_id:
        raise LedgerError(
            gettext("The key %(key)s names another entry, %(entry)s.")
            % {"key": done.key, "entry": done}
        )
    return done


def _too_much(line: BudgetLine, spent: int, now: Balance) -> str:
    return gettext(
        "%(amount)s is needed on %(line)s, but only %(available)s is available: of the ceiling of "
        "%(ceiling)s, %(reserved)s is reserved, %(outstanding)s is bound by contracts, and "
        "%(realised)s is paid. Release what is not needed any more, or raise the ceiling first."
    ) % {
        "amount": format_rupiah(spent),
        "line": line,
        "available": format_rupiah(now.available),
        "ceiling": format_rupiah(now.ceiling),
        "reserved": format_rupiah(now.reserved),
        "outstanding": format_rupiah(now.outstanding),
        "realised": format_rupiah(now.realised),
    }
