"""What is sent: forms, bulk actions and tables must not reach further than pages do."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.importing.resources import AreaResource, CameraResource, SiteResource
from cameras.models import Agency, Area, Camera, Site, Uplink
from cameras.reach import narrow, own, owns, reach_of
from cameras.roles import Role
from maintenance import models as m
from monitoring import area_days
from monitoring.models import Incident, PlannedWork
from tests.cameras.tables import csv_file
from tests.rights.world import FOREIGN, MINE, Half, furnish, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine() -> Half:
    return furnish(MINE)


@pytest.fixture
def foreign() -> Half:
    return furnish(FOREIGN)


def sign_in(client: Client, role: Role, reach: str, half: Half) -> User:
    person = make_person(role, reach, half)
    client.force_login(person)
    return person


def camera_form(camera: Camera, **changes: Any) -> dict[str, Any]:
    given = {
        "code": camera.code,
        "name": camera.name,
        "site": camera.site_id,
        "uplink": camera.uplink_id or "",
        "agency": camera.agency_id or "",
        "snapshot_url": camera.snapshot_url,
        "is_monitored": "on",
        "sees_at_night": "on",
    }
    return {**given, **changes}


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_no_form_takes_a_foreign_key_beyond_reach(
    client: Client, mine: Half, foreign: Half
) -> None:
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    camera = mine[Camera]
    for field, row in (
        ("site", foreign[Site]),
        ("uplink", foreign[Uplink]),
        ("agency", foreign[Agency]),
    ):
        for address in (change_url(camera), reverse("admin:cameras_camera_add")):
            sent = camera_form(camera, **{field: row.pk})
            answer = client.post(address, sent)
            assert answer.status_code == 200, (field, address)
            assert field in answer.context["adminform"].form.errors
            assert FOREIGN not in answer.content.decode()
    camera.refresh_from_db()
    assert (camera.site, camera.uplink, camera.agency) == (mine[Site], mine[Uplink], None)
    answer = client.post(change_url(camera), camera_form(camera, name="Hulu"))
    assert answer.status_code == 302
    assert Camera.objects.get(pk=camera.pk).name == "Hulu"


def test_nothing_is_put_beyond_ones_own_reach(client: Client, mine: Half, foreign: Half) -> None:
    """A site that is seen because of one's camera there is another's all the same."""
    shared = Site.objects.create(
        code="BERSAMA", name="Menara", area=mine[Area].parts.get(), agency=foreign[Agency]
    )
    Camera.objects.filter(pk=mine[Camera].pk).update(site=shared, agency=mine[Agency])
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    page = client.get(change_url(shared))
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    assert client.post(change_url(shared), {"code": "X"}).status_code == 403
    camera = mine[Camera]
    camera.refresh_from_db()
    # Without an agency of its own, the camera would be its site's: another agency's.
    answer = client.post(change_url(camera), camera_form(camera, agency=""))
    assert answer.status_code == 200
    assert "tidak Anda jangkau" in answer.content.decode()


def test_no_area_is_moved_out_of_reach_or_out_of_the_reach_of_others(
    client: Client, mine: Half, foreign: Half
) -> None:
    """A number stays the same wherever the area is put: what counts is what it is part of."""
    sign_in(client, Role.ADMINISTRATOR, "area", mine)
    city, elsewhere = mine[Area], foreign[Area]
    district = city.parts.get()
    province = Area.objects.create(code="31", name="Provinsi")
    Area.objects.filter(pk=city.pk).update(parent=province)
    for area, parent in (
        (district, ""),
        (district, elsewhere.pk),
        (district, province.pk),
        (city, ""),  # else who reaches the province would lose it
        (city, district.pk),
    ):
        sent = {"code": area.code, "name": area.name, "parent": parent}
        answer = client.post(change_url(area), sent)
        assert answer.status_code == 200, (area, parent)
    district.refresh_from_db()
    city.refresh_from_db()
    assert (district.parent, city.parent) == (city, province)
    ward = Area.objects.create(code="WARD", name="Kelurahan", parent=city)
    for area, parent in ((district, city), (ward, district), (city, province)):
        sent = {"code": area.code, "name": f"{area.name} baru", "parent": parent.pk}
        answer = client.post(change_url(area), sent)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
    ward.refresh_from_db()
    assert (ward.parent, ward.name) == (district, "Kelurahan baru")


def test_a_table_moves_no_area_out_of_reach(mine: Half) -> None:
    from cameras.importing.reading import read_table

    reach = reach_of(make_person(Role.ADMINISTRATOR, "area", mine))
    district = mine[Area].parts.get()

    def wrong_with(*cells: str) -> Any:
        table = read_table(csv_file([["code", "name", "parent"], [district.code, *cells]]))
        return AreaResource(reach=reach).import_data(table, dry_run=True).wrong

    assert wrong_with("Kecamatan", "-")
    assert not wrong_with("Kecamatan baru", mine[Area].code)


def test_work_is_planned_on_ones_own_alone(client: Client, mine: Half, foreign: Half) -> None:
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    when = timezone.localtime()
    times = {
        "begins_at_0": f"{when:%d/%m/%Y}",
        "begins_at_1": "08:00",
        "ends_at_0": f"{when:%d/%m/%Y}",
        "ends_at_1": "09:00",
        "reason": "Galian",
    }
    before = PlannedWork.objects.count()
    for sent in (
        {"camera": foreign[Camera].pk},
        {"area": foreign[Area].pk},
        # His area, but with the cameras of every agency in it.
        {"area": mine[Area].pk},
    ):
        answer = client.post(reverse("admin:monitoring_plannedwork_add"), {**times, **sent})
        assert answer.status_code == 200, sent
    assert PlannedWork.objects.count() == before
    answer = client.post(
        reverse("admin:monitoring_plannedwork_add"), {**times, "camera": mine[Camera].pk}
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def test_no_work_silences_the_cameras_of_others(client: Client, mine: Half, foreign: Half) -> None:
    """One's own site and NVR, with a camera of another agency at the one or behind the other."""
    sign_in(client, Role.OPERATOR, "agency", mine)
    when = timezone.localtime()
    times = {
        "begins_at_0": f"{when:%d/%m/%Y}",
        "begins_at_1": "08:00",
        "ends_at_0": f"{when:%d/%m/%Y}",
        "ends_at_1": "09:00",
        "reason": "Ganti catu daya",
    }
    address = reverse("admin:monitoring_plannedwork_add")
    site, nvr, guest = mine[Site], mine[Uplink], foreign[Camera]
    switch = Uplink.objects.create(code="SAKLAR", name="Sakelar", kind="switch", parent=nvr)
    behind = {"site": foreign[Site], "uplink": switch, "agency": None}
    at_hand = {"site": site, "uplink": foreign[Uplink], "agency": foreign[Agency]}
    for subject, place in (({"uplink": nvr}, behind), ({"site": site}, at_hand)):
        Camera.objects.filter(pk=guest.pk).update(**place)
        ((name, row),) = subject.items()
        before = PlannedWork.objects.count()
        answer = client.post(address, {**times, name: row.pk})
        assert answer.status_code == 200, subject
        assert "satu per satu" in answer.content.decode()
        assert FOREIGN not in answer.content.decode()
        assert PlannedWork.objects.count() == before
        # What others planned there is seen, and left alone.
        theirs = PlannedWork.objects.create(
            **subject,
            begins_at=when,
            ends_at=when + timedelta(hours=1),
            reason="Bersama",
            created_by=User.objects.get(username="pusat"),
        )
        reach = reach_of(User.objects.get(username="operator-agency"))
        rows = PlannedWork.objects.filter(pk=theirs.pk)
        assert narrow(rows, reach).exists() and not own(rows, reach).exists()
        assert client.get(change_url(theirs)).status_code == 200
        assert client.post(change_url(theirs), {**times, name: row.pk}).status_code == 403
        # Alone there again, it is one's own to plan.
        Camera.objects.filter(pk=guest.pk).update(site=foreign[Site], uplink=None)
        assert own(rows, reach).exists()
        answer = client.post(address, {**times, name: row.pk})
        assert answer.status_code == 302, answer.context["adminform"].form.errors


