"""Packages in the admin: planned by a form, moved by buttons, each by those who may."""

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from maintenance import ledger, procurement
from maintenance.admin.package_export import PackageResource
from maintenance.models import MethodRule, Package, PackageState, StageDocument, StageTemplate
from tests.factories import make_line, make_user
from tests.maintenance.packages import (
    MILLION,
    accepted,
    contracted,
    go_on,
    make_package,
    make_ticket,
    stage,
)

pytestmark = pytest.mark.django_db

FEBRUARY = date(2026, 2, 2)
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        yield


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def press(client: Client, package: Package, button: str, **given: Any) -> Any:
    address = reverse(f"admin:maintenance_package_{button}", args=[package.pk])
    return client.post(address, {"_form_submitted": "True", **given})


def new_package(line: Any, **given: Any) -> dict[str, Any]:
    return {
        "code": "PKT-BARU",
        "name": "Perbaikan kamera",
        "line": line.pk,
        "kind": "services",
        "rule_date": "2026-11-02",
        "hps_rupiah": "Rp 150 juta",
        "method": "direct_procurement",
        "justification": "",
        "work_days": "20",
        "upkeep-TOTAL_FORMS": "1",
        "upkeep-INITIAL_FORMS": "0",
        "upkeep-0-description": "Bersihkan lensa",
        "upkeep-0-quantity": "12",
        "upkeep-0-unit_rupiah": "500.000",
        **given,
    }


def test_a_new_package_is_planned_by_the_form_and_its_hps_reserved(chief: Client) -> None:
    line = make_line(750 * MILLION)
    address = reverse("admin:maintenance_package_add")
    html(chief, address)
    answer = chief.post(address, new_package(line))
    package = Package.objects.get()
    assert answer.status_code == 302
    assert ledger.balance(line).reserved == 150 * MILLION
    assert package.upkeep.get().unit_rupiah == 500_000
    assert package.events.get().actor == User.objects.get()


def test_the_form_refuses_with_the_rule_and_with_what_the_line_has(chief: Client) -> None:
    line = make_line(180 * MILLION)
    address = reverse("admin:maintenance_package_add")
    page = chief.post(address, new_package(line, hps_rupiah="250 juta")).content.decode()
    assert "Perpres 46/2025" in page and "Rp 180.000.000" in page
    assert not Package.objects.exists()


def test_the_page_shows_the_timeline_the_tickets_and_what_can_be_done(chief: Client) -> None:
    ticket = make_ticket()
    package = procurement.start(make_package(tickets=[ticket]), FEBRUARY, None)
    go_on(package, "evaluation")
    page = html(chief, package.get_absolute_url())
    assert ticket.number in page and "<svg" in page and "line-today" in page
    for button, offered in (("record_stage", True), ("start", False), ("sign", False)):
        address = reverse(f"admin:maintenance_package_{button}", args=[package.pk])
        assert (address in page) is offered, button
    go_on(package, "contract")
    page = html(chief, package.get_absolute_url())
    assert reverse("admin:maintenance_package_sign", args=[package.pk]) in page


def test_pages_of_every_state_open(chief: Client) -> None:
    line = make_line(3000 * MILLION)
    packages = [make_package(line=line), contracted(line=line), accepted(line=line)]
    cancelled = make_package(line=line)
    procurement.cancel(cancelled, "x", None)
    for package in [*packages, cancelled]:
        assert package.code in html(chief, package.get_absolute_url())


def test_a_deed_is_done_by_its_dialog(chief: Client) -> None:
    package = make_package()
    html(chief, reverse("admin:maintenance_package_start", args=[package.pk]))
    answer = press(chief, package, "start", on="2026-02-02")
    assert answer["HX-Redirect"] == package.get_absolute_url()
    press(
        chief,
        package,
        "record_stage",
        stage=stage(package, "rup").pk,
        started="2026-02-02",
        ended="2026-02-02",
    )
    assert stage(package, "rup").is_done
    go_on(package, "contract")
    press(
        chief,
        package,
        "sign",
        number="K-1",
        vendor_name="PT Lensa",
        value_rupiah="280 juta",
        signed_on="2026-06-01",
        ends_on="2026-06-30",
    )
    package.refresh_from_db()
    assert (package.state, package.contract_rupiah) == (PackageState.CONTRACTED, 280 * MILLION)


