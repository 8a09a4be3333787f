"""Contract, acceptance and payment: what the package says, the ledger says, at every moment."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from maintenance import contracts, ledger, procurement, ticket_deeds, ticket_packages, tickets
from maintenance.ledger import LedgerError
from maintenance.models import (
    Deed,
    DocumentKind,
    EntryKind,
    LedgerEntry,
    Method,
    Package,
    PackageState,
    TicketState,
)
from maintenance.procurement import ProcurementError
from maintenance.procurement_schedule import Role
from monitoring.models import Incident
from monitoring.verdicts import Verdict
from tests.concurrency import at_once
from tests.factories import make_camera, make_line
from tests.maintenance.packages import (
    MILLION,
    accepted,
    contracted,
    go_on,
    make_package,
    make_ticket,
    sign,
    stage,
)
from tests.maintenance.repairs import prove

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 20)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        yield


def ready(**fields: Any) -> Package:
    """All done but the contract."""
    package = procurement.start(make_package(**fields), date(2026, 2, 2), None)
    go_on(package, Role.CONTRACT)
    return package


def millions(package: Package) -> tuple[int, ...]:
    """(reserved, committed, realised, available) of the package's line, in millions."""
    now = ledger.balance(package.line)
    return tuple(
        amount // MILLION for amount in (now.reserved, now.committed, now.realised, now.available)
    )


def test_signing_takes_the_commitment_out_of_the_reservation() -> None:
    package = ready()
    assert millions(package) == (300, 0, 0, 450)
    signed = sign(package)
    assert millions(package) == (0, 280, 0, 470)  # what it is cheaper than the HPS falls back
    assert signed.state == PackageState.CONTRACTED
    assert signed.commitment.document_number == signed.contract_number
    assert stage(package, "contract").actual_end == signed.signed_on


def test_the_work_is_planned_to_end_when_the_contract_says() -> None:
    package = ready()
    sign(package, ends_on=date(2026, 6, 30))
    assert stage(package, "work").planned_end == date(2026, 6, 30)
    assert stage(package, "handover").planned_start == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        (Method.DIRECT_PROCUREMENT, DocumentKind.SPK),
        (Method.E_PURCHASING, DocumentKind.PURCHASE_ORDER),
        (Method.QUICK_TENDER, DocumentKind.CONTRACT),
    ],
)
def test_the_paper_is_named_as_the_method_names_it(method: Method, kind: DocumentKind) -> None:
    signed = sign(ready(method=method, hps_rupiah=200 * MILLION), 180 * MILLION)
    assert signed.commitment.document_kind == kind


def test_a_contract_above_the_hps_is_refused_and_leaves_nothing() -> None:
    package = ready()
    with pytest.raises(ProcurementError, match="300"):
        sign(package, 300 * MILLION + 1)
    assert millions(package) == (300, 0, 0, 450)
    assert sign(package, 300 * MILLION).contract_rupiah == 300 * MILLION


def test_the_database_refuses_a_contract_above_the_hps() -> None:
    package = contracted()
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=package.pk).update(contract_rupiah=300 * MILLION + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=package.pk).update(commitment=None)


def test_no_contract_while_stages_before_it_are_open() -> None:
    package = procurement.start(make_package(), date(2026, 2, 2), None)
    go_on(package, "report")
    with pytest.raises(ProcurementError, match="SPPBJ"):
        sign(package)


def test_no_contract_before_the_stages_before_it_ended_nor_in_the_future() -> None:
    package = ready()
    for day in (date(2026, 2, 3), date(2026, 11, 25)):
        with pytest.raises(ProcurementError):
            sign(package, signed_on=day, ends_on=date(2026, 12, 1))
    with pytest.raises(ProcurementError):  # ends before it is signed
        sign(package, ends_on=date(2026, 2, 3))
    assert stage(package, "contract").actual_end is None


