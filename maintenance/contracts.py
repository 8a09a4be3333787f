"""The deeds of a package from its contract on: signed, changed, accepted, paid, corrected.

Each writes the ledger's entry in the transaction that moves the package: either both are there or
neither. All raise ProcurementError or LedgerError with words for people; a deed that is repeated
with the same document changes nothing the second time.
"""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance import ledger, ticket_packages
from maintenance.holidays import calendar
from maintenance.ledger import Document
from maintenance.models import (
    Deed,
    DocumentKind,
    LedgerEntry,
    Method,
    Package,
    PackageState,
    Round,
    Stage,
)
from maintenance.package_deeds import locked, tell
from maintenance.package_plan import replan, running_round, stage_with_role
from maintenance.procurement_rules import ProcurementError
from maintenance.procurement_schedule import Role
from maintenance.rupiah import format_rupiah

__all__ = ["accept_work", "amend_contract", "pay", "reverse_entry", "sign_contract"]

_PAPER = {
    Method.E_PURCHASING: DocumentKind.PURCHASE_ORDER,
    Method.DIRECT_PROCUREMENT: DocumentKind.SPK,
}


def sign_contract(
    package: Package,
    number: str,
    vendor_name: str,
    value_rupiah: int,
    signed_on: date,
    ends_on: date,
    by: User | None,
    *,
    ppn_rupiah: int = 0,
) -> Package:
    """Sign the contract: the commitment takes the place of the reservation, in one transaction.

    `ends_on`: the last day of the work. Refused while stages before it are open, above the HPS,
    above what the line has, and for a day in the future.
    """
    with transaction.atomic():
        found = locked(package)
        if found.is_signed and found.contract_number == number.strip():
            return found
        found = locked(package, PackageState.RUNNING)
        going = _round_of(found)
        stage = _expect_turn(going, Role.CONTRACT, signed_on)
        if value_rupiah > found.hps_rupiah:
            raise ProcurementError(
                gettext("A contract of %(value)s exceeds the HPS of %(hps)s.")
                % {"value": format_rupiah(value_rupiah), "hps": format_rupiah(found.hps_rupiah)}
            )
        if not vendor_name.strip() or ends_on < signed_on:
            raise ProcurementError(
                gettext("A contract names its vendor, and ends on or after the day it is signed.")
            )
        kind = _PAPER.get(Method(found.method), DocumentKind.CONTRACT)
        found.commitment = ledger.commit(
            found.line,
            value_rupiah,
            Document(kind, number, signed_on, ppn_rupiah=ppn_rupiah, ends_on=ends_on),
            by,
            reservation=found.reservation,
            reason=str(found),
            key=f"package:{found.pk}:contract",
        )
        found.contract_number, found.vendor_name = number.strip(), vendor_name.strip()
        found.contract_rupiah, found.signed_on, found.ends_on = value_rupiah, signed_on, ends_on
        found.state = PackageState.CONTRACTED
        _end(stage, signed_on)
        _set_work_days(found, going)
        found.save()
        replan(going, found, calendar())
        for link in found.links.filter(left_at=None).select_related("ticket"):
            ticket_packages.contract_signed(link.ticket, found.code, found.vendor_name, by)
        tell(found, Deed.SIGNED, by, f"{number}, {vendor_name}, {format_rupiah(value_rupiah)}")
    return found


def amend_contract(
    package: Package,
    number: str,
    difference_rupiah: int,
    day: date,
    reason: str,
    by: User | None,
) -> Package:
    """Enter an addendum that raises or, negative, lowers the contract within the legal limits."""
    with transaction.atomic():
        found = locked(package, PackageState.CONTRACTED, PackageState.ACCEPTED)
        amended, key = _entry_of(found, "addendum", number)
        if amended is not None:
            return found
        ledger.amend(
            _commitment_of(found),
            difference_rupiah,
            Document(DocumentKind.ADDENDUM, number, day),
            by,
            reason=reason,
            key=key,
        )
        tell(found, Deed.AMENDED, by, f"{number}, {format_rupiah(difference_rupiah)}: {reason}")
        _settle(found, day)
    return found


def accept_work(package: Package, number: str, accepted_on: date, by: User | None) -> Package:
    """Accept the work by its BAST: the tickets no longer wait, and move on to verification."""
    with transaction.atomic():
        found = locked(package)
        if found.accepted_on is not None and found.handover_number == number.strip():
            return found
        found = locked(package, PackageState.CONTRACTED)
        if not number.strip():
            raise ProcurementError(gettext("The BAST needs its number."))
        going = _round_of(found)
        _end(_expect_turn(going, Role.HANDOVER, accepted_on), accepted_on)
        replan(going, found, calendar())
        found.handover_number, found.accepted_on = number.strip(), accepted_on
        found.state = PackageState.ACCEPTED
        found.save()
        waiting = found.links.filter(left_at=None).select_related("ticket")
        for link in waiting:
            ticket_packages.work_accepted(link.ticket, by, f"BAST {number}")
        waiting.update(left_at=timezone.now())
        tell(found, Deed.ACCEPTED, by, f"BAST {number}, {date_format(accepted_on)}")
        _settle(found, accepted_on)
    return found