def test_a_refused_deed_says_why_in_the_dialog_and_keeps_what_was_typed(chief: Client) -> None:
    package = procurement.start(make_package(), FEBRUARY, None)
    answer = press(
        chief,
        package,
        "sign",
        number="K-1",
        vendor_name="PT Lensa",
        value_rupiah="280 juta",
        signed_on="2026-06-01",
        ends_on="2026-06-30",
    )
    page = answer.content.decode()
    assert "HX-Redirect" not in answer
    assert "SPPBJ" in page and "PT Lensa" in page


@pytest.mark.parametrize(
    ("button", "permission"),
    [
        ("start", "run_package"),
        ("record_stage", "run_package"),
        ("fail_tender", "run_package"),
        ("cancel", "cancel_package"),
        ("sign", "sign_package"),
        ("amend", "sign_package"),
        ("accept", "accept_package"),
        ("pay", "pay_package"),
    ],
)
def test_each_deed_has_its_own_permission(client: Client, button: str, permission: str) -> None:
    package = make_package()
    others = ["run_package", "cancel_package", "sign_package", "accept_package", "pay_package"]
    others.remove(permission)
    everything_else = [f"maintenance.{name}" for name in others]
    client.force_login(make_user("maintenance.view_package", *everything_else))
    assert press(client, package, button).status_code == 403
    client.force_login(make_user("maintenance.view_package", f"maintenance.{permission}"))
    assert press(client, package, button).status_code == 200


def test_the_lists_and_the_board_cost_the_same_for_one_and_for_many(
    chief: Client, django_assert_max_num_queries: Any
) -> None:
    line = make_line(9000 * MILLION)
    for _each in range(6):
        procurement.start(make_package(line=line, tickets=[make_ticket()]), FEBRUARY, None)
    for page in ("changelist", "board"):
        # Session, user, counts, filters, the rows, their rounds, stages, costs by three ways,
        # holidays.
        with django_assert_max_num_queries(18):
            html(chief, reverse(f"admin:maintenance_package_{page}"))


def test_the_board_shows_each_package_in_the_column_of_its_stage(chief: Client) -> None:
    planned = make_package()
    running = procurement.start(make_package(line=planned.line), FEBRUARY, None)
    go_on(running, "evaluation")
    columns = chief.get(reverse("admin:maintenance_package_board")).context["columns"]
    where = {card.package.code: column["title"] for column in columns for card in column["cards"]}
    assert set(where) == {planned.code, running.code}
    assert where[planned.code] != where[running.code]
    assert "tender" in str(where[running.code])


def test_what_if_says_dates_and_cites_the_rule(chief: Client) -> None:
    address = reverse("admin:maintenance_package_what_if")
    html(chief, address)
    asked = "?method=tender&kind=services&value_rupiah=750+juta&start=2026-11-24&work_days=30"
    page = html(chief, address + asked)
    assert "Perpres 46/2025" in page and "2027" in page
    asked = asked.replace("method=tender", "method=direct_procurement")
    assert "200.000.000" in html(chief, address + asked)
    assert html(chief, address + asked.replace("2026-11-24", "1999-01-04"))


def test_tickets_of_the_list_are_put_into_a_package(chief: Client) -> None:
    tickets = [make_ticket() for _each in range(10)]
    package = make_package()
    address = reverse("admin:maintenance_ticket_changelist")
    chosen = {"action": "put_into_package", "_selected_action": [each.pk for each in tickets]}
    assert package.code in chief.post(address, chosen).content.decode()
    assert package.links.count() == 0
    answer = chief.post(address, {**chosen, "package": package.pk})
    assert answer["Location"] == package.get_absolute_url()
    assert package.links.count() == 10
    other = make_package(line=package.line)
    page = chief.post(address, {**chosen, "package": other.pk}, follow=True).content.decode()
    assert package.code in page and other.links.count() == 0


