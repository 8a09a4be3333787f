"""Reports in the admin: for those who may see them, safely framed, at a known cost."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from maintenance.models import Report, ReportDelivery, ReportFile, ReportSubscription
from maintenance.report import delivery
from tests.factories import make_camera, make_user
from tests.maintenance.report_city import NOW
from tests.maintenance.test_report_delivery import subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    make_camera()
    for number in range(3):
        subscribe(f"p{number}@example.id")
    delivery.tend(NOW)
    return Report.objects.get()


def addresses(report: Report) -> list[str]:
    file = ReportFile.objects.filter(report=report).first()
    assert file is not None
    return [
        reverse("admin:maintenance_report_change", args=[report.pk]),
        reverse("admin:report_page", args=[report.pk]),
        reverse("admin:report_text", args=[report.pk]),
        reverse("admin:report_file", args=[file.pk]),
        reverse("admin:report_preview"),
        reverse("admin:report_preview_page") + "?week=2026-W47",
    ]


def test_only_who_may_see_reports_sees_them(client: Client, report: Report) -> None:
    for user, status in ((make_user(), 403), (make_user("maintenance.view_report"), 200)):
        client.force_login(user)
        for address in addresses(report)[:-1]:
            assert client.get(address).status_code == status, address
    client.force_login(make_user())
    assert client.get(addresses(report)[-1]).status_code == 403


def test_the_report_in_its_frame_may_run_nothing_and_ask_nobody(
    client: Client, report: Report
) -> None:
    client.force_login(make_user("maintenance.view_report"))
    answer = client.get(reverse("admin:report_page", args=[report.pk]))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "cid:" not in answer.content.decode()


def test_sending_again_asks_for_the_right_and_leaves_the_name(
    client: Client, report: Report
) -> None:
    address = reverse("admin:maintenance_report_send_again", args=[report.pk])
    client.force_login(make_user("maintenance.view_report"))
    client.post(address, {"_form_submitted": "True"})
    assert len(mail.outbox) == 3
    sender = make_user("maintenance.view_report", "maintenance.send_report")
    client.force_login(sender)
    client.post(address, {"_form_submitted": "True"})
    assert len(mail.outbox) == 6
    assert ReportDelivery.objects.filter(sent_by=sender, is_repeat=True).count() == 3


def test_a_subscription_is_entered_with_its_identity_and_a_second_is_refused(
    client: Client,
) -> None:
    client.force_login(make_user(is_superuser=True))
    address = reverse("admin:maintenance_reportsubscription_add")
    form = {"email": "kepala@example.id", "wants_weekly": "on", "is_active": "on"}
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 200
    assert client.post(address, {**form, "email": ""}).status_code == 200
    assert ReportSubscription.objects.get().identity


def test_the_lists_cost_the_same_however_long_they_are(
    client: Client, report: Report, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_user(is_superuser=True))
    for number in range(20):
        subscribe(f"q{number}@example.id")
    delivery.open_due(NOW)
    for name in ("report", "reportdelivery", "reportsubscription", "urgentmail"):
        with django_assert_max_num_queries(14):
            assert client.get(f"/admin/maintenance/{name}/").status_code == 200
