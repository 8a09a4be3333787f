"""The admin's pages: choose a file, see every change, say “yes”; take the list home."""

import io
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cameras.importing import keeping
from cameras.models import Agency, Area, Camera, Site, Uplink
from tests.cameras.tables import cells_of, csv_file, xlsx
from tests.factories import make_camera, make_site, make_user

pytestmark = pytest.mark.django_db
MODELS = [Area, Agency, Site, Uplink, Camera]
HEAD = ["kode", "nama", "lokasi", "aliran utama (main stream)", "nama pengguna", "sandi"]


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def address(model: Any, deed: str, *args: Any) -> str:
    return reverse(f"admin:cameras_{model._meta.model_name}_{deed}", args=args)


def choose(client: Client, data: bytes, model: Any = Camera, name: str = "kamera.xlsx") -> Any:
    given = {"format": "0", "resource": "0", "import_file": SimpleUploadedFile(name, data)}
    return client.post(address(model, "import"), given)


def say_yes(client: Client, preview: Any) -> Any:
    form = preview.context["confirm_form"]
    given = {name: form[name].value() for name in form.fields}
    return client.post(address(form_model(preview), "process_import"), given, follow=True)


def form_model(answer: Any) -> Any:
    return answer.context["opts"].model


def test_a_file_is_looked_at_and_then_imported(chief: Client) -> None:
    make_site(code="PA-MGR", name="Manggarai")
    make_camera(code="A-1", name="Lama")
    data = xlsx(
        [HEAD, ["A-1", "Baru"], ["A-2", "Hilir", "PA-MGR", "rtsp://10.1.2.3/1", "op", "rahasia"]]
    )
    preview = choose(chief, data)
    html = preview.content.decode()
    assert "<del>Lama</del> → <ins>Baru</ins>" in html and "A-2 Hilir" in html
    assert "rahasia" not in html and "•••" in html
    assert Camera.objects.count() == 1
    done = say_yes(chief, preview)
    assert "1 baru, 1 berubah" in done.content.decode()
    camera = Camera.objects.get(code="A-2")
    assert (camera.username, camera.password) == ("op", "rahasia")
    assert LogEntry.objects.count() == 2
    assert "import_export" not in str(LogEntry.objects.values_list("change_message"))
    again = choose(chief, data)
    assert not again.context["result"].changed_rows()
    assert "confirm_form" in again.context and "process_import" in again.content.decode()


def test_wrong_cells_are_named_and_nothing_can_be_said_yes_to(chief: Client) -> None:
    make_site(code="PA-MGR")
    rows = [[f"K-{n}", f"Kamera {n}", "PA-MGR", f"rtsp://10.1.2.{n}/1"] for n in range(200)]
    rows[10][2], rows[20][3], rows[30][0] = "PA-MGX", "file:///etc/passwd", ""
    answer = choose(chief, csv_file([HEAD[:4], *rows], ";"), name="kamera.csv")
    html = answer.content.decode()
    assert "confirm_form" not in answer.context
    for line, column in ((12, "lokasi"), (22, "aliran utama"), (32, "kode")):
        assert re.search(rf"<td>{line}</td><td>{column}", html)
    assert not Camera.objects.exists()


def test_a_file_that_is_no_table_is_refused_in_words(chief: Client) -> None:
    answer = choose(chief, b"\x89PNG\0")
    assert "CSV UTF-8" in answer.content.decode()
    assert "confirm_form" not in answer.context


