"""The second factor: set up, asked for, lost, given back. Codes are those of a real telephone."""

import re
from base64 import b32decode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from cameras.models import Area, Reach
from cameras.roles import Role, group_of
from monitoring.signin import second_factor
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "kamera-di-pintu-air-7"
SET_UP, CODE = "/admin/second-factor/", "/admin/second-factor/code/"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel("2026-11-25 08:00+07:00", tick=False) as clock:
        yield clock


@pytest.fixture
def siti() -> User:
    return User.objects.create_superuser("siti", password=PASSWORD)


def sign_in(client: Client, **more: Any) -> Any:
    given = {"username": "siti", "password": PASSWORD, "next": "/admin/cameras/camera/"}
    return client.post(reverse("admin:login"), {**given, **more})


class Telephone:
    """The app: it reads the key from the page, and shows codes."""

    def __init__(self, page: str) -> None:
        found = re.search(r'class="signin-key">([A-Z2-7 ]+)<', page)
        assert found, page
        key = found.group(1).replace(" ", "")
        self.key = b32decode(key + "=" * (-len(key) % 8))

    @property
    def code(self) -> str:
        return f"{totp(self.key):06}"

    @property
    def wrong(self) -> str:
        return f"{(totp(self.key) + 1) % 10**6:06}"


def set_up(client: Client) -> tuple[Telephone, list[str]]:
    """Turn it on; the telephone, and the recovery codes."""
    telephone = Telephone(client.get(SET_UP).content.decode())
    page = client.post(SET_UP, {"code": telephone.code}).content.decode()
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    return telephone, codes


