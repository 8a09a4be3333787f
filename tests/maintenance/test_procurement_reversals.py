"""What was entered wrongly of a contract is reversed, and entered again under the same number."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from maintenance import contracts, ledger
from maintenance.models import Deed, LedgerEntry, PackageState
from maintenance.procurement import ProcurementError
from tests.concurrency import at_once
from tests.maintenance.packages import MILLION, accepted, contracted, stage

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 20)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        yield


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


@pytest.mark.parametrize("amount", [100 * MILLION, 90 * MILLION])
def test_a_reversed_payment_is_entered_again_under_its_number(amount: int) -> None:
    package = accepted()
    wrong = contracts.pay(package, "SP2D-1", JULY, 100 * MILLION, None)
    ledger.reverse(wrong, None, reason="Salah ketik")
    right = contracts.pay(package, "SP2D-1", JULY, amount, None)
    assert right != wrong
    assert contracts.pay(package, "SP2D-1", JULY, amount, None) == right
    assert ledger.balance(package.line).realised == amount
    with pytest.raises(ProcurementError, match="SP2D-1"):
        contracts.pay(package, "SP2D-1", JULY, 80 * MILLION, None)


def test_a_payment_is_reversed_and_entered_as_often_as_it_takes() -> None:
    package = accepted()
    for amount in (100, 90, 80):
        wrong = contracts.pay(package, "SP2D-1", JULY, amount * MILLION, None)
        contracts.reverse_entry(wrong, None, reason="Salah ketik")
    contracts.pay(package, "SP2D-1", JULY, 70 * MILLION, None)
    assert ledger.balance(package.line).realised == 70 * MILLION


def test_the_longest_number_has_room_and_a_longer_one_is_refused_by_its_form(chief: Client) -> None:
    package, number = accepted(), "SP2D/" + "9" * 95
    wrong = contracts.pay(package, number, JULY, 10 * MILLION, None)
    contracts.reverse_entry(wrong, None, reason="Salah ketik")
    assert len(str(contracts.pay(package, number, JULY, 20 * MILLION, None).key)) > 100
    address = reverse("admin:maintenance_package_pay", args=[package.pk])
    sent = {"number": f"{number}9", "paid_on": "20/07/2026", "amount": "1.000.000", "pph": "0"}
    answer = chief.post(address, sent)
    assert "100" in str(answer.context["form"].errors["number"])


def test_a_reversed_addendum_is_entered_again_under_its_number() -> None:
    package = contracted()
    contracts.amend_contract(package, "ADD-1", 20 * MILLION, JULY, "Kabel", None)
    wrong = LedgerEntry.objects.get(kind="addendum")
    ledger.reverse(wrong, None, reason="Salah ketik")
    for _each in range(2):
        contracts.amend_contract(package, "ADD-1", 10 * MILLION, JULY, "Kabel", None)
    assert ledger.standing(package.commitment).value == 290 * MILLION


def test_a_paid_package_of_which_a_payment_is_reversed_is_to_be_paid_again() -> None:
    package = accepted()
    paid = contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)
    contracts.reverse_entry(paid, None, reason="Retur bank", key="satu")
    contracts.reverse_entry(paid, None, reason="Retur bank", key="satu")
    package.refresh_from_db()
    assert package.state == PackageState.ACCEPTED
    assert stage(package, "payment").actual_end is None
    assert package.events.filter(deed=Deed.REVERSED).count() == 1
    contracts.pay(package, "SP2D-1", date(2026, 8, 3), 280 * MILLION, None)
    package.refresh_from_db()
    assert package.state == PackageState.PAID
    assert stage(package, "payment").actual_end == date(2026, 8, 3)


def test_an_addendum_whose_reversal_leaves_nothing_to_pay_settles_the_package() -> None:
    package = accepted()
    contracts.amend_contract(package, "ADD-1", 20 * MILLION, JULY, "Kabel", None)
    contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)
    contracts.reverse_entry(LedgerEntry.objects.get(kind="addendum"), None, reason="Batal")
    package.refresh_from_db()
    assert package.state == PackageState.PAID


def test_finance_reverses_a_payment_by_its_button_and_the_package_can_be_paid(
    client: Client,
) -> None:
    client.force_login(User.objects.create_superuser("kepala"))
    package = accepted()
    paid = contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)
    button = reverse("admin:maintenance_ledgerentry_reverse", args=[paid.pk])
    asked = {"_form_submitted": "True", "key": "form:1", "reason": "Retur bank"}
    assert "HX-Redirect" in client.post(button, asked).headers
    page = client.get(package.get_absolute_url()).content.decode()
    assert reverse("admin:maintenance_package_pay", args=[package.pk]) in page
    assert "Retur bank" in page


@pytest.mark.django_db(transaction=True)
def test_a_reversed_payment_entered_again_by_several_at_once_is_made_once() -> None:
    package = accepted()
    wrong = contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)
    contracts.reverse_entry(wrong, None, reason="Retur bank")
    at_once(*[lambda: contracts.pay(package, "SP2D-1", JULY, 280 * MILLION, None)] * 4)
    assert ledger.balance(package.line).realised == 280 * MILLION
    package.refresh_from_db()
    assert package.state == PackageState.PAID


@pytest.mark.django_db(transaction=True)
def test_a_reversal_and_the_last_payment_at_once_leave_the_package_as_its_money() -> None:
    package = accepted()
    first = contracts.pay(package, "SP2D-1", JULY, 180 * MILLION, None)
    at_once(
        lambda: contracts.reverse_entry(first, None, reason="Retur bank"),
        lambda: contracts.pay(package, "SP2D-2", JULY, 100 * MILLION, None),
    )
    package.refresh_from_db()
    assert package.state == PackageState.ACCEPTED
    assert stage(package, "payment").actual_end is None
    assert ledger.standing(package.commitment).left == 180 * MILLION
