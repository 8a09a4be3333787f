"""How long one stays signed in, what a password must be, and in which language one reads."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.language import language_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "kamera-di-pintu-air-7"
HOME = "/admin/"


@pytest.fixture
def siti(client: Client) -> User:
    user = User.objects.create_superuser("siti", password=PASSWORD)
    client.force_login(user)
    return user


def is_in(client: Client) -> bool:
    return client.get(reverse("admin:password_change")).status_code == 200


def test_a_session_ends_when_nothing_was_asked_for_long(client: Client, settings: Any) -> None:
    with time_machine.travel("2026-11-25 08:00+07:00", tick=False) as clock:
        client.force_login(User.objects.create_superuser("siti"))
        for _each in range(3):
            clock.shift(timedelta(minutes=settings.SESSION_IDLE_MINUTES - 1))
            assert is_in(client)
        clock.shift(timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1))
        answer = client.get("/admin/cameras/camera/?q=manggarai", follow=True)
        assert answer.redirect_chain[0][0] == (
            "/admin/login/?next=%2Fadmin%2Fcameras%2Fcamera%2F%3Fq%3Dmanggarai"
        )
        assert "Sesi Anda telah berakhir" in answer.content.decode()
        assert not is_in(client)


def test_a_session_ends_however_busy_it_is(client: Client, settings: Any) -> None:
    with time_machine.travel("2026-11-25 08:00+07:00", tick=False) as clock:
        client.force_login(User.objects.create_superuser("siti"))
        for _hour in range(settings.SESSION_MAX_HOURS):
            clock.shift(timedelta(hours=1))
            assert is_in(client)
        clock.shift(timedelta(seconds=1))
        assert not is_in(client)


def test_pictures_are_not_shown_to_a_session_that_is_over(client: Client) -> None:
    with time_machine.travel("2026-11-25 08:00+07:00", tick=False) as clock:
        client.force_login(User.objects.create_superuser("siti"))
        assert client.get("/pictures/cameras/1/latest.jpg").status_code == 404
        clock.shift(timedelta(hours=3))
        assert client.get("/pictures/cameras/1/latest.jpg").status_code == 302


def test_a_busy_session_is_not_written_at_every_request(
    client: Client, siti: User, django_assert_num_queries: Any
) -> None:
    client.get(reverse("jsi18n"))
    with django_assert_num_queries(1):  # the session is read
        client.get(reverse("jsi18n"))


def test_signing_out_ends_it(client: Client, siti: User) -> None:
    key = client.session.session_key
    assert client.post(reverse("admin:logout")).status_code == 200
    assert not is_in(client)
    client.cookies["sessionid"] = key
    assert not is_in(client)


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("pendek-1", "sedikitnya 12 karakter"),
        ("123456789012345", "hanya terdiri atas angka"),
        ("qwertyuiop123", "terlalu umum"),
        ("siti-petugas-1", "terlalu mirip"),
    ],
)
def test_weak_passwords_are_refused_in_indonesian(
    client: Client, password: str, complaint: str
) -> None:
    user = User.objects.create_superuser("siti-petugas", password=PASSWORD)
    client.force_login(user)
    given = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    page = client.post(reverse("admin:password_change"), given).content.decode()
    assert complaint in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_new_password_keeps_this_session_and_ends_the_others(client: Client, siti: User) -> None:
    other = Client()
    other.force_login(siti)
    new = "banjir-kanal-timur-88"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), given).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_the_language_is_the_persons_own_on_every_machine(client: Client, siti: User) -> None:
    assert 'lang="id"' in client.get(HOME).content.decode()
    client.post("/i18n/setlang/", {"language": "en", "next": HOME})
    assert 'lang="en"' in client.get(HOME).content.decode()
    assert language_of(siti) == "en"
    elsewhere = Client()
    elsewhere.force_login(siti)
    assert 'lang="en"' in elsewhere.get(HOME).content.decode()
    # The next one at the first machine reads what he chose himself: nothing, so Indonesian.
    client.post(reverse("admin:logout"))
    client.force_login(make_user())
    assert 'lang="id"' in client.get(HOME).content.decode()


def test_a_language_that_there_is_not_changes_nothing(client: Client, siti: User) -> None:
    client.post("/i18n/setlang/", {"language": "xx", "next": HOME})
    assert language_of(siti) == "id"
    assert client.get("/i18n/setlang/").status_code == 405


def test_the_cookie_of_the_session_outlives_nothing(client: Client, settings: Any) -> None:
    User.objects.create_superuser("siti", password=PASSWORD)
    answer = client.post(
        reverse("admin:login"), {"username": "siti", "password": PASSWORD, "next": HOME}
    )
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == settings.SESSION_MAX_HOURS * 3600
    assert timezone.now()
