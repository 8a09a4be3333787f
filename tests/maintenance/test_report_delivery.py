"""To each subscription the report of each week once: by rows, whatever happens in between."""

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from cameras.models import Area
from maintenance.models import MailState, Report, ReportDelivery, ReportSubscription
from maintenance.report import delivery, keeping, mailing
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week, due_weeks
from tests.concurrency import at_once
from tests.factories import make_camera, make_user
from tests.maintenance.report_city import NOW, WEEK
from tests.servers import mail_server

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def subscribe(address: str = "kepala@example.id", **fields: Any) -> ReportSubscription:
    given = {"email": address, "active_since": NOW - timedelta(days=3), **fields}
    return ReportSubscription.objects.create(**given)


def test_nothing_is_due_before_monday_seven_and_all_is_after() -> None:
    subscribe()
    assert delivery.open_due(NOW - MINUTE) == 0
    assert delivery.open_due(NOW) == 1
    assert delivery.open_due(NOW) == 0
    assert ReportDelivery.objects.get().monday == WEEK.monday


def test_the_day_and_the_time_are_settings(settings: Any) -> None:
    settings.REPORT_WEEKDAY, settings.REPORT_TIME = 3, time(16, 30)
    subscribe()
    wednesday = NOW + timedelta(days=2, hours=9, minutes=30)
    assert delivery.open_due(wednesday - MINUTE) == 0
    assert delivery.open_due(wednesday) == 1
    assert ReportDelivery.objects.get().monday == WEEK.monday


def test_mondays_on_which_nothing_ran_are_made_up_for_but_not_those_before_one_subscribed() -> None:
    subscribe(active_since=NOW - timedelta(days=17))
    later = NOW + timedelta(days=4)
    assert [str(week) for week in due_weeks(later, 3)] == ["2026-W47", "2026-W46", "2026-W45"]
    assert delivery.open_due(later) == 3
    other = subscribe("baru@example.id", active_since=NOW + MINUTE)
    assert delivery.open_due(later) == 0
    other.is_active = False
    other.save()
    with time_machine.travel(later + timedelta(days=30)):
        other.is_active = True
        other.save()
    assert delivery.open_due(later + timedelta(days=30)) == 4  # only of the first


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_and_four_workers_at_once_send_one_mail_each(settings: Any) -> None:
    make_camera()
    for number in range(6):
        subscribe(f"p{number}@example.id")
    with mail_server(settings) as server:
        at_once(*[lambda: delivery.open_due(NOW)] * 4)
        keeping.make(Report.objects.get(), NOW)
        at_once(*[lambda: delivery.send_due(NOW)] * 4)
        assert sorted(each["To"] for each in server.mails) == [
            f"p{number}@example.id" for number in range(6)
        ]
    assert ReportDelivery.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_a_report_once() -> None:
    report = keeping.report_of(WEEK, Scope())
    done = at_once(*[lambda: keeping.make(Report.objects.get(pk=report.pk), NOW)] * 2)
    assert any(done)
    report.refresh_from_db()
    assert report.files.filter(name__endswith=".pdf").count() == 1


