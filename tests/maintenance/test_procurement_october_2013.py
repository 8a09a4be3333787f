"""October 2013: the money was there, the cameras were broken, procurement stood between.

A line of Rp 750.000.000, the rules of Perpres 70/2012, a simple tender begun on 16 September.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from maintenance import demo, ledger, procurement, what_if
from maintenance.holidays import calendar
from maintenance.models import BudgetLine, FiscalYear, Kind, Method, Package, PackageState
from maintenance.package_progress import progress_of
from maintenance.package_warnings import warnings_for
from maintenance.procurement import ProcurementError
from maintenance.year_end import year_end
from tests.factories import make_line
from tests.maintenance.packages import go_on, make_package, make_ticket, sign, stage

pytestmark = pytest.mark.django_db

CEILING = 750_000_000
BEGUN = date(2013, 9, 16)
NEWS = datetime(2013, 10, 25, 9, tzinfo=ZoneInfo("Asia/Jakarta"))  # the day of the news


@pytest.fixture
def line() -> BudgetLine:
    return make_line(CEILING, 2013)


def tender(line: BudgetLine) -> Package:
    return make_package(
        line=line,
        method=Method.SIMPLE_TENDER,
        hps_rupiah=CEILING,
        rule_date=BEGUN,
        work_days=60,
    )


def test_the_contract_can_be_signed_on_22_october_at_the_earliest_and_usually_on_19_november() -> (
    None
):
    found = what_if.prospect(
        Method.SIMPLE_TENDER, Kind.SERVICES, CEILING, BEGUN, calendar(), work_days=60
    )
    assert found.citation.startswith("Perpres 54/2010 jo. Perpres 70/2012")
    assert found.earliest is not None and found.expected is not None
    # By hand, around Idul Adha (15 October, with the collective leave of the 14th) and
    # 1 Muharram (5 November).
    assert found.earliest.contract == date(2013, 10, 22)
    assert found.expected.contract == date(2013, 11, 19)
    assert found.expected.work_ends == date(2014, 1, 21)
    assert found.expected.paid == date(2014, 2, 3)
    assert not found.fits


def test_every_stage_of_the_tender_is_planned_as_by_hand(line: BudgetLine) -> None:
    package = procurement.start(tender(line), BEGUN, None)
    expected = {
        "rup": ((9, 16), (9, 16)),
        "preparation": ((9, 17), (9, 30)),
        "review": ((10, 1), (10, 3)),
        "announcement": ((10, 4), (10, 9)),
        "explanation": ((10, 9), (10, 9)),
        "bids": ((10, 10), (10, 16)),  # the 14th and 15th are not worked
        "opening": ((10, 16), (10, 16)),
        "evaluation": ((10, 17), (10, 25)),
        "proof": ((10, 28), (10, 30)),
        "winner": ((10, 31), (10, 31)),
        "winner_announced": ((11, 1), (11, 1)),
        "objection": ((11, 4), (11, 7)),  # the 5th is not worked
        "appointment": ((11, 8), (11, 8)),
        "contract": ((11, 11), (11, 19)),
    }
    for code, (start, end) in expected.items():
        found = stage(package, code)
        assert found.planned_start == date(2013, *start), code
        assert found.planned_end == date(2013, *end), code


def test_on_25_october_the_whole_line_is_about_to_lapse(line: BudgetLine) -> None:
    package = procurement.start(tender(line), BEGUN, None)
    go_on(package, "evaluation")
    found = year_end(line, NEWS)
    assert (found.ceiling, found.realised, found.in_time) == (CEILING, 0, 0)
    assert found.too_late == CEILING
    assert found.lapses == CEILING
    text = " ".join(warnings_for(progress_of(package, NEWS)))
    assert "31" in text and "2013" in text


def test_the_whole_need_by_direct_procurement_is_refused_with_the_rule(line: BudgetLine) -> None:
    with pytest.raises(ProcurementError, match="Perpres 70/2012"):
        make_package(
            line=line,
            method=Method.DIRECT_PROCUREMENT,
            hps_rupiah=CEILING,
            rule_date=BEGUN,
        )


def test_quicker_legal_ways_would_have_spent_it() -> None:
    days = calendar()
    found = what_if.alternatives(Kind.SERVICES, CEILING, BEGUN, days, work_days=60)
    fitting = {each.method for each in found if each.fits and not each.rule.listed_cases_only}
    assert Method.E_PURCHASING in fitting
    assert fitting.isdisjoint({Method.SIMPLE_TENDER, Method.TENDER, Method.DIRECT_PROCUREMENT})
    contracts_on = [each.expected.contract for each in found if each.expected]
    assert contracts_on == sorted(contracts_on)

    small = what_if.small_needs(Kind.SERVICES, CEILING, BEGUN, days, work_days=60)
    assert small is not None
    assert (small.number, small.most_rupiah) == (4, 200_000_000)
    assert small.prospect.expected is not None
    assert small.prospect.expected.contract == date(2013, 10, 4)
    assert small.prospect.expected.paid == date(2013, 12, 13)
    assert small.prospect.fits


def test_four_separate_needs_by_direct_procurement_are_spent_to_the_last_rupiah(
    line: BudgetLine,
) -> None:
    from maintenance import contracts

    for amount in (200_000_000, 200_000_000, 200_000_000, 150_000_000):
        package = make_package(
            line=line,
            method=Method.DIRECT_PROCUREMENT,
            hps_rupiah=amount,
            rule_date=BEGUN,
            work_days=60,
        )
        procurement.start(package, BEGUN, None)
        go_on(package, "contract")
        sign(package, amount, ends_on=date(2013, 12, 3))
        go_on(package, "handover")
        contracts.accept_work(package, "BAST", stage(package, "handover").planned_end, None)
        contracts.pay(package, "SP2D", stage(package, "payment").planned_end, amount, None)
        assert stage(package, "payment").actual_end <= date(2013, 12, 31)
        # If they were one need, it would be forbidden: the program says so.
        assert package.pk == Package.objects.order_by("pk").first().pk or any(
            "Perpres 70/2012" in text for text in warnings_for(progress_of(package))
        )
    assert year_end(line).lapses == 0
    assert ledger.balance(line).realised == CEILING


@time_machine.travel("2026-11-24 10:00+07:00", tick=False)
def test_the_demo_has_the_case_and_this_year_and_loads_once() -> None:
    call_command("load_demo_budget", verbosity=0)
    before = list(Package.objects.order_by("pk").values())
    call_command("load_demo_budget", verbosity=0)
    assert list(Package.objects.order_by("pk").values()) == before

    old = Package.objects.get(code=demo.OCTOBER_2013)
    assert old.state == PackageState.CANCELLED
    balance = ledger.balance(old.line)
    assert (balance.ceiling, balance.realised, balance.available) == (CEILING, 0, CEILING)
    assert FiscalYear.objects.get(year=2013).is_closed

    line = BudgetLine.objects.get(year__year=2026)
    assert ledger.balance(line).ceiling == CEILING
    states = set(line.packages.values_list("state", flat=True))
    assert states == {"planned", "running", "contracted", "paid"}
    assert line.packages.get(code="CCTV-2026-01").rounds.count() == 2


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-05", "2027-02-10", "2028-12-31"])
def test_the_demo_loads_on_any_day_of_a_year(day: str) -> None:
    with time_machine.travel(f"{day} 10:00+07:00", tick=False):
        assert demo.load() == 5
        assert demo.load() == 0


@time_machine.travel("2026-11-24 10:00+07:00", tick=False)
def test_up_with_the_demo_loads_it_without_knowing_this_floor() -> None:
    from monitoring.management.commands.up import Command

    Command()._load_more()
    assert Package.objects.filter(code=demo.OCTOBER_2013).exists()


@time_machine.travel("2026-11-24 10:00+07:00", tick=False)
def test_on_the_next_start_the_tickets_of_the_demo_wait_for_its_first_package() -> None:
    demo.load()
    ticket, elsewhere = make_ticket(), make_ticket()
    line = BudgetLine.objects.get(year__year=2026)
    make_package(line=line, hps_rupiah=10_000_000, tickets=[elsewhere])
    demo.load()
    assert [link.ticket for link in Package.objects.get(code="CCTV-2026-01").links.all()] == [
        ticket
    ]
