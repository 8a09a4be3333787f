"""The first page: what needs somebody now, and each number leads to the list that it counts."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cameras.models import Area, SiteKind
from maintenance import ledger
from maintenance.late_stages import count_late, with_a_late_stage
from maintenance.models import DocumentKind, MonthlyPlan, Package, Stage, Ticket
from maintenance.year_budget import budget_of
from monitoring import area_days
from monitoring.models import AreaDay, HealthSpan, Incident, PlannedWork
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, make_line, make_site, make_user, paper, seen
from tests.maintenance.packages import make_package
from tests.test_admin import break_camera, html

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def rows_of(client: Client, address: str) -> int:
    """How many rows the list at this address has."""
    answer = client.get(address)
    assert answer.status_code == 200, address  # a filter that the list lacks redirects
    return answer.context["cl"].result_count


def test_each_number_is_that_of_the_list_it_leads_to(chief: Client) -> None:
    gate = make_site(kind=SiteKind.FLOODGATE, name="Pintu Air Karet")
    for _each in range(2):
        break_camera(site=gate)
    break_camera(site=make_site(kind=SiteKind.JUNCTION))
    break_camera(is_monitored=True)
    switched_off = break_camera(site=gate)
    type(switched_off).objects.filter(pk=switched_off.pk).update(is_monitored=False)
    good = make_camera()
    record(claimed(good), [seen(good, Verdict.HEALTHY)])

    context = chief.get("/admin/").context

    now = context["cameras_now"]
    assert now.floodgates_down == 2
    assert [(gate["name"], gate["number"]) for gate in now.floodgates] == [("Pintu Air Karet", 2)]
    assert context["incidents"]["number"] == 5
    pairs = [(now.floodgates_down, now.floodgates_url)]
    pairs += [(each["number"], each["url"]) for each in now.floodgates]
    pairs += [(each["number"], each["url"]) for each in context["verdict_counts"]]
    pairs += [(context["incidents"]["number"], context["incidents"]["url"])]
    pairs += [(each["number"], each["url"]) for each in context["ticket_counts"]]
    pairs += [(each["number"], each["url"]) for each in context["ticket_ages"]]
    pairs += [(context["waiting_tickets"], context["waiting_url"])]
    pairs += [(context["late_packages"]["number"], context["late_packages"]["url"])]
    if context["overdue_tickets"] is not None:
        pairs += [(context["overdue_tickets"], context["overdue_url"])]
    assert sum(number for number, _url in pairs) > 20
    for number, url in pairs:
        assert rows_of(chief, url) == number, url
        assert f'href="{url.replace("&", "&amp;")}"' in html(chief, "/admin/") or not number


def test_the_change_since_yesterday_is_told(chief: Client) -> None:
    old = [make_camera() for _each in range(3)]
    record(claimed(*old), [seen(camera, Verdict.HEALTHY) for camera in old])
    HealthSpan.objects.update(began_at=timezone.now() - timedelta(days=2))
    for _each in range(3):
        record(claimed(old[0]), [seen(old[0], Verdict.BLACK)])

    counts = {each["label"]: each for each in chief.get("/admin/").context["verdict_counts"]}

    found = {str(label): (each["number"], each["change"]) for label, each in counts.items()}
    assert found["sehat"] == (2, -1)
    assert found["gambar gelap"] == (1, 1)
    assert found["luring"] == (0, 0)
    page = html(chief, "/admin/")
    assert "-1 sejak kemarin" in page and "+1 sejak kemarin" in page


def test_tickets_in_a_package_without_contract_wait_for_procurement(chief: Client) -> None:
    break_camera()
    break_camera()
    ticket = Ticket.objects.first()
    make_package(tickets=[ticket])

    context = chief.get("/admin/").context

    assert context["waiting_tickets"] == 1
    assert rows_of(chief, context["waiting_url"]) == 1


def test_a_package_whose_stage_should_have_ended_is_behind_its_plan(chief: Client) -> None:
    from maintenance import procurement

    package = make_package()
    procurement.start(package, max(package.rule_date, timezone.localdate()), None)
    assert chief.get("/admin/").context["late_packages"]["number"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        chief.force_login(User.objects.get(username="kepala"))
        late = chief.get("/admin/").context["late_packages"]
        assert late["number"] == rows_of(chief, late["url"]) == 1


def test_a_package_is_not_behind_its_plan_before_a_working_day_has_passed() -> None:
    from maintenance import procurement

    with time_machine.travel("2026-02-02 10:00+07:00"):
        package = procurement.start(make_package(), date(2026, 2, 2), None)
    friday = date(2026, 2, 6)
    stages = Stage.objects.filter(round__package=package)
    stages.update(planned_end=date(2026, 12, 1))
    Stage.objects.filter(pk=stages.earliest("order").pk).update(planned_end=friday)
    for days, number in ((0, 0), (1, 0), (2, 0), (3, 1)):  # Friday, Saturday, Sunday, Monday
        today = friday + timedelta(days=days)
        assert with_a_late_stage(Package.objects.all(), today).count() == number, today
        assert count_late(Package.objects.all(), today) == number, today


def test_the_budget_of_all_lines_together_equals_the_sum_of_their_balances() -> None:
    year = 2026
    lines = [make_line(500_000_000, year), make_line(250_000_000, year)]
    contract = ledger.commit(
        lines[0], 200_000_000, paper(day=date(year, 3, 2), ends_on=date(year, 9, 1)), None
    )
    paid = paper(DocumentKind.SP2D, date(year, 5, 4))
    ledger.realise(lines[0], 120_000_000, paid, None, commitment=contract)
    ledger.reserve(lines[1], 100_000_000, paper(day=date(year, 4, 1)), None)
    MonthlyPlan.objects.create(line=lines[0], month=5, planned_rupiah=150_000_000)
    MonthlyPlan.objects.create(line=lines[1], month=6, planned_rupiah=50_000_000)

    found = budget_of(year, date(year, 6, 30))

    assert found is not None
    for name in ("ceiling", "reserved", "committed", "realised", "available", "outstanding"):
        each = [getattr(ledger.balance(line), name) for line in lines]
        assert getattr(found.balance, name) == sum(each), name
    may = found.absorption.months[4]
    assert (may.planned_rupiah, may.realised_rupiah) == (150_000_000, 120_000_000)
    assert found.absorption.months[5].planned_total_rupiah == 200_000_000
    assert budget_of(2031, date(2031, 1, 1)) is None


def test_uptime_by_area_is_drawn_from_what_was_worked_out(chief: Client) -> None:
    camera = make_camera()
    record(claimed(camera), [seen(camera, Verdict.HEALTHY)])
    HealthSpan.objects.update(began_at=timezone.now() - timedelta(days=2))
    while area_days.measure_due(timezone.now()):
        pass
    (line,) = chief.get("/admin/").context["area_lines"]
    assert line["name"] == "Jakarta Selatan"
    assert line["percent"] == "100,0 %"
    assert rows_of(chief, line["url"]) == 0  # none is faulty
    assert "Jakarta Selatan" in html(chief, "/admin/")


def test_nobody_is_shown_numbers_of_lists_that_are_not_his(client: Client) -> None:
    make_line(1_000_000)
    break_camera()
    client.force_login(make_user("maintenance.view_ticket"))
    context = client.get("/admin/").context
    assert context["ticket_counts"]
    for name in ("cameras_now", "incidents", "budget_url", "late_packages", "camera_cards"):
        assert name not in context, name


def test_the_first_page_asks_at_most_fifteen_questions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(3):
        break_camera(site=make_site(kind=SiteKind.FLOODGATE))
    make_package(tickets=[Ticket.objects.first()])
    now, hour = timezone.now(), timedelta(hours=1)
    PlannedWork.objects.create(
        area=Area.objects.get(),
        begins_at=now - hour,
        ends_at=now + hour,
        reason="Galian",
        created_by=make_user(),
    )
    area_days.measure_due(now)
    permissions = ["cameras.view_camera", "monitoring.view_incident", "maintenance.view_ticket"]
    permissions += ["maintenance.view_package", "maintenance.view_budgetline"]
    client.force_login(make_user(*permissions))
    with django_assert_max_num_queries(15):
        page = html(client, "/admin/")
    # Nothing comes from elsewhere.
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_areas_are_summed_up_to_their_city_whatever_the_tree(chief: Client) -> None:
    province = Area.objects.create(code="31", name="DKI Jakarta")
    city = Area.objects.create(code="31.72", name="Jakarta Utara", parent=province)
    district = Area.objects.create(code="31.72.01", name="Penjaringan", parent=city)
    assert area_days.cities() == {province.pk: province.pk, city.pk: city.pk, district.pk: city.pk}
    Area.objects.create(code="32", name="Jawa Barat")
    assert area_days.cities()[district.pk] == province.pk


def test_days_are_worked_out_a_few_at_a_time_and_again_when_they_may_have_changed() -> None:
    camera = make_camera()
    with time_machine.travel("2026-03-10 05:00:00+07:00", tick=False) as clock:
        begun = timezone.now() - timedelta(days=3)
        HealthSpan.objects.create(
            camera=camera, verdict="healthy", began_at=begun, ended_at=timezone.now()
        )
        runs = 0
        while area_days.measure_due(timezone.now()):
            runs += 1
            assert runs < 20
        assert runs == 8  # thirty days, four a run
        today = AreaDay.objects.get(day=date(2026, 3, 10))
        assert (today.up_s, today.down_s) == (5 * 3600, 0)
        clock.shift(timedelta(minutes=9))
        assert area_days.measure_due(timezone.now()) == 0
        clock.shift(timedelta(minutes=2))
        assert area_days.measure_due(timezone.now()) == 1
        # What was false an hour ago is true now: the past is worked out again within a day.
        HealthSpan.objects.update(verdict="black")
        clock.shift(timedelta(days=1))
        while area_days.measure_due(timezone.now()):
            pass
        day = AreaDay.objects.get(day=date(2026, 3, 9))
        assert (day.up_s, day.down_s) == (0, 86400)


def test_a_running_outage_is_named(chief: Client) -> None:
    from cameras.models import Uplink

    uplink = Uplink.objects.create(code="NVR-1", name="NVR Karet", kind="nvr")
    now = timezone.now()
    Incident.objects.create(uplink=uplink, verdict="offline", began_at=now, confirmed_at=now)
    page = html(chief, "/admin/")
    assert "NVR Karet" in page