def test_from_the_qr_code_to_a_sign_in_with_a_code(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    page = client.get(SET_UP).content.decode()
    picture = page.partition('<svg class="qr"')[2].partition("</svg>")[0]
    assert "<path" in picture and "http" not in picture
    telephone, _codes = set_up(client)
    client.post(reverse("admin:logout"))

    clock.shift(timedelta(minutes=5))
    assert sign_in(client).status_code == 302
    for closed in ("/admin/", "/admin/cameras/camera/", "/pictures/cameras/1/latest.jpg", SET_UP):
        answer = client.get(closed)
        assert answer.status_code == 302 and answer["Location"].startswith(CODE), closed
    assert client.post("/admin/cameras/area/add/", {"code": "X", "name": "X"})["Location"] == CODE
    answer = client.post(CODE, {"code": telephone.code, "next": "/admin/cameras/camera/"})
    assert answer["Location"] == "/admin/cameras/camera/"
    assert client.get("/admin/").status_code == 200


def test_a_code_counts_once(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    telephone, _codes = set_up(client)
    clock.shift(timedelta(minutes=5))
    for works in (True, False):
        other = Client()
        sign_in(other)
        other.post(CODE, {"code": telephone.code})
        assert (other.get("/admin/").status_code == 200) is works


def test_guessing_codes_becomes_slow(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    telephone, _codes = set_up(client)
    clock.shift(timedelta(minutes=5))
    other = Client()
    sign_in(other)
    assert "Kode ini salah" in other.post(CODE, {"code": telephone.wrong}).content.decode()
    page = other.post(CODE, {"code": telephone.code}).content.decode()
    assert "Terlalu banyak kode salah" in page
    clock.shift(timedelta(seconds=2))
    assert other.post(CODE, {"code": telephone.code}).status_code == 302


def test_a_recovery_code_opens_once_and_is_kept_as_a_digest(
    client: Client, siti: User, clock: Any
) -> None:
    client.force_login(siti)
    _telephone, codes = set_up(client)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {code.replace("-", "") for code in codes}
    clock.shift(timedelta(minutes=5))
    for works in (True, False):
        other = Client()
        sign_in(other)
        page = other.post(CODE, {"code": codes[3].upper()}, follow=True).content.decode()
        assert (other.get("/admin/").status_code == 200) is works
        assert ("9 kode tersisa" in page) is works


def test_new_recovery_codes_void_the_old(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    telephone, codes = set_up(client)
    clock.shift(timedelta(minutes=5))
    answer = client.post(reverse("second-factor-codes"), {"code": "000000"}, follow=True)
    assert StaticToken.objects.count() == second_factor.RECOVERY_CODES
    clock.shift(timedelta(minutes=5))
    answer = client.post(reverse("second-factor-codes"), {"code": telephone.code})
    new = re.findall(r"<code>([a-z2-9-]{11})</code>", answer.content.decode())
    assert len(new) == second_factor.RECOVERY_CODES and not set(new) & set(codes)
    assert second_factor.verify(siti, codes[0]) is None


def test_it_is_turned_off_only_by_a_code(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    telephone, _codes = set_up(client)
    client.post(reverse("second-factor-off"), {"code": telephone.wrong})
    assert second_factor.device_of(siti)
    clock.shift(timedelta(minutes=5))
    client.post(reverse("second-factor-off"), {"code": telephone.code})
    assert second_factor.device_of(siti) is None and not StaticToken.objects.exists()


def test_an_administrator_removes_a_lost_one(client: Client, siti: User, clock: Any) -> None:
    other = Client()
    other.force_login(siti)
    set_up(other)
    client.force_login(User.objects.create_superuser("kepala"))
    address = reverse("admin:auth_user_changelist")
    chosen = {"action": "remove_second_factor", "_selected_action": [siti.pk]}
    assert "siti" in client.post(address, chosen, follow=True).content.decode()
    fresh = Client()
    assert sign_in(fresh)["Location"] == "/admin/cameras/camera/"
    assert fresh.get("/admin/").status_code == 200


def test_nobody_weakens_an_account_that_may_do_more(client: Client, siti: User, clock: Any) -> None:
    other = Client()
    other.force_login(siti)
    set_up(other)
    client.force_login(make_user("auth.view_user", "auth.change_user"))
    chosen = {"action": "remove_second_factor", "_selected_action": [siti.pk]}
    client.post(reverse("admin:auth_user_changelist"), chosen)
    assert second_factor.device_of(siti)


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_weakens_an_account_that_reaches_more(
    client: Client, siti: User, clock: Any, is_active: bool
) -> None:
    other = Client()
    other.force_login(siti)
    set_up(other)
    User.objects.filter(pk=siti.pk).update(is_superuser=False, is_active=is_active)
    row = Reach.objects.create(user=siti, everything=True)
    me = User.objects.create_user("wilayah", is_staff=True)
    me.groups.add(group_of(Role.ADMINISTRATOR))
    area = Area.objects.create(code="31.74", name="Jakarta Selatan")
    Reach.objects.create(user=me, area=area)
    client.force_login(me)
    chosen = {"action": "remove_second_factor", "_selected_action": [siti.pk]}
    page = client.post(reverse("admin:auth_user_changelist"), chosen, follow=True)
    assert second_factor.device_of(siti)
    assert "siti menjangkau lebih dari Anda" in page.content.decode()
    Reach.objects.filter(pk=row.pk).update(everything=False, area=area)
    client.post(reverse("admin:auth_user_changelist"), chosen)
    assert second_factor.device_of(siti) is None


@pytest.mark.parametrize("rule", [["superusers"], ["everyone"], ["Keuangan"], ["keuangan", "x"]])
def test_the_rule_lets_nobody_on_who_has_none(
    client: Client, siti: User, settings: Any, clock: Any, rule: list[str]
) -> None:
    siti.groups.add(group_of(Role.FINANCE))
    settings.SECOND_FACTOR_REQUIRED_FOR = rule
    sign_in(client)
    assert client.get("/admin/")["Location"] == SET_UP
    telephone, _codes = set_up(client)
    assert client.get("/admin/").status_code == 200
    clock.shift(timedelta(minutes=5))
    page = client.post(reverse("second-factor-off"), {"code": telephone.code}, follow=True)
    assert "tetap aktif" in page.content.decode()
    assert second_factor.device_of(siti)


def test_the_rule_leaves_others_alone(client: Client, siti: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED_FOR = ["keuangan"]
    sign_in(client)
    assert client.get("/admin/").status_code == 200


def test_a_device_half_set_up_is_not_asked_for(client: Client, siti: User) -> None:
    client.force_login(siti)
    client.get(SET_UP)
    assert TOTPDevice.objects.filter(confirmed=False).count() == 1
    other = Client()
    sign_in(other)
    assert other.get("/admin/").status_code == 200


def test_strangers_see_none_of_it(client: Client) -> None:
    for address in (SET_UP, CODE):
        assert client.get(address)["Location"].startswith("/admin/login/")


def test_nobody_is_sent_to_another_host(client: Client, siti: User) -> None:
    client.force_login(siti)
    assert client.get(f"{CODE}?next=https://jahat.example/")["Location"] == "/admin/"


def test_the_server_itself_removes_the_last_one(client: Client, siti: User, clock: Any) -> None:
    client.force_login(siti)
    set_up(client)
    call_command("second_factor_remove", "siti")
    assert second_factor.device_of(siti) is None
    with pytest.raises(CommandError, match="Tidak ada pengguna"):
        call_command("second_factor_remove", "nihil")