def test_no_work_silences_the_uplinks_of_others(mine: Half, foreign: Half) -> None:
    """An uplink that does not answer raises an alarm also where no camera stands behind it."""
    reach = reach_of(make_person(Role.OPERATOR, "agency", mine))
    work = PlannedWork(uplink=mine[Uplink])
    link = Uplink.objects.create(code="ISP-1", name="Tautan", kind="provider", parent=work.uplink)
    assert owns(reach, work), "what is nobody's is not others'"
    Uplink.objects.filter(pk=link.pk).update(site=foreign[Site])
    assert not owns(reach, work)


def bulk(client: Client, rows: list[Any], action: str, **more: Any) -> Any:
    model = rows[0]._meta
    address = reverse(f"admin:{model.app_label}_{model.model_name}_changelist")
    sent = {ACTION_CHECKBOX_NAME: [row.pk for row in rows], "action": action, **more}
    return client.post(address, sent, follow=True)


def test_bulk_actions_pass_over_what_is_anothers(client: Client, mine: Half, foreign: Half) -> None:
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    tickets = [half[m.Ticket] for half in (mine, foreign)]
    events = [ticket.events.count() for ticket in tickets]
    bulk(client, tickets, "snooze_many", go="1", day="2030-01-01", note="")
    assert [ticket.events.count() - old for ticket, old in zip(tickets, events, strict=True)] == [
        1,
        0,
    ]
    secret = {"password": "rahasia-baru-9", "again": "rahasia-baru-9", "username": ""}
    bulk(client, [mine[Camera], foreign[Camera]], "set_password", select_across="1", **secret)
    assert Camera.objects.get(pk=mine[Camera].pk).password == "rahasia-baru-9"
    assert Camera.objects.get(pk=foreign[Camera].pk).password != "rahasia-baru-9"