def pay(
    package: Package,
    number: str,
    paid_on: date,
    amount_rupiah: int,
    by: User | None,
    *,
    pph_rupiah: int = 0,
) -> LedgerEntry:
    """Enter a payment (SP2D) of the contract; the package is paid when nothing is left of it.

    Before the work is accepted it is an advance. The same SP2D number again gives the entry of the
    first time, unless that has been reversed.
    """
    with transaction.atomic():
        found = locked(package)
        paid, key = _entry_of(found, "sp2d", number)
        if paid is not None and (paid.amount_rupiah, paid.document_date) == (
            amount_rupiah,
            paid_on,
        ):
            return paid
        if paid is not None:
            raise ProcurementError(
                gettext("SP2D %(number)s is entered already, over %(amount)s of %(day)s.")
                % {
                    "number": number,
                    "amount": format_rupiah(paid.amount_rupiah),
                    "day": date_format(paid.document_date),
                }
            )
        found = locked(package, PackageState.CONTRACTED, PackageState.ACCEPTED)
        if paid_on > timezone.localdate() or (found.signed_on and paid_on < found.signed_on):
            raise ProcurementError(
                gettext("A payment is made between the contract and today, not on %(day)s.")
                % {"day": date_format(paid_on)}
            )
        entry = ledger.realise(
            found.line,
            amount_rupiah,
            Document(DocumentKind.SP2D, number, paid_on, pph_rupiah=pph_rupiah),
            by,
            commitment=_commitment_of(found),
            reason=str(found),
            key=key,
        )
        tell(found, Deed.PAID, by, f"SP2D {number}, {format_rupiah(amount_rupiah)}")
        _settle(found, paid_on)
    return entry


def reverse_entry(
    entry: LedgerEntry, by: User | None, *, reason: str, key: str | None = None
) -> LedgerEntry:
    """Undo an entry of the ledger; a package that it paid or changed follows.

    What holds the package itself, its reservation and its contract, is undone by its own deeds.
    """
    package = Package.objects.exclude(commitment=None).filter(commitment=entry.commitment).first()
    if package is None:
        return ledger.reverse(entry, by, reason=reason, key=key)
    with transaction.atomic():
        found = locked(package)
        is_new = not LedgerEntry.objects.filter(reverses=entry).exists()
        undone = ledger.reverse(entry, by, reason=reason, key=key)
        if is_new:
            paper = f"{entry.document_number}, {format_rupiah(entry.amount_rupiah)}"
            tell(found, Deed.REVERSED, by, f"{paper}: {reason}")
            _settle(found, timezone.localdate())
    return undone


def _entry_of(package: Package, what: str, number: str) -> tuple[LedgerEntry | None, str]:
    """The entry that stands for this document of the package, and the key to write one by.

    One that was reversed stands no more: the next has its number in the key, so that of several at
    once still one alone is written.
    """
    key = f"package:{package.pk}:{what}:{number.strip()}"
    while entry := LedgerEntry.objects.filter(key=key).first():
        if not LedgerEntry.objects.filter(reverses=entry).exists():
            return entry, key
        key = f"package:{package.pk}:{what}-after-{entry.pk}:{number.strip()}"
    return None, key


def _settle(package: Package, on: date) -> None:
    """Accepted work of which nothing is left to pay is paid; of which something is, is not.

    `on`: the day of what has just changed it; the payment cannot end before the acceptance.
    """
    left = ledger.standing(_commitment_of(package)).left
    is_paid = package.state == PackageState.PAID
    if package.state not in (PackageState.ACCEPTED, PackageState.PAID) or is_paid == (left == 0):
        return
    stage = stage_with_role(_round_of(package), Role.PAYMENT)
    package.state = PackageState.ACCEPTED if is_paid else PackageState.PAID
    package.save()
    if stage is None:
        return
    if is_paid:
        stage.actual_end = None
        stage.save()
    else:
        _end(stage, min(max(on, package.accepted_on or on), timezone.localdate()))


def _round_of(package: Package) -> Round:
    going = running_round(package)
    if going is None:
        raise ProcurementError(
            gettext("Package %(package)s has not started.") % {"package": package.code}
        )
    return going


def _commitment_of(package: Package) -> LedgerEntry:
    if package.commitment is None:
        raise ProcurementError(
            gettext("Package %(package)s has no contract.") % {"package": package.code}
        )
    return package.commitment


def _expect_turn(going: Round, role: Role, day: date) -> Stage:
    """The round's stage with this role, when all before it are done by `day`; not in the future."""
    stages = list(going.stages.filter(included=True))
    stage = next((each for each in stages if each.role == role), None)
    if stage is None:
        raise ProcurementError(gettext("This procurement has no such stage."))
    before = [each for each in stages if each.order < stage.order]
    still_open = [each.name for each in before if each.actual_end is None]
    if still_open:
        raise ProcurementError(
            gettext("“%(stage)s” is not due yet. Still open: %(stages)s.")
            % {"stage": stage, "stages": ", ".join(still_open)}
        )
    first = max((each.actual_end for each in before if each.actual_end), default=going.started_on)
    if not first <= day <= timezone.localdate():
        raise ProcurementError(
            gettext("“%(stage)s” can be on a day from %(first)s to today, not on %(day)s.")
            % {"stage": stage, "first": date_format(first), "day": date_format(day)}
        )
    return stage


def _end(stage: Stage, on: date) -> None:
    stage.actual_start = min(stage.actual_start or on, on)
    stage.actual_end = on
    stage.save()


def _set_work_days(package: Package, going: Round) -> None:
    """Plan the work to end when the contract says."""
    replan(going, package, calendar())
    work = stage_with_role(going, Role.WORK)
    if work is not None and work.planned_start is not None and package.ends_on is not None:
        package.work_days = max(1, (package.ends_on - work.planned_start).days + 1)
