"""`/healthz`: well or not, for anybody; why, for those who may know."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from monitoring import healthz, pulse
from monitoring.celery import app
from monitoring.models import CameraHealth
from monitoring.scheduling import add_new
from tests.factories import make_camera, make_user
from tests.servers import redis_server

pytestmark = pytest.mark.django_db

STRANGER = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(autouse=True)
def all_is_well(redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", redis)
    pulse.beat(timezone.now())


def asked(client: Client, **headers: Any) -> tuple[int, dict[str, Any]]:
    answer = client.get("/healthz", **headers)
    return answer.status_code, answer.json()


def failing(client: Client) -> list[str]:
    status, answer = asked(client)
    assert (status, answer["status"]) in ((200, "ok"), (503, "failing"))
    return [name for name, check in answer["checks"].items() if not check["well"]]


def test_a_stranger_learns_one_word(client: Client) -> None:
    assert asked(client, **STRANGER) == (200, {"status": "ok"})


def test_who_comes_through_a_proxy_on_this_machine_is_a_stranger(client: Client) -> None:
    assert asked(client, HTTP_X_FORWARDED_FOR="10.1.2.3") == (200, {"status": "ok"})


def test_this_machine_and_staff_see_every_check(client: Client) -> None:
    names = {"database", "broker", "beat", "probing", "disk"}
    assert set(asked(client)[1]["checks"]) == names
    client.force_login(make_user())
    assert set(asked(client, **STRANGER)[1]["checks"]) == names


def test_it_is_cheap(client: Client, django_assert_max_num_queries: Any) -> None:
    for _each in range(5):
        make_camera()
    add_new(timezone.now())
    with django_assert_max_num_queries(9):
        asked(client)


def test_a_beat_that_is_old_or_never_was_is_not_well(client: Client) -> None:
    assert failing(client) == []
    pulse.beat(timezone.now() - timedelta(minutes=2))
    assert failing(client) == ["beat"]


def test_a_backlog_is_not_well_and_one_straggler_is_no_backlog(client: Client) -> None:
    for _each in range(40):
        make_camera()
    add_new(timezone.now())
    CameraHealth.objects.update(probed_at=timezone.now())
    straggler = CameraHealth.objects.order_by("pk")[:1].values("pk")
    late = timezone.now() - timedelta(minutes=14)
    CameraHealth.objects.filter(pk__in=straggler).update(probed_at=late)
    assert failing(client) == []
    CameraHealth.objects.update(probed_at=late)
    assert failing(client) == ["probing"]


def test_a_broker_that_is_away_is_not_well(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app.conf, "broker_url", f"redis+socket://{tmp_path}/none.sock")
    assert failing(client) == ["broker"]


def test_a_full_disk_is_not_well(client: Client, settings: Any) -> None:
    settings.LEAST_FREE_MB = 10**9
    assert failing(client) == ["disk"]


def test_a_database_that_is_away_is_not_well_and_nobody_is_asked_for_a_session(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise DatabaseError("host=10.9.8.7 user=cctv")

    for name in ("beat_age", "backlog", "stands_still_since"):
        monkeypatch.setattr(healthz.pulse, name, away)
    client.force_login(make_user())
    assert asked(client, **STRANGER) == (503, {"status": "failing"})
    status, answer = asked(client)
    assert status == 503
    assert "cctv" not in str(answer)


def test_it_answers_without_tls_where_pages_want_it(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert asked(client)[0] == 200
    assert client.get("/admin/").status_code == 301


def test_only_asking_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