def test_a_ticket_of_a_shared_uplink_is_read_and_left_alone(
    client: Client, mine: Half, foreign: Half
) -> None:
    """The provider's link took cameras of both halves: each reads of his own ones."""
    link = Uplink.objects.create(code="ISP-1", name="Tautan penyedia", kind="provider")
    for half in (mine, foreign):
        Uplink.objects.filter(pk=half[Uplink].pk).update(parent=link)
    now = timezone.now()
    outage = Incident.objects.create(uplink=link, verdict="offline", began_at=now, confirmed_at=now)
    for half in (mine, foreign):
        Incident.objects.filter(camera=half[Camera]).update(part_of=outage)
    ticket = m.Ticket.objects.create(uplink=link, opened_at=now)
    ticket.links.create(incident=outage)
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    for address in (change_url(outage), change_url(ticket), change_url(link), "/admin/"):
        page = client.get(address)
        assert page.status_code == 200, address
        assert FOREIGN not in page.content.decode(), address
    assert MINE in client.get(change_url(outage)).content.decode()
    acknowledge = reverse("admin:maintenance_ticket_acknowledge", args=[ticket.pk])
    assert client.post(acknowledge, {"note": "-"}).status_code == 403
    bulk(client, [ticket], "snooze_many", go="1", day="2030-01-01", note="")
    assert not ticket.events.exists()


def test_a_work_order_with_anothers_ticket_is_not_shown(
    client: Client, mine: Half, foreign: Half
) -> None:
    from maintenance import work_orders

    both = work_orders.issue([mine[m.Ticket], foreign[m.Ticket]], None)
    sign_in(client, Role.TECHNICIAN, "agency and area", mine)
    sheet = reverse("admin:maintenance_workorder_sheet", args=[both.pk])
    assert client.get(sheet).status_code == 404
    issue = reverse("admin:maintenance_workorder_issue")
    keys = f"?ticket={mine[m.Ticket].pk}&ticket={foreign[m.Ticket].pk}"
    page = client.get(issue + keys)
    assert [ticket.pk for ticket in page.context["tickets"]] == [mine[m.Ticket].pk]


