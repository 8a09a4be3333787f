"""Rows of a table become rows of the registry: checked, compared, written all or none."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cameras.importing.reading import read_table
from cameras.importing.resources import (
    AgencyResource,
    AreaResource,
    CameraResource,
    SiteResource,
    UplinkResource,
)
from cameras.models import Agency, Area, Camera, Importance, Site, Uplink
from tests.cameras.tables import csv_file, xlsx
from tests.factories import make_camera, make_site

pytestmark = pytest.mark.django_db
RESOURCES = [AreaResource, AgencyResource, SiteResource, UplinkResource, CameraResource]
CAMERA = ["kode", "nama", "lokasi", "aliran utama (main stream)"]


@pytest.fixture(autouse=True)
def indonesian() -> Any:
    with translation.override("id"):
        yield


def bring(resource: Any, *rows: list[Any], dry_run: bool = False) -> Any:
    return resource().import_data(read_table(xlsx(rows)), dry_run=dry_run)


def wrong(result: Any) -> list[tuple[int, str]]:
    assert not result.error_rows, [str(each.errors[0].error) for each in result.error_rows]
    return [(each.line, each.label) for each in result.wrong]


def totals(result: Any) -> tuple[int, int, int]:
    assert not result.has_errors(), result.base_errors or result.error_rows
    assert not result.wrong, [(each.line, each.label, each.sentence) for each in result.wrong]
    return result.totals["new"], result.totals["update"], result.totals["skip"]


def test_cameras_are_added_and_changed_by_their_code() -> None:
    site = make_site(code="PA-MGR", name="Pintu Air Manggarai")
    old = make_camera(code="PA-MGR-01", site=site, name="Lama", notes="tetap")
    result = bring(
        CameraResource,
        CAMERA,
        ["pa-mgr-01", "Baru", "PA-MGR", ""],
        ["PA-MGR-02", "Hilir", "pintu air manggarai", "rtsp://10.1.2.3/1"],
    )
    assert totals(result) == (1, 1, 0)
    old.refresh_from_db()
    assert (old.name, old.notes) == ("Baru", "tetap")
    new = Camera.objects.get(code="PA-MGR-02")
    assert (new.site, new.stream_url, new.is_monitored) == (site, "rtsp://10.1.2.3/1", True)


def test_the_preview_tells_every_change_and_writes_nothing() -> None:
    site = make_site(code="PA-MGR", name="Manggarai")
    make_camera(code="A-1", site=site, name="Lama")
    result = bring(
        CameraResource,
        [*CAMERA, "sandi"],
        ["A-1", "Baru", "", "", "rahasia"],
        ["A-2", "Hilir", "PA-MGR", "rtsp://op:rahasia@10.1.2.3/1", ""],
        dry_run=True,
    )
    assert totals(result) == (1, 1, 0)
    changed, new = result.changed_rows()
    told = {each.label: (each.before, each.after) for each in changed.changes}
    assert told == {"nama": ("Lama", "Baru"), "sandi": ("", "•••")}
    told = {each.label: each.after for each in new.changes}
    assert told["lokasi"] == "PA-MGR Manggarai"
    assert told["aliran utama (main stream)"] == "rtsp://10.1.2.3/1"
    assert "rahasia" not in str(told) and told["nama pengguna"] == "•••"
    assert Camera.objects.get().name == "Lama"


def test_the_same_file_again_changes_nothing() -> None:
    make_site(code="PA-MGR")
    rows = [
        [*CAMERA, "nama pengguna", "sandi", "catatan", "dipantau"],
        ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1", "op", "-rahasia", "dua\nbaris", "ya"],
        ["A-2", "Dua", "PA-MGR", "rtsp://op:x%2Fy@10.1.2.3/2", "", "", "", "tidak"],
    ]
    assert totals(bring(CameraResource, *rows)) == (2, 0, 0)
    assert Camera.objects.get(code="A-1").password == "-rahasia"
    assert Camera.objects.get(code="A-2").password == "x/y"
    assert totals(bring(CameraResource, *rows)) == (0, 0, 2)


def test_one_wrong_cell_and_nothing_is_written() -> None:
    make_site(code="PA-MGR")
    result = bring(
        CameraResource,
        CAMERA,
        ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1"],
        ["A-2", "Dua", "PA-XXX", "rtsp://10.1.2.3/2"],
        [None, None, None, None],
        ["A-4", "Empat", "PA-MGR", "file:///etc/passwd"],
        ["A-5", "Lima", "", "rtsp://10.1.2.3/5"],
        ["A-6", "Enam", "PA-MGR", ""],
        ["", "Tujuh", "PA-MGR", "rtsp://10.1.2.3/7"],
    )
    assert wrong(result) == [
        (3, "lokasi"),
        (5, "aliran utama (main stream)"),
        (6, "lokasi"),
        (7, ""),
        (8, "kode"),
    ]
    assert not Camera.objects.exists()


def test_coordinates_come_with_commas_and_dots_and_areas_by_name() -> None:
    area = Area.objects.create(code="31.74", name="Jakarta Selatan")
    head = [
        SiteResource().label(n)
        for n in ("code", "name", "area", "latitude", "longitude", "importance", "kind")
    ]
    result = bring(
        SiteResource,
        head,
        ["S-1", "Satu", "jakarta selatan", "-6,208", "106,848", "sangat tinggi", "pintu air"],
        ["S-2", "Dua", "31.74", -6.208, 106.848, "", ""],
        ["S-3", "Tiga", 31.74, "−6.208", "106.848", 4, "floodgate"],
    )
    assert totals(result) == (3, 0, 0)
    for site in Site.objects.all():
        assert (site.latitude, site.longitude, site.area) == (
            Decimal("-6.208"),
            Decimal("106.848"),
            area,
        )
    assert Site.objects.get(code="S-3").importance == Importance.CRITICAL


def test_of_two_areas_with_one_name_the_code_must_be_given() -> None:
    for code in ("A", "B"):
        Area.objects.create(code=code, name="Tebet")
    result = bring(SiteResource, ["kode", "nama", "wilayah"], ["S", "Satu", "Tebet"])
    assert wrong(result) == [(2, "wilayah")] and "A, B" in result.wrong[0].sentence


def test_one_coordinate_needs_the_other() -> None:
    Area.objects.create(code="A", name="Tebet")
    label = SiteResource().label("latitude")
    result = bring(SiteResource, ["kode", "nama", "wilayah", label], ["S", "Satu", "A", "-6,2"])
    assert wrong(result) == [(2, "")] and not Site.objects.exists()


def test_a_file_may_bring_parents_behind_their_children() -> None:
    rows = [
        ["kode", "nama", "jenis", "terhubung melalui"],
        ["NVR-1", "Perekam", "NVR", "SW-1"],
        ["SW-1", "Sakelar", "switch", "ISP-1"],
        ["ISP-1", "Penyedia", "provider", ""],
    ]
    assert totals(bring(UplinkResource, *rows)) == (3, 0, 0)
    nvr = Uplink.objects.get(code="NVR-1")
    assert nvr.parent and nvr.parent.parent and nvr.parent.parent.code == "ISP-1"
    assert totals(bring(UplinkResource, *rows)) == (0, 0, 3)


def test_existing_uplinks_may_move_behind_new_ones_and_not_in_a_circle() -> None:
    rows = [["kode", "nama", "jenis", "terhubung melalui"], ["A", "A", "switch", ""]]
    bring(UplinkResource, *rows)
    rows = [rows[0], ["A", "", "", "B"], ["B", "B", "NVR", ""]]
    assert totals(bring(UplinkResource, *rows)) == (1, 1, 0)
    assert Uplink.objects.get(code="A").parent == Uplink.objects.get(code="B")
    result = bring(UplinkResource, rows[0], ["B", "", "", "A"])
    assert wrong(result) == [(2, "terhubung melalui")]


@pytest.mark.parametrize("kind", ["area", "uplink"])
def test_no_file_makes_a_circle_of_rows_that_are_there_or_new(kind: str) -> None:
    resource = AreaResource if kind == "area" else UplinkResource
    label = resource().label("parent")
    bring_in = {"area": ["kode", "nama"], "uplink": ["kode", "nama", "jenis"]}[kind]
    rows = [["A", "A", "switch"], ["B", "B", "NVR"], ["C", "C", "NVR"]]
    bring(resource, bring_in, *(row[: len(bring_in)] for row in rows))
    head = ["kode", label]
    result = bring(resource, head, ["A", "B"], ["B", "C"], ["C", "A"])
    assert len(wrong(result)) == 1 and wrong(result)[0][1] == label
    assert not resource._meta.model.objects.exclude(parent=None).exists()
    new = [*bring_in, label]
    pairs = [["X", "X", "NVR"], ["Y", "Y", "NVR"]]
    lines = [[*row[: len(bring_in)], other] for row, other in zip(pairs, ("Y", "X"), strict=True)]
    assert wrong(bring(resource, new, *lines))
    assert resource._meta.model.objects.count() == 3
    through_new = [["A", "", "", "X"], ["X", "X", "NVR", "Y"], ["Y", "Y", "NVR", "A"]]
    lines = [[*row[: len(bring_in)], row[3]] for row in through_new]
    assert [what for _line, what in wrong(bring(resource, new, *lines))] == [label]
    assert not resource._meta.model.objects.exclude(parent=None).exists()
    # What is a circle only with what the file takes away is none.
    assert totals(bring(resource, head, ["A", "B"], ["B", "C"])) == (0, 2, 0)
    assert totals(bring(resource, head, ["C", "B"], ["B", "-"], ["A", ""])) == (0, 2, 1)


def test_a_hyphen_empties_what_may_be_empty() -> None:
    camera = make_camera(code="A-1", notes="x", agency=Agency.objects.create(code="P", name="P"))
    head = ["kode", "catatan", CameraResource().label("agency"), "nama"]
    assert wrong(bring(CameraResource, head, ["A-1", "-", "-", "-"])) == [(2, "nama")]
    assert totals(bring(CameraResource, head, ["A-1", "-", "-", ""])) == (0, 1, 0)
    camera.refresh_from_db()
    assert (camera.notes, camera.agency) == ("", None)
    Camera.objects.update(agency=Agency.objects.get())
    assert totals(bring(CameraResource, ["kode", head[2]], ["A-1", "-"])) == (0, 1, 0)
    assert Camera.objects.get().agency is None


def test_a_password_whose_key_is_lost_stays_as_it_is(settings: Any) -> None:
    camera = make_camera(code="A-1", password="rahasia")
    from cryptography.fernet import Fernet

    keys = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert totals(bring(CameraResource, ["kode", "nama"], ["A-1", "Baru"])) == (0, 1, 0)
    settings.CREDENTIAL_KEYS = keys
    camera = Camera.objects.get()
    assert (camera.name, camera.password) == ("Baru", "rahasia")


def test_semicolons_and_english_names_are_understood() -> None:
    make_site(code="PA-MGR")
    rows = [["code", "Name", "SITE", "main stream"], ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1"]]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        table = read_table(csv_file(rows, ";", encoding))
        result = CameraResource().import_data(table, dry_run=True)
        assert totals(result) == (1, 0, 0)


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    make_site(code="PA-MGR")

    def count(first: int, rows: int, dry_run: bool) -> int:
        table = [CAMERA] + [
            [f"K-{n}", f"Kamera {n}", "PA-MGR", f"rtsp://10.1.2.3/{n}"]
            for n in range(first, first + rows)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert totals(bring(CameraResource, *table, dry_run=dry_run)) == (rows, 0, 0)
        return len(queries)

    assert count(0, 10, True) == count(0, 300, True) == 4
    assert count(0, 10, False) <= 16  # PostgreSQL has one more than SQLite
    with CaptureQueriesContext(connection) as queries:
        bring(CameraResource, ["kode", "nama"], *([f"K-{n}", "Baru"] for n in range(10)))
    assert len(queries) <= 16


def test_the_number_of_queries_does_not_grow_with_what_uplinks_hang_behind() -> None:
    head = ["kode", "nama", "jenis", "terhubung melalui"]

    def count(first: int, rows: int) -> int:
        table = [[f"N-{n}", "N", "NVR", f"N-{n - 1}" if n else ""] for n in range(first, rows)]
        with CaptureQueriesContext(connection) as queries:
            assert totals(bring(UplinkResource, head, *table, dry_run=True))[0] == rows - first
        bring(UplinkResource, head, *table)
        return len(queries)

    assert count(0, 5) == count(5, 40) == count(40, 100)


def test_a_retired_camera_is_not_brought_back_by_a_file() -> None:
    make_camera(code="A-1", is_monitored=False, retired_at=timezone.now())
    result = bring(CameraResource, ["kode", "dipantau"], ["A-1", "ya"])
    assert [number for number, _what in wrong(result)] == [2]
    assert not Camera.objects.get().is_monitored


def test_every_check_constraint_is_known_to_the_import() -> None:
    known = {
        "site_has_both_coordinates_or_none",
        "monitored_camera_has_an_address",
        "retired_camera_is_not_monitored",
    }
    declared = {
        rule.name for resource in RESOURCES for rule in resource._meta.model._meta.constraints
    }
    assert declared == known
