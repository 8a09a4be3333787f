"""When probing stands still: noticed, said on every page, mailed once, and once more after."""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from cameras.models import Camera, Importance
from monitoring import pulse, watching
from monitoring.marks import new_mark
from monitoring.models import CameraHealth, Standstill
from monitoring.scheduling import add_new
from monitoring.verdicts import Reason, Verdict
from tests.concurrency import at_once
from tests.factories import claimed, make_camera, make_site, make_user
from tests.servers import mail_server

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def probed(at: datetime, due_at: datetime | None = None, **fields: Any) -> Camera:
    """A camera that was probed last at this moment, and is due an interval later."""
    camera = make_camera(**fields)
    add_new(NOW)
    seconds = camera.interval_seconds or settings.PROBE_INTERVAL_SECONDS
    CameraHealth.objects.filter(pk=camera.pk).update(
        probed_at=at, due_at=due_at or at + timedelta(seconds=seconds), verdict=Verdict.HEALTHY
    )
    return camera


@pytest.fixture(autouse=True)
def addressees(settings: Any) -> None:
    settings.ALARM_EMAILS = ["jaga@example.id"]


def test_while_any_camera_is_probed_in_time_nothing_stands_still() -> None:
    probed(ago(60))
    probed(ago(14))
    assert pulse.stands_still_since(NOW) is None


def test_three_intervals_without_a_probe_are_a_standstill_since_the_last_probe() -> None:
    probed(ago(60))
    probed(ago(16))
    assert pulse.stands_still_since(NOW) == ago(16)