def test_a_table_changes_ones_own_rows_and_names_ones_own(mine: Half, foreign: Half) -> None:
    person = make_person(Role.OPERATOR, "agency and area", mine)
    reach = reach_of(person)

    def result_of(resource: Any, *rows: list[str]) -> Any:
        from cameras.importing.reading import read_table

        return resource(reach=reach).import_data(read_table(csv_file(rows)), dry_run=True)

    def sentences(result: Any) -> str:
        return " ".join(f"{each.label} {each.sentence}" for each in result.wrong)

    foreign_code = foreign[Camera].code
    found = result_of(CameraResource, ["code", "name"], [foreign_code, "Milikku sekarang"])
    assert "di luar jangkauan Anda" in sentences(found)
    assert FOREIGN not in sentences(found)
    found = result_of(
        CameraResource, ["code", "name", "site"], [mine[Camera].code, "A", foreign[Site].code]
    )
    assert found.wrong, "a site of others cannot be named"
    found = result_of(
        SiteResource, ["code", "name", "agency"], [mine[Site].code, "B", foreign[Agency].code]
    )
    assert found.wrong
    found = result_of(CameraResource, ["code", "name"], [mine[Camera].code, "Hulu"])
    assert not found.wrong
    assert len(found.changed_rows()) == 1


def test_an_export_has_ones_own_rows_alone(client: Client, mine: Half, foreign: Half) -> None:
    sign_in(client, Role.OPERATOR, "agency and area", mine)
    sent = {"format": "1", "resource": "0"}
    answer = client.post(reverse("admin:cameras_camera_export"), sent)
    text = answer.content.decode()
    assert MINE in text
    assert FOREIGN not in text


def test_cached_figures_are_each_persons_own(client: Client, mine: Half, foreign: Half) -> None:
    """What was worked out ahead of time, over everybody's cameras, is shown to whom it is for."""
    while area_days.measure_due(timezone.now()):
        pass
    for reach, lines in (("agency and area", 0), ("area", 1)):
        sign_in(client, Role.ADMINISTRATOR, reach, mine)
        context = client.get("/admin/").context
        assert len(context["area_lines"]) == lines
        assert sum(each["number"] for each in context["verdict_counts"]) == 1
        assert sum(each["number"] for each in context["ticket_counts"]) == 1
    # The budget bar goes with the whole agency.
    for reach, ceiling in (("agency", 750_000_000), ("agency and area", None)):
        User.objects.all().filter(username__startswith="finance").delete()
        sign_in(client, Role.FINANCE, reach, mine)
        budget = client.get("/admin/").context["budget"]
        assert (budget.balance.ceiling if budget else None) == ceiling


def test_who_reaches_nothing_is_told_what_to_do(client: Client, mine: Half) -> None:
    sign_in(client, Role.OPERATOR, "nothing", mine)
    page = client.get("/admin/").content.decode()
    assert "Akun Anda belum menjangkau apa pun" in page
    assert MINE not in page


def test_every_page_stays_within_fifteen_questions(
    client: Client, mine: Half, foreign: Half, django_assert_max_num_queries: Any
) -> None:
    # A process asks for the kinds of rows once and for all, so who came first would pay.
    ContentType.objects.get_for_models(*apps.get_models())
    for reach in ("agency and area", "agency", "area"):
        sign_in(client, Role.OPERATOR, reach, mine)
        for address in (
            "/admin/",
            reverse("admin:cameras_camera_changelist"),
            reverse("admin:cameras_camera_wall"),
            reverse("admin:cameras_camera_map"),
            reverse("admin:cameras_site_changelist"),
            reverse("admin:cameras_uplink_changelist"),
            reverse("admin:monitoring_incident_changelist"),
            reverse("admin:maintenance_ticket_changelist"),
            change_url(mine[Camera]),
            change_url(mine[m.Ticket]),
            change_url(mine[Incident]),
        ):
            with django_assert_max_num_queries(15, info=address):
                assert client.get(address).status_code == 200, address


def test_a_mention_tells_only_whom_the_ticket_is_for(mine: Half, foreign: Half) -> None:
    from maintenance import comments

    for name, half in (("kawan", mine), ("orang.lain", foreign)):
        person = make_person(Role.OPERATOR, "agency", half)
        User.objects.filter(pk=person.pk).update(username=name, email=f"{name}@example.id")
    author = make_person(Role.OPERATOR, "area", mine)
    said = comments.say(mine[m.Ticket], author, "@kawan @orang.lain tiangnya miring")
    assert [person.username for person in said.told] == ["kawan"]
    assert said.beyond_reach == ["orang.lain"]
