"""Repeated failures lock out who guesses, and as few others as possible. Real requests."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "kamera-di-pintu-air-7"
WRONG = "bukan-ini-katanya"
OFFICE, ELSEWHERE = "10.20.1.7", "203.0.113.9"


@pytest.fixture
def siti() -> User:
    return User.objects.create_superuser("siti", password=PASSWORD)


def sign_in(
    client: Client, username: str, password: str, address: str = OFFICE, **headers: Any
) -> Any:
    return client.post(
        reverse("admin:login"),
        {"username": username, "password": password, "next": "/admin/"},
        REMOTE_ADDR=address,
        **headers,
    )


def fail(username: str, times: int, address: str = OFFICE, client: Client | None = None) -> Any:
    answer = None
    for _each in range(times):
        answer = sign_in(client or Client(), username, WRONG, address)
    return answer


def gets_in(client: Client, username: str, address: str = OFFICE) -> bool:
    return sign_in(client, username, PASSWORD, address).status_code == 302


def test_the_fifth_failure_locks_and_the_page_says_until_when(siti: User) -> None:
    with time_machine.travel("2026-11-25 09:00+07:00", tick=False):
        assert fail("siti", 4).status_code == 200
        answer = fail("siti", 1)
    page = answer.content.decode()
    assert answer.status_code == 429 and answer["Retry-After"] == "900"
    assert "09:15:00 WIB" in page.replace(".", ":")
    assert "25 November 2026" in page
    with time_machine.travel("2026-11-25 09:14:59+07:00", tick=False):
        assert not gets_in(Client(), "siti")
    with time_machine.travel("2026-11-25 09:15:01+07:00", tick=False):
        assert gets_in(Client(), "siti")


def test_trying_on_does_not_prolong_it(siti: User) -> None:
    with time_machine.travel("2026-11-25 09:00+07:00", tick=False) as clock:
        fail("siti", 5)
        for _minute in range(15):
            clock.shift(timedelta(minutes=1))
            fail("siti", 1)
        clock.shift(timedelta(seconds=1))
        assert gets_in(Client(), "siti")


def test_a_success_forgets_the_own_failures_only(siti: User) -> None:
    fail("siti", 4)
    fail("budi", 3)
    assert gets_in(Client(), "siti")
    assert fail("siti", 4).status_code == 200
    assert fail("budi", 2).status_code == 429


def test_colleagues_behind_the_same_address_go_on(siti: User) -> None:
    make_user(username="budi").set_password(PASSWORD)
    budi = User.objects.get(username="budi")
    budi.set_password(PASSWORD)
    budi.save()
    fail("siti", 5)
    assert gets_in(Client(), "budi")


def test_guessing_through_the_names_locks_the_address_but_not_known_browsers(
    siti: User, settings: Any
) -> None:
    settings.LOCKOUT_AFTER_MANY = 12
    known = Client()
    assert gets_in(known, "siti")
    known.post(reverse("admin:logout"))
    for number in range(12):
        fail(f"tebakan-{number}", 1)
    assert not gets_in(Client(), "siti")
    assert gets_in(Client(), "siti", ELSEWHERE)
    assert gets_in(known, "siti")


def test_many_machines_cannot_keep_the_only_administrator_from_the_own_desk(
    siti: User, settings: Any
) -> None:
    settings.LOCKOUT_AFTER_MANY = 12
    known = Client()
    assert gets_in(known, "siti")
    known.post(reverse("admin:logout"))
    for number in range(12):
        fail("siti", 1, f"203.0.113.{number}")
    assert not gets_in(Client(), "siti", ELSEWHERE)
    assert gets_in(known, "siti")


def test_a_known_browser_is_locked_by_its_own_failures(siti: User) -> None:
    known = Client()
    assert gets_in(known, "siti")
    known.post(reverse("admin:logout"))
    assert fail("siti", 5, client=known).status_code == 429
    assert not gets_in(known, "siti")
    assert gets_in(Client(), "siti")  # a strange one is counted apart


def test_a_browser_is_known_only_for_the_name_it_was_signed_in_with(siti: User) -> None:
    client = Client()
    assert gets_in(client, "siti")
    client.post(reverse("admin:logout"))
    fail("admin", 5)
    assert sign_in(client, "admin", WRONG).status_code == 429
    (name, cookie) = next((n, c) for n, c in client.cookies.items() if n.startswith("known-"))
    client.cookies[name] = cookie.value[:-3] + "abc"
    fail("siti", 5)
    assert not gets_in(client, "siti")  # forged: as strange as any other


def test_an_administrator_releases(client: Client, siti: User, settings: Any) -> None:
    fail("budi", 5)
    fail("wati", 2)
    client.force_login(siti)
    address = reverse("admin:signin_failedsignin_changelist")
    page = client.get(address).content.decode()
    assert page.count("field-locked") >= 2 and "budi" in page
    row = AccessAttempt.objects.get(username="budi")
    chosen = {"action": "release", "_selected_action": [row.pk]}
    page = client.post(address, chosen, follow=True).content.decode()
    assert "budi" in page
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["wati"]


def test_who_may_only_look_releases_nobody(client: Client) -> None:
    fail("budi", 5)
    client.force_login(make_user("signin.view_failedsignin"))
    address = reverse("admin:signin_failedsignin_changelist")
    assert client.get(address).status_code == 200
    row = AccessAttempt.objects.get()
    client.post(address, {"action": "release", "_selected_action": [row.pk]})
    assert AccessAttempt.objects.exists()


def test_the_password_is_kept_nowhere(siti: User) -> None:
    fail("siti", 2)
    row = AccessAttempt.objects.get()
    assert WRONG not in "".join(str(value) for value in row.__dict__.values())


def test_behind_a_trusted_proxy_each_visitor_counts_alone(siti: User, settings: Any) -> None:
    import ipaddress

    settings.TRUSTED_PROXIES = (ipaddress.ip_network("127.0.0.1/32"),)

    def through(visitor: str, password: str = WRONG) -> Any:
        said = {"HTTP_X_FORWARDED_FOR": visitor}
        return sign_in(Client(), "siti", password, "127.0.0.1", **said)

    for _each in range(5):
        answer = through("198.51.100.4")
    assert answer.status_code == 429
    # What the visitor himself wrote before the proxy's word changes nothing.
    assert through("10.9.9.9, 198.51.100.4", PASSWORD).status_code == 429
    assert through("198.51.100.5", PASSWORD).status_code == 302


def test_nobody_is_believed_who_is_no_trusted_proxy(siti: User) -> None:
    for number in range(5):
        answer = sign_in(
            Client(), "siti", WRONG, ELSEWHERE, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}"
        )
    assert answer.status_code == 429


def test_names_that_nobody_can_have_break_nothing(client: Client) -> None:
    for name in ("a" * 5000, "siti\0admin", "🦊" * 80, ""):
        assert sign_in(client, name, WRONG).status_code == 200


def test_old_failures_are_not_kept(siti: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        fail("budi", 3)
    gets_in(Client(), "siti")
    assert not AccessAttempt.objects.exists()


def test_a_proxy_that_nobody_named_is_warned_of(settings: Any, capsys: Any) -> None:
    from monitoring.signin.checks import proxy_is_known

    settings.HTTPS, settings.TRUSTED_PROXIES = True, ()
    assert [each.id for each in proxy_is_known(None)] == ["signin.W001"]
    settings.HTTPS = False
    assert proxy_is_known(None) == []
    call_command("check")
