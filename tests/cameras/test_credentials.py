"""Credentials: out of addresses, encrypted at rest, and kept when a form says nothing of them."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.urls import reverse

from cameras.models import Camera
from cameras.secrets import decrypt, encrypt
from tests.factories import make_camera

pytestmark = pytest.mark.django_db

SECRET = "p@ss:w/rd?#%& 1é"
IN_AN_ADDRESS = "rtsp://operator:p%40ss%3Aw%2Frd%3F%23%25%26%201%C3%A9@10.1.2.3/stream1"


def stored(camera: Camera) -> dict[str, str]:
    """The camera's row as it stands in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cameras_camera WHERE id = %s", [camera.pk])
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def test_credentials_typed_into_an_address_are_moved_and_encrypted() -> None:
    camera = make_camera(stream_url=IN_AN_ADDRESS)
    camera.refresh_from_db()
    assert camera.stream_url == "rtsp://10.1.2.3/stream1"
    assert (camera.username, camera.password) == ("operator", SECRET)
    row = stored(camera)
    assert row["password"].startswith("gAAAA")  # a Fernet token
    assert not any(SECRET in str(value) or "p%40ss" in str(value) for value in row.values())


def test_an_address_without_credentials_leaves_them_as_they_are() -> None:
    camera = make_camera(username="operator", password=SECRET)
    camera.stream_url = "rtsp://10.1.2.3/other"
    camera.save()
    camera.refresh_from_db()
    assert (camera.username, camera.password) == ("operator", SECRET)


def test_an_address_that_cannot_be_read_stays_for_the_validator_to_complain_of() -> None:
    camera = Camera(stream_url="file:///etc/passwd")
    camera.move_credentials()
    assert camera.stream_url == "file:///etc/passwd"


def test_equal_passwords_have_unequal_secrets_and_none_has_none() -> None:
    one, two, without = (make_camera(password=password) for password in ("a", "a", ""))
    assert stored(one)["password"] != stored(two)["password"]
    assert stored(without)["password"] == ""
    assert list(Camera.objects.filter(password="")) == [without]


def test_passwords_cannot_be_searched() -> None:
    with pytest.raises(FieldError):
        Camera.objects.filter(password__startswith="a").exists()


def test_a_list_of_cameras_decrypts_nothing(settings: Any) -> None:
    make_camera(password=SECRET)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    (camera,) = Camera.objects.all()
    assert camera.name
    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS"):
        _ = camera.password


def test_after_a_change_of_keys_the_old_one_still_opens_and_the_new_one_closes(
    settings: Any,
) -> None:
    old, new = (Fernet.generate_key().decode() for _each in range(2))
    settings.CREDENTIAL_KEYS = [old]
    camera = make_camera(password=SECRET)

    settings.CREDENTIAL_KEYS = [new, old]
    camera = Camera.objects.get(pk=camera.pk)
    assert camera.password == SECRET
    camera.save()

    settings.CREDENTIAL_KEYS = [new]
    assert Camera.objects.get(pk=camera.pk).password == SECRET
    assert decrypt(stored(camera)["password"]) == SECRET


def test_a_key_that_is_none_is_answered_with_how_to_make_one(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = ["short"]
    with pytest.raises(ImproperlyConfigured, match="generate_key"):
        encrypt(SECRET)


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def save_in_the_admin(client: Client, camera: Camera, **fields: str) -> Camera:
    """Send the camera's page as a browser does, with these fields changed."""
    answer = client.post(
        reverse("admin:cameras_camera_change", args=[camera.pk]),
        {
            "code": camera.code,
            "name": camera.name,
            "site": camera.site_id,
            "stream_url": camera.stream_url,
            "snapshot_url": camera.snapshot_url,
            "username": camera.username,
            "password": "",
            "is_monitored": "on",
            **fields,
        },
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Camera.objects.get(pk=camera.pk)


def test_an_empty_password_in_the_form_keeps_the_present_one(chief: Client) -> None:
    camera = make_camera(username="operator", password=SECRET)
    saved = save_in_the_admin(chief, camera, name="Kamera Hulu")
    assert (saved.name, saved.password) == ("Kamera Hulu", SECRET)


def test_a_password_in_the_form_replaces_the_present_one(chief: Client) -> None:
    camera = make_camera(username="operator", password=SECRET)
    assert save_in_the_admin(chief, camera, password=" baru ").password == " baru "


def test_credentials_in_an_address_in_the_form_are_moved(chief: Client) -> None:
    saved = save_in_the_admin(chief, make_camera(), stream_url=IN_AN_ADDRESS)
    assert saved.stream_url == "rtsp://10.1.2.3/stream1"
    assert (saved.username, saved.password) == ("operator", SECRET)