def test_what_changed_between_the_preview_and_the_yes_is_found(chief: Client) -> None:
    site = make_site(code="PA-MGR")
    preview = choose(chief, xlsx([HEAD[:4], ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1"]]))
    site.delete()
    done = say_yes(chief, preview)
    assert "PA-MGR" in done.content.decode() and not Camera.objects.exists()
    assert [each.line for each in done.context["result"].wrong] == [2]


def test_a_kept_file_is_encrypted_and_ends_with_the_import(chief: Client, settings: Any) -> None:
    make_site(code="PA-MGR")
    row = ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1", "op", "rahasia"]
    preview = choose(chief, csv_file([HEAD, row]))
    folder = Path(settings.DATA_DIR) / "imports"
    kept = folder / f"{preview.context['confirm_form']['import_file_name'].value()}.file"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert b"rahasia" not in kept.read_bytes() and b"rtsp" not in kept.read_bytes()
    say_yes(chief, preview)
    assert not kept.exists()
    gone = say_yes(chief, preview)
    assert "tidak ada lagi" in gone.content.decode()


def test_a_file_is_not_read_after_its_hour_and_swept_away(chief: Client, settings: Any) -> None:
    make_site(code="PA-MGR")
    data = csv_file([HEAD, ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1", "op", "rahasia"]])
    previews = [choose(chief, data) for _each in range(2)]
    folder = Path(settings.DATA_DIR) / "imports"
    kept = [
        folder / f"{each.context['confirm_form']['import_file_name'].value()}.file"
        for each in previews
    ]
    for path in kept:
        os.utime(path, (time.time() - 3700,) * 2)
    assert "tidak ada lagi" in say_yes(chief, previews[0]).content.decode()
    assert [path.exists() for path in kept] == [False, True] and not Camera.objects.exists()
    # As another import's progress that is renamed between the listing and the look at it.
    (folder / f"{'a' * 32}.new").symlink_to(folder / "renamed")
    assert keeping.sweep() >= 1 and not kept[1].exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "passwd", "0" * 32])
def test_no_other_file_can_be_named(chief: Client, name: str) -> None:
    given = {"import_file_name": name, "original_file_name": "x", "format": "0"}
    answer = chief.post(address(Camera, "process_import"), given)
    assert answer.status_code == 302 and answer["Location"] == address(Camera, "import")


def test_the_page_can_ask_how_far_an_import_is(chief: Client) -> None:
    make_site(code="PA-MGR")
    page = chief.get(address(Camera, "import"))
    token = str(page.context["form"]["token"].value())
    progress = address(Camera, "import_progress", token)
    assert chief.get(progress).json() == {"done": 0, "total": 0}
    rows = [[f"K-{n}", f"K {n}", "PA-MGR", f"rtsp://10.1.2.{n}/1"] for n in range(150)]
    file = SimpleUploadedFile("kamera.xlsx", xlsx([HEAD[:4], *rows]))
    given = {"format": "0", "resource": "0", "token": token, "import_file": file}
    chief.post(address(Camera, "import"), given)
    assert json.loads(chief.get(progress).content) == {"done": 150, "total": 150}


@pytest.mark.parametrize("model", MODELS)
def test_the_template_has_the_columns_and_examples_that_are_no_rows(
    chief: Client, model: Any
) -> None:
    answer = chief.get(address(model, "import_template"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.worksheets) == 2
    head = cells_of(answer.content)[0]
    page = chief.get(address(model, "import")).content.decode()
    assert all(name in page for name in head)
    refused = choose(chief, answer.content, model)
    wrong = refused.context["result"].wrong
    assert {each.label for each in wrong} == {"kode"} and not refused.context["result"].base_errors


@pytest.mark.parametrize("format_number", [0, 1])
def test_an_export_can_be_imported_again_and_changes_nothing(
    chief: Client, format_number: int
) -> None:
    area = Area.objects.create(code="31.74", name="Jakarta Selatan")
    Area.objects.create(code="31.74.10", name="=Tebet", parent=area)
    agency = Agency.objects.create(code="P", name="Satpol PP")
    site = make_site(code="PA-MGR", latitude="-6.208", longitude="106.8", agency=agency, area=area)
    top = Uplink.objects.create(code="ISP", name="@isp", kind="provider")
    uplink = Uplink.objects.create(code="SW", name="'=sw", kind="switch", parent=top, site=site)
    make_camera(
        code="A-1",
        site=site,
        uplink=uplink,
        agency=agency,
        notes="-1+1\r\nx",
        username="operator",
        password="rahasia",
        snapshot_url="http://10.1.2.3/x",
        is_monitored=False,
        interval_seconds=90,
    )
    for model in MODELS:
        given = {"format": str(format_number), "resource": "0"}
        answer = chief.post(address(model, "export"), given)
        assert answer.status_code == 200
        shown = str(cells_of(answer.content)) if format_number == 0 else answer.content.decode()
        assert "rahasia" not in shown and "operator" not in shown
        for cell in re.findall(r"(?:^|[,'\"])([=@][^,'\"]+)", shown, re.M):
            assert f"'{cell}" in shown
        again = choose(chief, answer.content, model)
        result = again.context["result"]
        assert not result.wrong and not result.base_errors, [e.sentence for e in result.wrong]
        told = [(c.label, c.before, c.after) for row in result.changed_rows() for c in row.changes]
        assert not told and result.totals["skip"] == model.objects.count()


def test_who_may_only_look_may_not_import(client: Client) -> None:
    client.force_login(make_user("cameras.view_camera", "cameras.change_camera"))
    for deed in ("import", "process_import"):
        assert client.post(address(Camera, deed)).status_code == 403
    assert client.get(address(Camera, "export")).status_code == 200
    assert (
        address(Camera, "import") not in client.get(address(Camera, "changelist")).content.decode()
    )
    client.force_login(make_user("cameras.view_site"))
    assert client.get(address(Camera, "export")).status_code == 403
