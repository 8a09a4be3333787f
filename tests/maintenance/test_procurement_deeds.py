"""From a plan to the contract's table: what each deed does, and in which state it is refused."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from maintenance import contracts, ledger, procurement
from maintenance.ledger import LedgerError
from maintenance.models import (
    Deed,
    Kind,
    Method,
    Outcome,
    Package,
    PackageState,
    PackageTicket,
    Round,
    Stage,
    TicketState,
)
from maintenance.procurement import ProcurementError
from maintenance.procurement_schedule import Role
from tests.factories import make_line, make_user
from tests.maintenance.packages import (
    MILLION,
    accepted,
    contracted,
    go_on,
    make_package,
    make_ticket,
    sign,
    stage,
    stages_of,
)

pytestmark = pytest.mark.django_db

FEBRUARY = date(2026, 2, 2)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        yield


def running(**fields: Any) -> Package:
    return procurement.start(make_package(**fields), FEBRUARY, None)


def deeds(package: Package) -> list[str]:
    return [event.deed for event in package.events.all()]


def state(package: Package) -> str:
    return Package.objects.get(pk=package.pk).state


def test_planning_reserves_the_hps_and_says_who_did_it() -> None:
    line, officer = make_line(750 * MILLION), make_user()
    package = make_package(line=line, by=officer)
    assert ledger.balance(line).reserved == 300 * MILLION
    assert package.reservation.document_number == package.code
    event = package.events.get()
    assert (event.deed, event.actor) == (Deed.PLANNED, officer)


def test_a_package_keeps_the_rules_that_were_in_force_on_its_date() -> None:
    line = make_line(750 * MILLION, 2013)
    package = make_package(line=line, rule_date=date(2013, 9, 16), method=Method.SIMPLE_TENDER)
    assert package.rule_set.name == "Perpres 70/2012"


def test_a_method_not_allowed_for_the_value_is_refused_and_leaves_nothing() -> None:
    line = make_line(750 * MILLION)
    with pytest.raises(ProcurementError, match="Perpres 46/2025"):
        make_package(line=line, method=Method.DIRECT_PROCUREMENT, hps_rupiah=200 * MILLION + 1)
    assert not Package.objects.exists()
    assert ledger.balance(line).reserved == 0
    make_package(
        line=line, method=Method.DIRECT_PROCUREMENT, kind=Kind.WORKS, hps_rupiah=400 * MILLION
    )


def test_an_hps_above_what_the_line_has_is_refused_and_leaves_nothing() -> None:
    line = make_line(299 * MILLION)
    with pytest.raises(LedgerError, match="299"):
        make_package(line=line)
    assert not Package.objects.exists()


def test_a_code_is_used_once() -> None:
    package = make_package()
    with pytest.raises(ProcurementError, match=package.code):
        make_package(code=package.code, line=package.line)
    assert ledger.balance(package.line).reserved == 300 * MILLION


def test_the_method_may_be_changed_until_the_start() -> None:
    package = make_package(hps_rupiah=300 * MILLION)
    with pytest.raises(ProcurementError, match="Perpres 46/2025"):
        procurement.choose_method(package, Method.DIRECT_PROCUREMENT, None)
    procurement.choose_method(package, Method.E_PURCHASING, None)
    procurement.choose_method(package, Method.E_PURCHASING, None)  # the same again: nothing
    assert deeds(package) == [Deed.PLANNED, Deed.METHOD]
    procurement.start(package, FEBRUARY, None)
    with pytest.raises(ProcurementError):
        procurement.choose_method(package, Method.TENDER, None)


def test_starting_plans_every_stage_and_keeps_the_plan_as_the_baseline() -> None:
    package = running()
    stages = stages_of(package)
    assert [each.code for each in stages][:4] == ["rup", "preparation", "review", "announcement"]
    assert all(each.planned_start == each.baseline_start for each in stages)
    assert all(each.planned_end == each.baseline_end for each in stages)
    assert stages[0].planned_start == FEBRUARY
    assert stage(package, "objection_answer").planned_start is None
    with pytest.raises(ProcurementError):
        procurement.start(package, FEBRUARY, None)
    assert Round.objects.count() == 1


def test_a_change_of_the_template_touches_no_running_package() -> None:
    package = running()
    before = [each.planned_end for each in stages_of(package)]
    package.rule_set.methods.get(method=Method.TENDER, kind=Kind.SERVICES).template.items.update(
        typical_days=50, minimum_days=50, maximum_days=None
    )
    go_on(package, "announcement")
    assert [each.planned_end for each in stages_of(package)] == before


def test_a_late_stage_moves_the_plan_of_those_after_it_and_keeps_its_own() -> None:
    package = running()
    first = stage(package, "rup")
    due = first.planned_end
    announced = stage(package, "announcement")
    procurement.record_stage(first, FEBRUARY, date(2026, 2, 9), None, "Menunggu SiRUP")
    first.refresh_from_db()
    assert first.planned_end == due and first.remarks == "Menunggu SiRUP"
    moved = stage(package, "announcement")
    assert moved.planned_start > announced.planned_start
    assert moved.baseline_start == announced.planned_start


def test_telling_the_same_twice_changes_nothing() -> None:
    package = running()
    for _each in range(2):
        procurement.record_stage(stage(package, "rup"), FEBRUARY, FEBRUARY, None)
    assert deeds(package).count(Deed.STAGE) == 1


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        (date(2026, 2, 10), date(2026, 2, 9)),  # ends before it starts
        (date(2026, 11, 25), None),  # tomorrow
        (date(2026, 2, 3), date(2026, 11, 25)),
        (date(2026, 2, 1), date(2026, 2, 2)),  # before the round
    ],
)
def test_days_that_cannot_be_are_refused(started: date, ended: date | None) -> None:
    package = running()
    with pytest.raises(ProcurementError):
        procurement.record_stage(stage(package, "rup"), started, ended, None)
    assert stage(package, "rup").actual_start is None


def test_contract_handover_and_payment_do_not_end_by_hand() -> None:
    package = running()
    for code in ("contract", "handover", "payment"):
        with pytest.raises(ProcurementError):
            procurement.record_stage(stage(package, code), FEBRUARY, FEBRUARY, None)


def test_stages_before_the_contract_stay_as_they_are_once_it_is_signed() -> None:
    package = running()
    with pytest.raises(ProcurementError):  # not signed yet
        procurement.record_stage(stage(package, "work"), FEBRUARY, None, None)
    go_on(package, Role.CONTRACT)
    sign(package)
    with pytest.raises(ProcurementError):
        procurement.record_stage(stage(package, "rup"), FEBRUARY, date(2026, 2, 3), None)


def test_an_objection_is_answered_in_a_stage_that_was_not_foreseen() -> None:
    package = running()
    go_on(package, "report")
    before = stage(package, "contract").planned_end
    with pytest.raises(ProcurementError):
        procurement.record_stage(stage(package, "objection_answer"), FEBRUARY, None, None)
    answer = procurement.need_stage(stage(package, "objection_answer"), None)
    assert answer.planned_start > stage(package, "objection").actual_end
    assert answer.baseline_start == answer.planned_start
    assert stage(package, "contract").planned_end > before
    procurement.need_stage(answer, None)
    assert deeds(package).count(Deed.NEEDED) == 1


def test_a_stage_is_put_off_until_it_has_begun() -> None:
    package = running()
    later = date(2026, 4, 1)
    moved = procurement.put_off(stage(package, "announcement"), later, None, "Menunggu DPA")
    assert moved.planned_start == later and moved.baseline_start < later
    assert stage(package, "contract").planned_start > later
    go_on(package, "explanation")
    with pytest.raises(ProcurementError):
        procurement.put_off(stage(package, "announcement"), later, None)


def test_a_failed_tender_begins_a_new_round_from_the_announcement_and_keeps_the_old() -> None:
    package = running()
    go_on(package, "evaluation")
    old = list(Stage.objects.values_list("code", "planned_end", "baseline_end", "actual_end"))
    failed_on = stage(package, "opening").actual_end
    procurement.fail_tender(package, "Hanya satu penawaran yang sah", failed_on, None)

    first, second = package.rounds.order_by("number")
    assert (first.outcome, first.ended_on) == (Outcome.FAILED, failed_on)
    assert first.reason == "Hanya satu penawaran yang sah"
    assert (
        list(first.stages.values_list("code", "planned_end", "baseline_end", "actual_end")) == old
    )
    assert second.outcome == Outcome.RUNNING and second.started_on > failed_on
    assert second.stages.first().code == "announcement"
    assert not second.stages.exclude(actual_start=None).exists()
    assert stages_of(package)[0].planned_start == second.started_on
    assert state(package) == PackageState.RUNNING
    with pytest.raises(ProcurementError):  # the old round is over
        procurement.record_stage(first.stages.get(code="evaluation"), failed_on, None, None)


def test_a_new_round_may_begin_with_changed_documents() -> None:
    package = running()
    go_on(package, "evaluation")
    failed_on = stage(package, "opening").actual_end
    procurement.fail_tender(package, "HPS", failed_on, None, again_from=Role.DOCUMENTS)
    assert stages_of(package)[0].code == "preparation"


def test_nothing_fails_before_its_announcement_nor_in_the_future() -> None:
    package = running()
    with pytest.raises(ProcurementError):
        procurement.fail_tender(package, "x", date(2026, 3, 1), None)
    go_on(package, "evaluation")
    for day in (date(2026, 11, 25), FEBRUARY):
        with pytest.raises(ProcurementError):
            procurement.fail_tender(package, "x", day, None)
    assert package.rounds.count() == 1


def test_cancelling_frees_the_money_and_the_tickets() -> None:
    ticket = make_ticket()
    package = running(tickets=[ticket])
    procurement.cancel(package, "Anggaran dialihkan", None)
    assert state(package) == PackageState.CANCELLED
    assert ledger.balance(package.line).available == 750 * MILLION
    assert package.rounds.get().outcome == Outcome.CANCELLED
    procurement.put_in(make_package(line=package.line), [ticket], None)
    with pytest.raises(ProcurementError):
        procurement.cancel(package, "lagi", None)
    assert deeds(package).count(Deed.CANCELLED) == 1


def test_a_ticket_waits_for_one_package_at_a_time() -> None:
    ticket = make_ticket()
    package = make_package(tickets=[ticket])
    other = make_package(line=package.line)
    assert procurement.put_in(package, [ticket], None) == 0  # it waits there already
    with pytest.raises(ProcurementError, match=package.code):
        procurement.put_in(other, [ticket], None)
    with pytest.raises(IntegrityError), transaction.atomic():
        PackageTicket.objects.create(
            package=other, ticket=ticket, joined_at=package.links.get().joined_at
        )
    procurement.take_out(package, ticket, None)
    procurement.take_out(package, ticket, None)
    assert procurement.put_in(other, [ticket], None) == 1
    assert deeds(package) == [Deed.PLANNED, Deed.TICKETS, Deed.TICKETS]


def test_closed_tickets_and_signed_packages_take_part_in_nothing_new() -> None:
    package = make_package()
    with pytest.raises(ProcurementError):
        procurement.put_in(package, [make_ticket(state=TicketState.CLOSED)], None)
    with pytest.raises(ProcurementError):
        procurement.put_in(contracted(line=package.line), [make_ticket()], None)


def test_after_its_payment_a_package_allows_nothing_more() -> None:
    package = accepted()
    contracts.pay(package, "SP2D-1", date(2026, 7, 20), 280 * MILLION, None)
    package.refresh_from_db()
    assert package.state == PackageState.PAID
    refused = [
        lambda: procurement.start(package, FEBRUARY, None),
        lambda: procurement.cancel(package, "x", None),
        lambda: procurement.fail_tender(package, "x", FEBRUARY, None),
        lambda: procurement.put_in(package, [make_ticket()], None),
        lambda: procurement.record_stage(stage(package, "work"), FEBRUARY, FEBRUARY, None),
        lambda: contracts.accept_work(package, "BAST-2", FEBRUARY, None),
        lambda: contracts.pay(package, "SP2D-2", date(2026, 7, 21), 1, None),
        lambda: contracts.amend_contract(package, "ADD-1", MILLION, FEBRUARY, "x", None),
    ]
    before = ledger.balance(package.line)
    for deed in refused:
        with pytest.raises(ProcurementError):
            deed()
    assert ledger.balance(package.line) == before


def test_history_is_only_added_to() -> None:
    event = make_package().events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
