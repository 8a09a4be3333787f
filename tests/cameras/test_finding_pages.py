"""The page that finds cameras, and the action that gives them a new password."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cameras.models import Camera
from cameras.onvif import discovery, pages
from cameras.passwords import set_passwords
from tests.factories import make_camera, make_site, make_user
from tests.farm.onvif import OnvifDevice

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def searching_at(monkeypatch: Any, device: OnvifDevice) -> None:
    """Multicast does not reach loopback: the same question, to the device's own port."""
    at = ("127.0.0.1", device.discovery_port)
    monkeypatch.setattr(pages, "search", lambda seconds: discovery.search(seconds, at=at))


def test_a_camera_is_found_and_registered(chief: Client, monkeypatch: Any) -> None:
    site = make_site()
    address = reverse("admin:cameras_camera_find")
    assert reverse("admin:cameras_camera_changelist") in chief.get(address).content.decode()
    with OnvifDevice() as device:
        searching_at(monkeypatch, device)
        login = {"username": "operator", "password": "rahasia", "seconds": "1"}
        found = chief.post(address, login)
    html = found.content.decode()
    assert f"127.0.0.1:{device.port}" in html and "F-100" in html and "V1.2.3" in html
    assert "rahasia" not in html
    kept = {"kept": found.context["kept"], "site": site.pk}
    nothing = chief.post(address, kept)
    assert not Camera.objects.exists() and nothing.status_code == 200
    wrong = chief.post(address, {**kept, "choose-0": "on", "code-0": "", "name-0": "Hulu"})
    assert wrong.context["rows"][0]["errors"] and not Camera.objects.exists()
    done = chief.post(address, {**kept, "choose-0": "on", "code-0": "pa-1", "name-0": "Hulu"})
    assert done.status_code == 302
    camera = Camera.objects.get(code="PA-1")
    assert (camera.site, camera.name, camera.vendor) == (site, "Hulu", "Farm")
    assert (camera.username, camera.password) == ("operator", "rahasia")
    assert camera.substream_url.endswith("/sub") and camera.snapshot_url.startswith("http://")


def test_what_was_found_cannot_be_forged(chief: Client) -> None:
    given = {"kept": "forged", "choose-0": "on", "code-0": "A", "site": make_site().pk}
    assert chief.post(reverse("admin:cameras_camera_find"), given).status_code == 302
    assert not Camera.objects.exists()


def test_who_may_not_add_cameras_may_not_search(client: Client) -> None:
    client.force_login(make_user("cameras.view_camera", "cameras.change_camera"))
    assert client.get(reverse("admin:cameras_camera_find")).status_code == 403


def test_the_command_prints_what_it_finds(capsys: Any) -> None:
    with OnvifDevice() as device:
        at = f"127.0.0.1:{device.discovery_port}"
        call_command("find_cameras", "--seconds", "1", "--at", at)
    assert f"127.0.0.1:{device.port}" in capsys.readouterr().out


def test_a_new_password_is_given_to_the_chosen(chief: Client) -> None:
    first, second = make_camera(username="a"), make_camera(username="b", password="lama")
    address = reverse("admin:cameras_camera_changelist")
    ticked = {"action": "set_password", "_selected_action": [first.pk]}
    page = chief.post(address, ticked).content.decode()
    assert first.code in page and second.code not in page
    differ = chief.post(address, {**ticked, "password": "kunci-9", "again": "lain"})
    assert differ.status_code == 200 and "kunci-9" not in differ.content.decode()
    assert (
        chief.post(address, {**ticked, "password": "kunci-9", "again": "kunci-9"}).status_code
        == 302
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.username, first.password) == ("a", "kunci-9")
    assert (second.username, second.password) == ("b", "lama")
    assert "kunci-9" not in str(LogEntry.objects.values_list("change_message", "object_repr"))
    every = {**ticked, "select_across": "1", "username": "op", "password": "x", "again": "x"}
    chief.post(address, every)
    assert {each.username for each in Camera.objects.all()} == {"op"}


def test_who_may_not_change_cameras_gives_them_no_password(client: Client) -> None:
    camera = make_camera(password="lama")
    client.force_login(make_user("cameras.view_camera"))
    given = {"action": "set_password", "_selected_action": [camera.pk]}
    client.post(
        reverse("admin:cameras_camera_changelist"), {**given, "password": "x", "again": "x"}
    )
    camera.refresh_from_db()
    assert camera.password == "lama"


def test_many_passwords_cost_as_few_queries_as_few() -> None:
    cameras = [make_camera(password="lama") for _number in range(30)]
    chosen = Camera.objects.filter(pk__in=[each.pk for each in cameras])
    with CaptureQueriesContext(connection) as queries:
        assert set_passwords(chosen, "baru", "", None) == 30
    assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) <= 33
    assert {each.password for each in Camera.objects.all()} == {"baru"}