def test_the_database_refuses_a_second_delivery_and_a_second_subscription() -> None:
    subscription = subscribe()
    delivery.open_due(NOW)
    again = ReportDelivery(
        report=Report.objects.get(), subscription=subscription, monday=WEEK.monday, address="x@y.id"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        subscribe("KEPALA@example.id")
    with pytest.raises(ValidationError):
        ReportSubscription(email="kepala@example.id").full_clean()


def test_a_mail_that_is_refused_is_tried_again_with_growing_pauses_and_given_up_at_last(
    settings: Any,
) -> None:
    subscribe()
    delivery.open_due(NOW)
    with mail_server(settings) as server:
        server.refuses = True
        pauses, now = [], NOW
        for _try in range(4):
            assert delivery.send_due(now) == 0
            row = ReportDelivery.objects.get()
            assert "451" in row.problem
            assert delivery.send_due(row.next_try_at - timedelta(seconds=1)) == 0
            pauses.append(row.next_try_at - now)
            now = row.next_try_at
        assert pauses == sorted(pauses) and pauses[0] < pauses[-1]
        server.refuses = False
        assert delivery.send_due(now) == 1
        [sent] = server.mails
        assert sent["Message-ID"] == mailing.message_id(ReportDelivery.objects.get())

        ReportDelivery.objects.update(state=MailState.WAITING, sent_at=None)
        server.refuses = True
        delivery.send_due(NOW + timedelta(days=4))
        assert ReportDelivery.objects.get().state == MailState.GIVEN_UP
        server.refuses = False
        assert delivery.revive(ReportDelivery.objects.get()).sent


def test_while_the_server_is_away_only_one_mail_waits_for_it(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for number in range(5):
        subscribe(f"p{number}@example.id")
    delivery.open_due(NOW)
    assert delivery.send_due(NOW) == 0
    assert ReportDelivery.objects.exclude(problem="").count() == 1


def test_the_claim_of_a_worker_that_died_is_taken_over_and_the_message_id_stays() -> None:
    subscribe()
    delivery.open_due(NOW)
    row = ReportDelivery.objects.get()
    keeping.make(row.report, NOW)
    assert mailing.claim(row, NOW)
    assert delivery.send_due(NOW + 5 * MINUTE) == 0
    assert delivery.send_due(NOW + 11 * MINUTE) == 1
    assert mail.outbox[0].message()["Message-ID"] == mailing.message_id(row)


def test_an_account_without_address_is_told_in_the_admin_not_lost_in_silence() -> None:
    subscribe("", user=make_user(email=""))
    delivery.open_due(NOW)
    row = ReportDelivery.objects.get()
    assert row.state == MailState.GIVEN_UP and row.problem


def test_who_subscribed_to_an_area_gets_its_report_and_all_of_one_area_share_it() -> None:
    camera = make_camera()
    area = camera.site.area
    Area.objects.create(code="X", name="Lain")
    subscribe("a@example.id", area=area)
    subscribe("b@example.id", area=area)
    subscribe("c@example.id")
    delivery.tend(NOW)
    assert Report.objects.count() == 2
    subjects = {each.to[0]: each.subject for each in mail.outbox}
    assert subjects["a@example.id"] == subjects["b@example.id"] != subjects["c@example.id"]
    assert area.name in subjects["a@example.id"]


def test_a_report_is_kept_as_it_was_sent_and_sent_again_as_it_was_kept() -> None:
    make_camera()
    subscribe()
    delivery.tend(NOW)
    make_camera()
    report = Report.objects.get()
    delivery.send_by_hand(report, "lain@example.id", None)
    first, second = mail.outbox
    assert (first.subject, first.body) == (second.subject, second.body)
    assert first.message()["Message-ID"] != second.message()["Message-ID"]
    assert {each.is_repeat for each in ReportDelivery.objects.all()} == {True, False}


def test_the_command_sends_and_saves_and_refuses_a_week_that_runs(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    make_camera()
    with time_machine.travel(NOW):
        call_command("report", week="2026-W47", to=["dinas@example.id"])
        assert [each.to for each in mail.outbox] == [["dinas@example.id"]]
        for ending in ("html", "txt", "xlsx", "pdf"):
            file = tmp_path / f"laporan.{ending}"
            call_command("report", week="2026-W47", dry_run=True, save=file)
            assert file.stat().st_size > 500
        assert (tmp_path / "laporan.pdf").read_bytes()[:5] == b"%PDF-"
        call_command("report", week="2026-W48", dry_run=True)
        assert "LAPORAN" in capsys.readouterr().out.upper()
        assert len(mail.outbox) == 1
        with pytest.raises(CommandError):
            call_command("report", week="2026-W48", to=["dinas@example.id"])
        for wrong in ({"week": "47"}, {"area": "?"}, {"to": ["bukan alamat"]}):
            with pytest.raises(CommandError):
                call_command("report", **wrong)


def test_a_week_is_written_and_read_alike() -> None:
    assert str(Week.parse("2026-w47")) == "2026-W47" == str(WEEK)
    assert Week.parse("2026-W53").following == Week.parse("2027-W1")
    with pytest.raises(ValueError):
        Week.parse("2026-W54")
