"""Roles are made once and belong to the administrators then; nobody gives more than he has."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cameras.models import Agency, Area, Reach, RoleGroup
from cameras.reach import EVERYTHING, covers, reach_of
from cameras.roles import Role, fill_groups, group_of, rights_of
from tests.factories import make_camera, make_site
from tests.rights.world import MINE, Half, furnish, make_person

pytestmark = pytest.mark.django_db


def test_every_role_has_its_group_with_an_indonesian_name() -> None:
    names = {role.value: group_of(role).name for role in Role}
    assert names == {
        "viewer": "Peninjau",
        "operator": "Operator",
        "technician": "Teknisi",
        "procurement": "Petugas pengadaan (PPK/Pokja)",
        "finance": "Keuangan",
        "administrator": "Administrator",
    }


@pytest.mark.parametrize("role", list(Role))
def test_every_right_in_the_tables_exists_and_was_given(role: Role) -> None:
    given = {
        f"{app}.{codename}"
        for app, codename in group_of(role).permissions.values_list(
            "content_type__app_label", "codename"
        )
    }
    assert given == rights_of(role)


def test_what_an_administrator_changed_is_left_alone_by_the_next_migrate() -> None:
    operators = group_of(Role.OPERATOR)
    taken = Permission.objects.get(codename="cancel_ticket")
    added = Permission.objects.get(codename="override_ticket")
    operators.permissions.remove(taken)
    operators.permissions.add(added)
    Group.objects.filter(pk=operators.pk).update(name="Petugas ruang kendali")
    group_of(Role.VIEWER).delete()

    fill_groups(apps.get_app_config("maintenance"))

    after = group_of(Role.OPERATOR)
    assert after.name == "Petugas ruang kendali"
    assert taken not in after.permissions.all()
    assert added in after.permissions.all()
    assert not Group.objects.filter(name="Peninjau").exists()


def test_rights_of_a_later_version_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    from maintenance import role_rights

    later = {**role_rights.RIGHTS, Role.OPERATOR: ["maintenance.override_ticket"]}
    monkeypatch.setattr(role_rights, "RIGHTS", later)
    fill_groups()
    kept = RoleGroup.objects.get(role="operator")
    assert "maintenance.override_ticket" in kept.offered
    assert group_of(Role.OPERATOR).permissions.filter(codename="override_ticket").exists()
    assert group_of(Role.OPERATOR).permissions.filter(codename="assign_ticket").exists()


def test_a_city_is_reached_with_its_districts_and_nothing_else() -> None:
    city = Area.objects.create(code="31.72", name="Jakarta Utara")
    district = Area.objects.create(code="31.72.01", name="Penjaringan", parent=city)
    mine = make_camera(site=make_site(area=district))
    make_camera()
    person = User.objects.create_user("petugas", is_staff=True)
    Reach.objects.create(user=person, area=city)
    from cameras.models import Camera
    from cameras.reach import narrow

    assert list(narrow(Camera.objects.all(), reach_of(person))) == [mine]


def test_who_is_inactive_or_unknown_reaches_nothing_and_superusers_everything() -> None:
    from django.contrib.auth.models import AnonymousUser

    person = User.objects.create_user("petugas", is_staff=True, is_active=False)
    Reach.objects.create(user=person, everything=True)
    assert reach_of(person).is_nothing
    assert reach_of(AnonymousUser()).is_nothing
    assert reach_of(User.objects.create_superuser("kepala")) is EVERYTHING


def test_a_reach_is_a_part_or_everything_says_the_database() -> None:
    person = User.objects.create_user("petugas")
    agency = Agency.objects.create(code="SDA", name="Dinas SDA")
    for wrong in ({}, {"everything": True, "agency": agency}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reach.objects.create(user=person, **wrong)


@pytest.fixture
def mine() -> Half:
    return furnish(MINE)


def test_one_reach_lies_within_another_or_does_not(mine: Half) -> None:
    reach = {
        name: reach_of(make_person(Role.VIEWER, name, mine))
        for name in ("agency and area", "agency", "area", "nothing")
    }
    assert covers(reach["agency"], reach["agency and area"])
    assert covers(reach["area"], reach["agency and area"])
    assert not covers(reach["agency and area"], reach["agency"])
    assert not covers(reach["area"], reach["agency"])
    assert covers(reach["area"], reach["nothing"])
    assert not covers(reach["area"], EVERYTHING)


def person_form(person: User, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "username": person.username,
        "is_active": "on",
        "is_staff": "on",
        "date_joined_0": "01/01/2026",
        "date_joined_1": "08:00:00",
        "reaches-TOTAL_FORMS": len(rows),
        "reaches-INITIAL_FORMS": 0,
        **more,
    }
    for number, row in enumerate(rows):
        given |= {f"reaches-{number}-{name}": value for name, value in row.items()}
        given[f"reaches-{number}-user"] = person.pk
    return given


def test_an_administrator_gives_a_role_and_a_reach_within_his_own(
    client: Client, mine: Half
) -> None:
    client.force_login(make_person(Role.ADMINISTRATOR, "agency", mine))
    new = User.objects.create_user("baru", is_staff=True)
    address = reverse("admin:auth_user_change", args=[new.pk])
    page = client.get(address).content.decode()
    assert "Jangkauan: yang dilihat dan dikerjakan orang ini".casefold() in page.casefold()
    role = group_of(Role.OPERATOR).pk
    area, agency = mine[Area].pk, mine[Agency].pk
    for too_much in ({"everything": "on"}, {"area": area}):
        answer = client.post(address, person_form(new, too_much, groups=[role]))
        assert answer.status_code == 200
        assert "melebihi" in answer.content.decode() or "lebih dari" in answer.content.decode()
    sent = person_form(new, {"agency": agency, "area": area}, groups=[role], is_superuser="on")
    assert client.post(address, sent).status_code == 302
    new.refresh_from_db()
    assert [str(group) for group in new.groups.all()] == ["Operator"]
    assert [str(reach) for reach in new.reaches.all()] == [f"Dinas {MINE} · Kota {MINE}"]
    assert not new.is_superuser, "superusers are made by superusers alone"


def test_nobody_rises_by_changing_accounts(client: Client, mine: Half) -> None:
    chief = User.objects.create_superuser("kepala")
    wider = User.objects.create_user("luas", is_staff=True)
    Reach.objects.create(user=wider, everything=True)
    me = make_person(Role.ADMINISTRATOR, "agency", mine)
    client.force_login(me)
    for other in (chief, wider):
        address = reverse("admin:auth_user_change", args=[other.pk])
        assert client.post(address, person_form(other)).status_code == 403
        password = reverse("admin:auth_user_password_change", args=[other.pk])
        assert client.get(password).status_code == 403
    address = reverse("admin:auth_user_change", args=[me.pk])
    client.post(address, person_form(me, {"everything": "on"}, is_superuser="on", groups=[]))
    me = User.objects.get(pk=me.pk)
    assert not me.is_superuser
    assert not reach_of(me).everything
    assert [str(group) for group in me.groups.all()] == ["Administrator"]
    group = reverse("admin:auth_group_change", args=[group_of(Role.VIEWER).pk])
    assert client.post(group, {"name": "X"}).status_code == 403


def test_an_account_that_sleeps_is_not_woken_by_who_reaches_less(
    client: Client, mine: Half
) -> None:
    """What it reaches stands in its rows: a password set while it is inactive opens it later."""
    wider = User.objects.create_user("luas", is_staff=True, is_active=False)
    Reach.objects.create(user=wider, everything=True)
    chief = User.objects.create_superuser("kepala", is_active=False)
    client.force_login(make_person(Role.ADMINISTRATOR, "area", mine))
    password = {"password1": "Rahasia-baru-9", "password2": "Rahasia-baru-9"}
    for other in (wider, chief):
        for page in ("password_change", "change", "delete"):
            address = reverse(f"admin:auth_user_{page}", args=[other.pk])
            sent = {**person_form(other), **password, "post": "yes"}
            assert client.post(address, sent).status_code == 403, (other, page)
        bulk = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
        client.post(reverse("admin:auth_user_changelist"), bulk)
        other.refresh_from_db()  # is still there
        assert not other.is_active and not other.has_usable_password()
    # Who lies within his reach is his to change, asleep or not.
    within = User.objects.create_user("dalam", is_staff=True, is_active=False)
    Reach.objects.create(user=within, area=mine[Area])
    page = reverse("admin:auth_user_password_change", args=[within.pk])
    assert client.get(page).status_code == 200


def test_the_demo_has_a_person_for_each_role(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", verbosity=0)
    call_command("load_demo_people")
    said = capsys.readouterr().out
    people = {user.username: user for user in User.objects.filter(is_staff=True)}
    assert len(people) == len(Role)
    roles = {group.name for user in people.values() for group in user.groups.all()}
    assert roles == {group_of(role).name for role in Role}
    for user in people.values():
        assert not reach_of(user).is_nothing
        (line,) = [line for line in said.splitlines() if f"  {user.username} " in line]
        assert user.check_password(line.split()[1])
    call_command("load_demo_people")
    assert capsys.readouterr().out == ""