def test_when_the_ledger_fails_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ready()

    def fails(*_args: Any, **_kwargs: Any) -> Any:
        raise LedgerError("penuh")

    monkeypatch.setattr(ledger, "commit", fails)
    with pytest.raises(LedgerError):
        sign(package)
    package.refresh_from_db()
    assert (package.state, package.contract_number) == (PackageState.RUNNING, "")
    assert stage(package, "contract").actual_end is None
    assert not package.events.filter(deed=Deed.SIGNED).exists()
    assert millions(package) == (300, 0, 0, 450)


def test_when_the_package_fails_the_ledger_has_no_commitment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = ready()

    def fails(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("listrik padam")

    monkeypatch.setattr(contracts, "tell", fails)  # the last thing that signing does
    with pytest.raises(RuntimeError):
        sign(package)
    assert not LedgerEntry.objects.filter(kind=EntryKind.COMMITMENT).exists()
    assert millions(package) == (300, 0, 0, 450)


def test_signing_the_same_contract_again_changes_nothing() -> None:
    package = contracted()
    sign(package, ends_on=date(2026, 6, 30))
    assert package.events.filter(deed=Deed.SIGNED).count() == 1
    assert millions(package) == (0, 280, 0, 470)
    with pytest.raises(ProcurementError):
        sign(package, number="LAIN")


def test_an_addendum_goes_to_the_ledger_once_and_keeps_its_limits() -> None:
    package = contracted()
    for _each in range(2):
        contracts.amend_contract(package, "ADD-1", 20 * MILLION, JULY, "Kabel", None)
    assert millions(package) == (0, 300, 0, 450)
    with pytest.raises(LedgerError):  # more than a tenth of the contract in all
        contracts.amend_contract(package, "ADD-2", 9 * MILLION, JULY, "Kabel", None)


def test_acceptance_moves_the_tickets_on_and_ends_their_waiting() -> None:
    waiting, closed = make_ticket(), make_ticket()
    package = contracted(tickets=[waiting, closed])
    ticket_packages.work_accepted(closed, None)
    ticket_deeds.override(closed, None, "Kamera diganti.")
    with pytest.raises(ProcurementError, match="SPMK"):
        contracts.accept_work(package, "BAST-1", JULY, None)
    go_on(package, Role.HANDOVER)
    contracts.accept_work(package, "BAST-1", JULY, None)
    contracts.accept_work(package, "BAST-1", JULY, None)
    waiting.refresh_from_db()
    closed.refresh_from_db()
    assert waiting.state == TicketState.AWAITING_VERIFICATION
    assert waiting.events.last().note == "BAST BAST-1"
    assert closed.state == TicketState.CLOSED
    assert not package.links.filter(left_at=None).exists()
    assert package.events.filter(deed=Deed.ACCEPTED).count() == 1


def test_a_ticket_accepted_on_paper_is_not_closed_while_its_camera_is_faulty() -> None:
    camera = make_camera()
    incident = Incident.objects.create(
        camera=camera,
        verdict=Verdict.BLACK,
        began_at="2026-02-01T00:00+07:00",
        confirmed_at="2026-02-01T00:00+07:00",
    )
    tickets.open_due()
    ticket = camera.tickets.get()
    package = contracted(tickets=[ticket])
    go_on(package, Role.HANDOVER)
    contracts.accept_work(package, "BAST-1", JULY, None)
    with pytest.raises(tickets.TicketError):
        ticket_deeds.verify(ticket, None)
    Incident.objects.filter(pk=incident.pk).update(ended_at="2026-07-21T00:00+07:00")
    assert tickets.settle_recovered() == 1
    assert tickets.settle_recovered() == 0
    ticket.refresh_from_db()
    assert ticket.recovered_at is not None
    prove(camera)
    ticket_deeds.verify(ticket, None)


def test_payment_in_parts_until_nothing_is_left() -> None:
    package = accepted()
    contracts.pay(package, "SP2D-1", JULY, 100 * MILLION, None)
    package.refresh_from_db()
    assert package.state == PackageState.ACCEPTED
    assert millions(package) == (0, 280, 100, 470)
    contracts.pay(package, "SP2D-2", JULY, 180 * MILLION, None, pph_rupiah=3 * MILLION)
    package.refresh_from_db()
    assert package.state == PackageState.PAID
    assert millions(package) == (0, 280, 280, 470)
    assert stage(package, "payment").actual_end == JULY


def test_the_same_sp2d_pays_once_and_another_amount_under_its_number_is_refused() -> None:
    package = accepted()
    first = contracts.pay(package, "SP2D-1", JULY, 100 * MILLION, None)
    assert contracts.pay(package, "SP2D-1", JULY, 100 * MILLION, None) == first
    with pytest.raises(ProcurementError, match="SP2D-1"):
        contracts.pay(package, "SP2D-1", JULY, 90 * MILLION, None)
    assert millions(package) == (0, 280, 100, 470)
    assert package.events.filter(deed=Deed.PAID).count() == 1


def test_more_than_the_contract_is_never_paid() -> None:
    package = accepted()
    with pytest.raises(LedgerError):
        contracts.pay(package, "SP2D-1", JULY, 280 * MILLION + 1, None)
    assert millions(package) == (0, 280, 0, 470)


def test_an_advance_before_acceptance_leaves_the_package_under_contract() -> None:
    package = contracted()
    contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)
    package.refresh_from_db()
    assert package.state == PackageState.CONTRACTED


