"""Tables that harm, by malice or by accident: refused in words, and nothing changes."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from cameras.importing.reading import MOST_ROWS, UnreadableFile, read_table
from cameras.importing.resources import CameraResource, SiteResource
from cameras.models import Area, Camera, Site
from tests.cameras.tables import csv_file, xlsx
from tests.factories import make_site

HEAD = ["kode", "nama"]
ROWS = [HEAD, ["A-1", "Satu"]]


def bomb() -> bytes:
    """One gigabyte of zeros in one megabyte."""
    stream = io.BytesIO(xlsx(ROWS))
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/media/x.bin", "w") as part,
    ):
        for _number in range(1024):
            part.write(bytes(1 << 20))
    return stream.getvalue()


def with_entities() -> bytes:
    source, stream = zipfile.ZipFile(io.BytesIO(xlsx(ROWS))), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/workbook.xml":
                text = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text
            packed.writestr(name, text)
    return stream.getvalue()


def far_away() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD2"] = "kode", "x"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(bomb, "larger than 64 MB", id="zip bomb"),
        pytest.param(with_entities, "markup", id="entities"),
        pytest.param(far_away, "columns", id="a cell far away"),
        pytest.param(lambda: xlsx([*ROWS, ["A-2", "Dua"]], "A2:A3"), "merged", id="merged cells"),
        pytest.param(lambda: xlsx(ROWS)[:-200], "damaged", id="cut off"),
        pytest.param(lambda: b"PK\x03\x04nothing", "damaged", id="no ZIP"),
        pytest.param(lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel", id="XLS"),
        pytest.param(lambda: bytes(21 << 20), "larger than 20 MB", id="too large"),
        pytest.param(lambda: b"", "empty", id="empty"),
        pytest.param(lambda: b"\n , \n", "empty", id="blank"),
        pytest.param(lambda: csv_file([HEAD]), "no row", id="only column names"),
        pytest.param(
            lambda: csv_file([HEAD, ["A-1", "Jalan Café"]], encoding="cp1252"),
            "UTF-8",
            id="Windows-1252",
        ),
        pytest.param(lambda: csv_file(ROWS, encoding="utf-16-le"), "UTF-8", id="UTF-16, no mark"),
        pytest.param(lambda: b"\xff\xfea", "UTF-8", id="half a sign"),
        pytest.param(lambda: b"\x89PNG\r\n\x1a\n\0\0", "UTF-8", id="a picture"),
        pytest.param(lambda: b'kode,nama\nA,"x\nB,y\n', "quotation", id="a quotation mark"),
        pytest.param(lambda: csv_file([HEAD, ["A", "b", "c"]]), "more cells", id="too wide a row"),
        pytest.param(lambda: csv_file([HEAD, ["A", "b" * 6000]]), "longer", id="a long cell"),
        pytest.param(
            lambda: csv_file([HEAD, *([["A", "b"]] * (MOST_ROWS + 1))]), "rows", id="too many rows"
        ),
    ],
)
def test_a_file_that_cannot_be_a_table_is_refused(data: Any, sentence: str) -> None:
    with translation.override("en"), pytest.raises(UnreadableFile, match=sentence):
        read_table(data())


CAMERA = ["kode", "nama", "lokasi", "aliran utama (main stream)", "selang pemeriksaan (detik)"]
GOOD = ["A-1", "Satu", "PA-MGR", "rtsp://10.1.2.3/1", 60]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "cell", "sentence"),
    [
        (1, "=1+1", "formula"),
        (1, "=cmd|' /C calc'!A0", "formula"),
        (1, "+1+cmd|'x'!A0", "formula"),
        (1, "@SUM(A1)", "formula"),
        (0, "=A1", "formula"),
        (1, date(2026, 1, 2), "date"),
        (0, date(2026, 1, 2), "date"),
        (4, date(2026, 1, 2), "date"),
        (4, 45000.5, "whole number"),
        (4, -5, "whole number"),
        (4, 3, "10"),
        (4, "seminggu", "whole number"),
        (0, 31.1, "Text"),
        (0, "A 1", "capital letters"),
        (0, "A" * 40, "32"),
        (1, "x" * 151, "150"),
        (3, "concat:a|b", "rtsp://"),
        (3, "rtsp://op:rahasia@/1", "host"),
        (3, "http://127.0.0.1:0/x", "Port"),
        (2, "<script>alert(1)</script>", "code or name"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(place: int, cell: Any, sentence: str) -> None:
    make_site(code="PA-MGR")
    row = [*GOOD]
    row[place] = cell
    with translation.override("en"):
        table = read_table(xlsx([CAMERA, ["B-1", *GOOD[1:]], row]))
        result = CameraResource().import_data(table, dry_run=False)
        label = CameraResource().label(
            ("code", "name", "site", "stream_url", "interval_seconds")[place]
        )
    assert [(each.line, each.label) for each in result.wrong] == [(3, label)]
    assert sentence in result.wrong[0].sentence
    assert "rahasia" not in result.wrong[0].value
    assert not Camera.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("cell", ["6.2.1", "1.000,5", "lintang", "NaN", "1e400", "-96,2", "1e9"])
def test_a_wrong_coordinate_is_refused(cell: str) -> None:
    Area.objects.create(code="A", name="Tebet")
    head = [SiteResource().label(n) for n in ("code", "name", "area", "latitude", "longitude")]
    table = read_table(xlsx([head, ["S-1", "Satu", "A", cell, "106,8"]]))
    result = SiteResource().import_data(table)
    assert {each.line for each in result.wrong} == {2}, result.error_rows
    assert not Site.objects.exists()


@pytest.mark.django_db
def test_a_code_that_stands_there_twice_is_refused_in_both_rows() -> None:
    make_site(code="PA-MGR")
    result = CameraResource().import_data(
        read_table(xlsx([CAMERA, GOOD, ["a-1 ", *GOOD[1:]], ["B-1", *GOOD[1:]]]))
    )
    assert [each.line for each in result.wrong] == [2, 3]
    assert not Camera.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "head",
    [["kode", "nama", "warna"], ["nama", "lokasi"], ["kode", "nama", "NAME"], ["kode", "", "nama"]],
)
def test_columns_that_are_not_understood_are_refused(head: list[str]) -> None:
    result = CameraResource().import_data(read_table(xlsx([head, ["A", "B", "C"][: len(head)]])))
    assert result.base_errors
    assert not Camera.objects.exists()