def test_with_short_intervals_a_restart_is_no_standstill(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS = 4
    probed(ago(1.5))
    assert pulse.stands_still_since(NOW) is None
    CameraHealth.objects.update(probed_at=ago(3))
    assert pulse.stands_still_since(NOW) == ago(3)


def test_without_cameras_or_with_none_due_nothing_stands_still() -> None:
    assert pulse.stands_still_since(NOW) is None
    probed(ago(600), is_monitored=False)
    assert pulse.stands_still_since(NOW) is None
    probed(ago(50), interval_seconds=3600)
    assert pulse.stands_still_since(NOW) is None


def test_cameras_that_are_claimed_again_and_again_but_never_probed_are_a_standstill() -> None:
    probed(ago(20), due_at=NOW + timedelta(minutes=4))
    CameraHealth.objects.update(claim=new_mark(ago(1)))
    assert pulse.stands_still_since(NOW) == ago(20)


def test_a_rare_probe_that_is_under_way_is_no_standstill() -> None:
    probed(ago(60), interval_seconds=1200)
    CameraHealth.objects.update(claim=new_mark(ago(0.2)), due_at=NOW + timedelta(minutes=20))
    assert pulse.stands_still_since(NOW) is None


def test_new_cameras_that_nobody_takes_up_are_a_standstill() -> None:
    make_camera()
    pulse.beat(ago(1))
    assert pulse.stands_still_since(NOW) is None
    pulse.beat(ago(10))
    assert pulse.stands_still_since(NOW) == ago(10)
    add_new(ago(30))
    assert pulse.stands_still_since(NOW) is not None


def test_where_all_are_offline_and_probed_rarely_nothing_stands_still() -> None:
    camera = probed(ago(20), due_at=NOW + timedelta(minutes=10))
    CameraHealth.objects.update(verdict=Verdict.OFFLINE, reason=Reason.REFUSED)
    claimed(camera)
    assert pulse.stands_still_since(NOW) is None


def test_the_backlog_counts_those_that_have_missed_a_turn() -> None:
    on_time = NOW + timedelta(minutes=1)
    probed(ago(4))
    probed(ago(7), due_at=on_time)  # back to its own place after an early probe
    probed(ago(13), due_at=on_time)
    probed(ago(13), due_at=on_time, interval_seconds=600)
    offline = probed(ago(29))
    CameraHealth.objects.filter(pk=offline.pk).update(verdict=Verdict.OFFLINE)
    assert pulse.backlog(NOW) == pulse.Backlog(cameras=4, overdue=1, lag_s=0.0)
    make_camera()
    add_new(ago(30))
    assert pulse.backlog(NOW).overdue == 2


def test_an_important_site_is_due_sooner(settings: Any) -> None:
    settings.PROBE_INTERVALS = {"critical": 60}
    on_time = NOW + timedelta(minutes=1)
    probed(ago(4), due_at=on_time)
    probed(ago(4), due_at=on_time, site=make_site(importance=Importance.CRITICAL))
    assert pulse.backlog(NOW).overdue == 1
    CameraHealth.objects.update(probed_at=ago(6), due_at=ago(3))
    assert pulse.stands_still_since(NOW) is None  # by the usual interval it is early yet


def test_the_lag_counts_from_the_turn_and_from_the_claim() -> None:
    on_time = NOW + timedelta(minutes=1)
    waits = probed(ago(4), due_at=ago(2))
    is_out = probed(ago(4), due_at=on_time)
    CameraHealth.objects.filter(pk=is_out.pk).update(claim=new_mark(ago(0.5)))
    assert pulse.backlog(NOW).lag_s == 120
    CameraHealth.objects.filter(pk=waits.pk).update(due_at=on_time)
    assert pulse.backlog(NOW).lag_s == pytest.approx(30, abs=0.01)


def test_mail_goes_out_after_fifteen_minutes_once_and_once_when_it_is_back(settings: Any) -> None:
    with mail_server(settings) as server:
        settings.PROBE_INTERVAL_SECONDS = 60
        camera = probed(ago(10))
        assert watching.look(NOW) is False
        assert server.mails == []

        later = NOW + timedelta(minutes=5)
        for seconds in (0, 20, 40):
            assert watching.look(later + timedelta(seconds=seconds)) is False
        [alarm] = server.mails
        assert alarm["To"] == "jaga@example.id"
        assert "15" in alarm.get_content()

        back = NOW + timedelta(minutes=20)
        CameraHealth.objects.filter(pk=camera.pk).update(probed_at=back)
        for seconds in (10, 30):
            assert watching.look(back + timedelta(seconds=seconds)) is True
        assert len(server.mails) == 2
        assert server.mails[1]["Subject"] != alarm["Subject"]

    standstill = Standstill.objects.get()
    assert (standstill.began_at, standstill.ended_at) == (ago(10), back + timedelta(seconds=10))


def test_a_standstill_that_ends_before_the_mail_is_never_mailed_about(settings: Any) -> None:
    settings.PROBE_INTERVAL_SECONDS = 60
    probed(ago(10))
    watching.look(NOW)
    CameraHealth.objects.update(probed_at=NOW)
    watching.look(NOW)
    watching.look(NOW + timedelta(minutes=2))
    assert mail.outbox == []
    assert Standstill.objects.exclude(ended_at=None).count() == 1


def test_a_mail_that_the_server_refuses_is_sent_at_a_later_look(settings: Any) -> None:
    probed(ago(20))
    with mail_server(settings) as server:
        server.refuses = True
        watching.look(NOW)
        assert server.mails == []
        server.refuses = False
        watching.look(NOW + timedelta(seconds=20))
        watching.look(NOW + timedelta(seconds=40))
        assert len(server.mails) == 1


def test_the_claim_of_a_watcher_that_died_is_taken_over_after_a_while() -> None:
    Standstill.objects.create(began_at=ago(20), alarm_claimed_at=NOW)
    assert watching.send_due(NOW + timedelta(minutes=1)) == 0
    assert watching.send_due(NOW + timedelta(minutes=6)) == 1
    assert len(mail.outbox) == 1


def test_without_addressees_the_log_says_so_and_nothing_fails(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALARM_EMAILS = []
    probed(ago(20))
    assert watching.look(NOW) is False
    assert mail.outbox == [] and "ALARM_EMAILS" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_many_watchers_at_once_send_one_alarm(settings: Any) -> None:
    probed(ago(20))
    with mail_server(settings) as server:
        at_once(*[lambda: watching.look(NOW)] * 6)
        at_once(*[lambda: watching.look(NOW + timedelta(seconds=20))] * 6)
        assert len(server.mails) == 1
    assert Standstill.objects.count() == 1


def test_a_database_that_does_not_answer_is_mailed_about_too(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    probed(NOW + timedelta(minutes=30))

    def away(now: datetime) -> datetime | None:
        raise DatabaseError("the server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(watching.pulse, "stands_still_since", away)
        broken.setattr(watching.connection, "close", lambda: None)
        for minutes in (0, 10, 15, 16):
            assert watching.look(NOW + timedelta(minutes=minutes)) is False
        assert len(mail.outbox) == 1
    for minutes in (31, 32):
        assert watching.look(NOW + timedelta(minutes=minutes)) is True
    assert len(mail.outbox) == 2
    assert mail.outbox[0].subject != mail.outbox[1].subject
    assert list((tmp_path / "run").iterdir()) == []


def test_without_room_on_the_disk_the_mail_about_the_database_goes_out_all_the_same(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "run").mkdir()
    mark = tmp_path / "run" / "database-away"
    mark.touch()  # what came of writing it
    began = (NOW - timedelta(minutes=16)).timestamp()
    os.utime(mark, (began, began))

    def away(now: datetime) -> datetime | None:
        raise DatabaseError("the server closed the connection")

    monkeypatch.setattr(watching.pulse, "stands_still_since", away)
    monkeypatch.setattr(watching.connection, "close", lambda: None)
    assert watching.look(NOW) is False
    assert len(mail.outbox) == 1


def test_where_nothing_can_be_noted_the_watcher_goes_on(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "run").write_text("a file where the folder should be")

    def away(now: datetime) -> datetime | None:
        raise DatabaseError("the server closed the connection")

    probed(NOW)
    assert watching.look(NOW) is True
    monkeypatch.setattr(watching.pulse, "stands_still_since", away)
    monkeypatch.setattr(watching.connection, "close", lambda: None)
    assert watching.look(NOW) is False


def test_one_look_by_the_command_says_how_it_is() -> None:
    camera = probed(timezone.now())
    with pytest.raises(SystemExit) as good:
        call_command("watch", "--once")
    CameraHealth.objects.filter(pk=camera.pk).update(probed_at=ago(30), due_at=ago(25), claim=None)
    with pytest.raises(SystemExit) as bad:
        call_command("watch", "--once", verbosity=0)
    assert (good.value.code, bad.value.code) == (0, 1)


def test_every_page_of_the_admin_says_it_in_red_and_the_login_does_not(client: Client) -> None:
    probed(ago(30))
    assert 'class="standstill"' not in client.get("/admin/login/").content.decode()
    client.force_login(make_user("cameras.view_camera"))
    for page in ("/admin/", "/admin/cameras/camera/"):
        assert 'class="standstill"' in client.get(page).content.decode(), page
    CameraHealth.objects.update(probed_at=timezone.now())
    assert 'class="standstill"' not in client.get("/admin/").content.decode()