def test_what_is_paid_before_the_acceptance_is_settled_by_it() -> None:
    package = contracted()
    go_on(package, Role.HANDOVER)
    contracts.pay(package, "SP2D-1", date(2026, 6, 1), 280 * MILLION, None)
    done = contracts.accept_work(package, "BAST-1", JULY, None)
    assert done.state == PackageState.PAID
    assert stage(package, "payment").actual_end == JULY
    assert not Package.objects.live().exists()


def test_an_addendum_that_leaves_nothing_to_pay_settles_the_package() -> None:
    package = accepted()
    contracts.pay(package, "SP2D-1", JULY, 270 * MILLION, None)
    contracts.amend_contract(package, "ADD-1", -10 * MILLION, date(2026, 8, 3), "Kabel", None)
    package.refresh_from_db()
    assert package.state == PackageState.PAID
    assert stage(package, "payment").actual_end == date(2026, 8, 3)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_sign_at_the_same_moment_sign_one_contract() -> None:
    package = ready()
    done: list[str] = []

    def sign_as(number: str) -> None:
        try:
            sign(package, number=number)
        except ProcurementError:
            return
        done.append(number)

    at_once(*[lambda number=number: sign_as(number) for number in "ABCD"])
    assert len(done) == 1
    assert LedgerEntry.objects.filter(kind=EntryKind.COMMITMENT).count() == 1
    package.refresh_from_db()
    assert package.contract_number == done[0]
    assert millions(package) == (0, 280, 0, 470)


@pytest.mark.django_db(transaction=True)
def test_the_same_payment_by_several_at_the_same_moment_is_made_once() -> None:
    package = accepted()
    at_once(*[lambda: contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)] * 4)
    assert millions(package) == (0, 280, 280, 470)
    assert package.events.filter(deed=Deed.PAID).count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_payments_at_the_same_moment_never_exceed_the_contract() -> None:
    package = accepted()

    def pay(number: int) -> None:
        try:
            contracts.pay(package, f"SP2D-{number}", JULY, 100 * MILLION, None)
        except (LedgerError, ProcurementError):
            return

    at_once(*[lambda number=number: pay(number) for number in range(6)])
    assert millions(package) == (0, 280, 200, 470)


@pytest.mark.django_db(transaction=True)
def test_packages_planned_at_the_same_moment_never_reserve_more_than_there_is() -> None:
    line = make_line(750 * MILLION)

    def plan() -> None:
        try:
            make_package(line=line)
        except LedgerError:
            return

    at_once(*[plan] * 5)
    assert Package.objects.count() == 2
    assert ledger.balance(line).available == 150 * MILLION