def test_documents_are_attached_to_a_stage_and_served_to_those_who_may(chief: Client) -> None:
    package = procurement.start(make_package(), FEBRUARY, None)
    address = reverse("admin:maintenance_stage_change", args=[stage(package, "rup").pk])
    html(chief, address)
    upload = SimpleUploadedFile("KAK 2026.pdf", PDF, "application/pdf")
    chief.post(address, {"remarks": "Sudah tayang", "upload": upload})
    kept = StageDocument.objects.get()
    assert (kept.name, kept.content_type, kept.size_bytes) == (
        "KAK 2026.pdf",
        "application/pdf",
        len(PDF),
    )
    assert stage(package, "rup").remarks == "Sudah tayang"
    served = chief.get(reverse("admin:maintenance_package_document", args=[kept.pk]))
    assert b"".join(served.streaming_content) == PDF  # type: ignore[attr-defined]
    assert "attachment" in served["Content-Disposition"]
    outsider = Client()
    outsider.force_login(make_user("maintenance.view_ticket"))
    assert (
        outsider.get(reverse("admin:maintenance_package_document", args=[kept.pk])).status_code
        == 403
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("halaman.html", b"<script>alert(1)</script>"),
        ("gambar.pdf", b"<script>alert(1)</script>"),
        ("kak.exe", PDF),
        ("kosong.pdf", b""),
        ("besar.pdf", PDF + b"0" * (10 * 1024 * 1024)),
    ],
)
def test_what_is_no_document_is_refused(chief: Client, name: str, content: bytes) -> None:
    package = procurement.start(make_package(), FEBRUARY, None)
    address = reverse("admin:maintenance_stage_change", args=[stage(package, "rup").pk])
    answer = chief.post(address, {"remarks": "", "upload": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    assert not StageDocument.objects.exists()


def test_an_administrator_changes_a_limit_and_the_rule_follows(chief: Client) -> None:
    MethodRule.objects.filter(
        rule_set__code="perpres-46-2025", method="direct_procurement", kind="services"
    ).update(maximum_rupiah=400 * MILLION)
    package = make_package(method="direct_procurement", hps_rupiah=300 * MILLION)
    assert package.method == "direct_procurement"


def test_a_template_that_no_package_could_go_through_is_refused(chief: Client) -> None:
    template = StageTemplate.objects.get(code="pengadaan-langsung-2018")
    address = reverse("admin:maintenance_stagetemplate_change", args=[template.pk])
    page = chief.get(address)
    forms = page.context["inline_admin_formsets"][0].formset
    given = {"code": template.code, "name": template.name, "note": ""}
    given |= {
        f"items-{name}": forms.management_form[name].value()
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    for form in forms.initial_forms:
        for name in form.fields:
            value = form[name].value()
            if value not in (None, False):
                given[form.add_prefix(name)] = "on" if value is True else value
    assert chief.post(address, given).status_code == 302
    assert chief.post(address, {**given, "items-0-anchor": "payment"}).status_code == 200
    contract = next(name for name, value in given.items() if value == "contract" and "role" in name)
    assert chief.post(address, {**given, contract: ""}).status_code == 200


@pytest.mark.parametrize("number", [0, 1])
def test_packages_are_exported_with_how_far_they_are(chief: Client, number: int) -> None:
    package = procurement.start(make_package(name="=1+1"), FEBRUARY, None)
    go_on(package, "evaluation")
    address = reverse("admin:maintenance_package_export")
    html(chief, address)
    fields = {f"packageresource_{name}": "on" for name in PackageResource().get_export_order()}
    answer = chief.post(address, {"format": number, "resource": "", **fields})
    assert answer.status_code == 200
    rows = (
        [list(row) for row in load_workbook(BytesIO(answer.content)).active.values]
        if number == 0
        else list(csv.reader(StringIO(answer.content.decode())))
    )
    exported = dict(zip(rows[0], rows[1], strict=True))
    assert exported["kode"] == package.code
    assert int(exported["HPS"]) == 300 * MILLION
    assert exported["tahap"] == stage(package, "evaluation").name
    assert (exported["status"], exported["metode"]) == (
        "dalam pengadaan",
        "tender (pelelangan umum)",
    )
    assert not str(exported["nama"]).startswith("=")  # no spreadsheet may take it for a formula
