"""Why a budget line is not spent: every rupiah that was not paid is somewhere, with a reason."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from maintenance import ledger, procurement
from maintenance.models import BudgetLine
from maintenance.unspent import Part, parts_of
from tests.factories import make_line, paper
from tests.maintenance.packages import accepted, contracted, make_package

pytestmark = pytest.mark.django_db

MILLION = 1_000_000
TODAY = date(2026, 11, 25)


def parts(line: BudgetLine) -> list[Part]:
    with time_machine.travel("2026-11-25 10:00+07:00"):
        return parts_of(line, ledger.balance(line), TODAY)


def adds_up(line: BudgetLine) -> bool:
    now = ledger.balance(line)
    return sum(part.amount_rupiah for part in parts(line)) == now.ceiling - now.realised


def test_money_that_nobody_has_planned() -> None:
    line = make_line(750 * MILLION)
    (only,) = parts(line)
    assert (only.amount_rupiah, only.package, only.tone) == (750 * MILLION, None, "danger")


def test_a_package_that_hangs_in_procurement_says_where_and_how_late() -> None:
    line = make_line(750 * MILLION)
    slow = procurement.start(make_package(line=line), date(2026, 2, 2), None)
    first = next(part for part in parts(line) if part.package)
    assert first.package == slow and first.amount_rupiah == slow.hps_rupiah
    assert slow.rounds.get().stages.order_by("order")[0].name in first.words
    assert first.tone == "danger" and first.note
    assert adds_up(line)


def test_contracts_with_and_without_a_package_and_what_is_paid_of_them() -> None:
    line = make_line(1500 * MILLION)
    signed = contracted(line=line)
    done = accepted(line=line, code="PKT-SELESAI")
    plain = ledger.commit(line, 90 * MILLION, paper(ends_on=date(2026, 12, 1)), None)
    ledger.realise(line, 40 * MILLION, paper(), None, commitment=plain)
    found = {part.package: part for part in parts(line)}
    assert found[signed].amount_rupiah == 280 * MILLION
    assert found[done].words != found[signed].words
    assert 50 * MILLION in [part.amount_rupiah for part in parts(line) if part.package is None]
    assert adds_up(line)


def test_the_page_of_the_line_shows_it(client: Client, django_assert_max_num_queries: Any) -> None:
    line = make_line(1500 * MILLION)
    for number in range(3):
        make_package(line=line, code=f"PKT-X{number}")
    client.force_login(User.objects.create_superuser("kepala"))
    client.get(line.get_absolute_url())
    with django_assert_max_num_queries(25):
        page = client.get(line.get_absolute_url()).content.decode()
    assert "Mengapa belum terserap" in page and "PKT-X2" in page
