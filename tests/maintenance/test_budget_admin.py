"""Budget and ledger in the admin: what is shown, what buttons do, who may press them."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from maintenance import ledger
from maintenance.models import (
    BudgetLine,
    DocumentKind,
    EntryKind,
    FiscalYear,
    Holiday,
    LedgerEntry,
    MonthlyPlan,
)
from tests.factories import make_line, make_user, paper

pytestmark = pytest.mark.django_db

MILLION = 1_000_000
PAPER = {"document_number": "027/2026", "document_date": "2026-05-04"}


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


@pytest.fixture
def line() -> BudgetLine:
    return make_line(750 * MILLION)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def press(client: Client, row: Any, button: str, **given: str) -> HttpResponse:
    name = f"admin:maintenance_{row._meta.model_name}_{button}"
    form = {"_form_submitted": "True", "key": f"form:{button}", **given}
    return client.post(reverse(name, args=[row.pk]), form)  # type: ignore[return-value]


def test_the_list_of_lines_shows_what_each_has(chief: Client, line: BudgetLine) -> None:
    contract = ledger.commit(line, 300 * MILLION, paper(), None)
    ledger.realise(line, 75 * MILLION, paper(DocumentKind.SP2D), None, commitment=contract)
    ledger.reserve(line, 50 * MILLION, paper(DocumentKind.HPS), None)
    html = page(chief, reverse("admin:maintenance_budgetline_changelist"))
    for amount in ("750.000.000", "50.000.000", "300.000.000", "75.000.000", "400.000.000"):
        assert f"Rp {amount}<" in html
    assert "10,0 %" in html and 'class="bound" style="width:30.00%"' in html


@time_machine.travel("2026-10-25 10:00+07:00")
def test_a_line_shows_its_balance_its_chart_and_what_will_lapse(
    chief: Client, line: BudgetLine
) -> None:
    for month in range(1, 13):
        MonthlyPlan.objects.create(line=line, month=month, planned_rupiah=60 * MILLION)
    contract = ledger.commit(line, 300 * MILLION, paper(ends_on=date(2027, 1, 20)), None)
    october = paper(DocumentKind.SP2D, date(2026, 10, 5))
    ledger.realise(line, 86 * MILLION, october, None, commitment=contract)
    html = page(chief, line.get_absolute_url())
    assert "<svg" in html and 'class="forecast"' in html
    # 86 days since August at 1 million, 67 to come: 597 of 750 lapse.
    assert "Rp 153.000.000" in html and "Rp 597.000.000" in html
    assert "20 Januari 2027" in html
    assert contract.number in html


def test_the_lists_cost_the_same_for_one_and_for_many(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(12):
        some = make_line(100 * MILLION)
        ledger.commit(some, 10 * MILLION, paper(), make_user())
    for model in ("budgetline", "ledgerentry", "fiscalyear", "holiday"):
        with django_assert_max_num_queries(12):
            page(chief, reverse(f"admin:maintenance_{model}_changelist"))


def test_a_line_costs_the_same_with_few_and_with_many_entries(
    chief: Client, line: BudgetLine, django_assert_max_num_queries: Any
) -> None:
    for _each in range(20):
        ledger.commit(line, MILLION, paper(), make_user())
    with django_assert_max_num_queries(22):
        page(chief, line.get_absolute_url())


def test_money_moves_by_buttons_with_amounts_as_people_write_them(
    chief: Client, line: BudgetLine
) -> None:
    for button, given in (
        ("allocate", {"amount_rupiah": "50 juta", "document_kind": "dpa"}),
        ("revise", {"amount_rupiah": "-100jt", "document_kind": "apbd-p", "reason": "APBD-P"}),
        (
            "commit",
            {
                "amount_rupiah": "Rp 200.000.000",
                "document_kind": "spk",
                "ppn_rupiah": "19.819.820",
                "ends_on": "2026-08-01",
                "reason": "Darurat",
            },
        ),
    ):
        answer = press(chief, line, button, **PAPER, **given)
        assert answer.headers.get("HX-Redirect") == line.get_absolute_url(), button
    contract = LedgerEntry.objects.get(kind=EntryKind.COMMITMENT)
    assert (contract.ppn_rupiah, contract.ends_on) == (19_819_820, date(2026, 8, 1))
    assert contract.entered_by is not None and contract.entered_by.username == "kepala"
    given = {
        "commitment": str(contract.pk),
        "amount_rupiah": "150 juta",
        "document_kind": "sp2d",
        "pph_rupiah": "2.702.703",
    }
    press(chief, line, "realise", **PAPER, **given)
    assert ledger.balance(line) == ledger.Balance(
        700 * MILLION, 0, 200 * MILLION, 150 * MILLION, 500 * MILLION
    )


def test_what_the_ledger_refuses_is_said_in_the_dialog(chief: Client, line: BudgetLine) -> None:
    given = {"amount_rupiah": "1 miliar", "document_kind": "spk", "reason": "-"}
    answer = press(chief, line, "commit", **PAPER, **given)
    assert answer.status_code == 200 and "HX-Redirect" not in answer.headers
    html = answer.content.decode()
    assert "Rp 1.000.000.000" in html and "Rp 750.000.000" in html
    assert 'value="1 miliar"' in html  # as it was typed
    assert LedgerEntry.objects.count() == 1
    unclear = press(chief, line, "commit", **PAPER, **{**given, "amount_rupiah": "5 M"})
    assert "5 M" in unclear.content.decode() and LedgerEntry.objects.count() == 1


def test_a_button_pressed_twice_enters_one_entry(chief: Client, line: BudgetLine) -> None:
    given = {"amount_rupiah": "10 juta", "document_kind": "spk", "reason": "-"}
    for _each in range(2):
        press(chief, line, "commit", **PAPER, **given)
    assert ledger.balance(line).committed == 10 * MILLION
    address = reverse("admin:maintenance_budgetline_commit", args=[line.pk])
    keys = {page(chief, address).split('name="key" value="')[1].split('"')[0] for _each in "ab"}
    assert len(keys) == 2  # each dialog has its own


def test_entries_are_amended_released_and_reversed_on_their_page(
    chief: Client, line: BudgetLine
) -> None:
    contract = ledger.commit(line, 100 * MILLION, paper(), None)
    given = {"amount_rupiah": "5 juta", "document_kind": "adendum", "reason": "Tambah"}
    press(chief, contract, "amend", **PAPER, **given)
    assert ledger.standing(contract).value == 105 * MILLION
    press(chief, contract, "release", reason="Selesai lebih murah", amount_rupiah="50 juta")
    assert ledger.standing(contract).value == 55 * MILLION
    refused = press(chief, contract, "reverse", reason="Salah")
    assert "HX-Redirect" not in refused.headers  # others rest on it
    released = LedgerEntry.objects.get(kind=EntryKind.RELEASE)
    press(chief, released, "reverse", reason="Salah", key="form:2")
    assert ledger.standing(contract).value == 105 * MILLION
    html = page(chief, reverse("admin:maintenance_ledgerentry_change", args=[released.pk]))
    assert "/reverse" not in html  # reversed already
    assert press(chief, released, "reverse", reason="Lagi", key="form:3").status_code == 403


def test_without_the_permission_nobody_moves_money(client: Client, line: BudgetLine) -> None:
    see = ["maintenance.view_budgetline", "maintenance.view_ledgerentry"]
    given = {"amount_rupiah": "10 juta", "document_kind": "spk", "reason": "-"}
    entry = LedgerEntry.objects.get()
    client.force_login(make_user(*see))
    html = page(client, line.get_absolute_url())
    for button in ("allocate", "revise", "commit", "realise"):
        assert reverse(f"admin:maintenance_budgetline_{button}", args=[line.pk]) not in html
        assert press(client, line, button, **PAPER, **given).status_code == 403
    for button in ("amend", "release", "reverse"):
        assert press(client, entry, button, reason="-").status_code == 403
    client.force_login(make_user(*see, "maintenance.commit_budgetline"))
    assert press(client, line, "commit", **PAPER, **given).status_code == 200
    assert press(client, line, "allocate", **PAPER, **given).status_code == 403
    assert ledger.balance(line).committed == 10 * MILLION


def test_the_ledger_is_taken_home_as_filtered(chief: Client, line: BudgetLine) -> None:
    ledger.commit(line, 10 * MILLION, paper(), None, reason="=1+1")
    address = reverse("admin:maintenance_ledgerentry_export") + "?kind__exact=commitment"
    assert "XLSX" in page(chief, address).upper()
    answer = chief.post(address, {"format": "0", "resource": "0"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head, *rows = [[cell.value for cell in row] for row in sheet.rows]
    assert len(rows) == 1
    found = dict(zip(head, rows[0], strict=True))
    assert found["jumlah"] == 10 * MILLION
    assert found["kode rekening"] == line.code
    assert found["jenis"] == "komitmen"
    assert found["alasan"] == "'=1+1"  # no formula for whoever opens it
    csv = chief.post(address, {"format": "1", "resource": "0"}).content.decode()
    assert csv.count("\n") == 2 and "10000000" in csv


@time_machine.travel("2027-01-04 09:00+07:00")
def test_a_year_is_closed_once_and_keeps_why(client: Client, line: BudgetLine) -> None:
    chief = client
    chief.force_login(User.objects.create_superuser("kepala"))  # today's session has expired
    address = reverse("admin:maintenance_fiscalyear_change", args=[line.year_id])
    assert "close_year" in page(chief, address)
    answer = press(chief, line.year, "close_year", reason="Tutup buku")
    assert answer.headers["HX-Redirect"] == address
    assert FiscalYear.objects.get().is_closed
    assert "close_year" not in page(chief, address)
    history = page(chief, reverse("admin:maintenance_fiscalyear_history", args=[line.year_id]))
    assert "Tutup buku" in history and "Rp 750.000.000" in history
    refused = press(chief, line, "allocate", amount_rupiah="1 juta", document_kind="dpa", **PAPER)
    assert "2026" in refused.content.decode() and LedgerEntry.objects.count() == 1


@time_machine.travel("2026-11-01 09:00+07:00")
def test_a_year_that_runs_is_not_closed(chief: Client, line: BudgetLine) -> None:
    assert "HX-Redirect" not in press(chief, line.year, "close_year", reason="-").headers
    assert not FiscalYear.objects.get().is_closed


def test_nobody_edits_or_deletes_an_entry(chief: Client, line: BudgetLine) -> None:
    entry = LedgerEntry.objects.get()
    name = "admin:maintenance_ledgerentry"
    assert chief.post(reverse(f"{name}_change", args=[entry.pk]), {}).status_code == 403
    assert chief.get(reverse(f"{name}_delete", args=[entry.pk])).status_code == 403
    assert chief.get(reverse(f"{name}_add")).status_code == 403


def test_a_line_with_entries_stays_in_its_year_and_is_not_deleted(
    chief: Client, line: BudgetLine
) -> None:
    other = make_line(year=2027)
    address = line.get_absolute_url()
    form = chief.get(address).context["adminform"].form
    assert "year" not in form.fields and "name" in form.fields
    assert "year" in chief.get(other.get_absolute_url()).context["adminform"].form.fields
    chief.post(reverse("admin:maintenance_budgetline_delete", args=[line.pk]), {"post": "yes"})
    assert BudgetLine.objects.filter(pk=line.pk).exists()


def test_holidays_that_are_not_confirmed_are_found(chief: Client) -> None:
    address = reverse("admin:maintenance_holiday_changelist") + "?unconfirmed=yes"
    assert len(chief.get(address).context["cl"].result_list) == 26
    first = Holiday.objects.first()
    assert first is not None
    page(chief, reverse("admin:maintenance_holiday_change", args=[first.pk]))


def test_the_side_bar_leads_to_the_budget_who_may_see_it(client: Client) -> None:
    address = reverse("admin:maintenance_budgetline_changelist")
    client.force_login(make_user("maintenance.view_budgetline"))
    assert address in page(client, "/admin/")
    client.force_login(make_user("cameras.view_camera"))
    assert address not in page(client, "/admin/")
