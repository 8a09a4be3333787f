"""Bytes of a stranger become rows, or a sentence says why not.

An XLSX is a ZIP of XML: what it declares is added up before anything is unpacked (Python unpacks no
more than is declared). What a spreadsheet shows otherwise than it stores (formulae, merged cells,
dates) is refused rather than guessed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import openpyxl
import tablib
from django.utils.translation import gettext as _

__all__ = ["LINE", "MOST_BYTES", "Odd", "UnreadableFile", "read_table"]

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 5_000  # in one cell
# The column that says in which row of the file a row stood: empty ones are left out.
LINE = "#"
_OLE = b"\xd0\xcf\x11\xe0"  # an old XLS, or an XLSX with a password


class UnreadableFile(Exception):
    """The file cannot be taken as a table; the message is for the person who chose it."""


class Odd(NamedTuple):
    """A cell that holds no plain value: a formula, a date, an error of the spreadsheet's own."""

    kind: str
    shown: str

    def __str__(self) -> str:
        return self.shown


def read_table(data: bytes) -> tablib.Dataset:
    """The first sheet of an XLSX, or a CSV; the first row names the columns.

    Raises UnreadableFile.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(megabytes)s MB.") % {"megabytes": MOST_BYTES // 2**20}
        )
    if data.startswith(_OLE):
        raise UnreadableFile(
            _("This is an old Excel file (.xls) or one with a password: save it as .xlsx.")
        )
    return _table(_xlsx_rows(data) if data.startswith(b"PK") else _csv_rows(data))


def _table(rows: Iterator[tuple[int, list[Any]]]) -> tablib.Dataset:
    filled = ((line, cells) for line, cells in rows if any(map(_is_filled, cells)))
    _line, head = next(filled, (0, []))
    while head and not _is_filled(head[-1]):
        head.pop()
    if not head:
        raise UnreadableFile(_("The file is empty."))
    names = [str(name).strip() if _is_filled(name) else "" for name in head]
    table = tablib.Dataset(headers=[LINE, *names])
    for line, cells in filled:
        if len(table) >= MOST_ROWS:
            raise UnreadableFile(
                _("The file has more than %(rows)s rows: divide it.") % {"rows": MOST_ROWS}
            )
        if any(map(_is_filled, cells[len(names) :])):
            raise UnreadableFile(
                _("Row %(row)s has more cells than there are column names.") % {"row": line}
            )
        for cell in cells:
            if isinstance(cell, str) and len(cell) > MOST_CHARACTERS:
                raise UnreadableFile(
                    _("A cell in row %(row)s is longer than %(count)s characters.")
                    % {"row": line, "count": MOST_CHARACTERS}
                )
        table.append([line, *(cells + [None] * len(names))[: len(names)]])
    if not len(table):
        raise UnreadableFile(_("The file has column names, and no row below them."))
    return table


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _xlsx_rows(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_size(packed)
            _check_markup(packed)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it claims to be may be a million empty rows
        for line, cells in enumerate(sheet.iter_rows(), 1):
            if len(cells) > MOST_COLUMNS:
                raise UnreadableFile(
                    _("Row %(row)s has more than %(count)s columns.")
                    % {"row": line, "count": MOST_COLUMNS}
                )
            yield line, [_value(cell) for cell in cells]
    except UnreadableFile:
        raise
    except Exception as error:  # whatever a broken file makes its reader stumble over
        raise UnreadableFile(
            _("The file is damaged or no Excel file (.xlsx): open it, save it anew, try again.")
        ) from error


def _check_size(packed: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
        raise UnreadableFile(
            _("Unpacked, the file would be larger than %(megabytes)s MB.")
            % {"megabytes": MOST_UNPACKED_BYTES // 2**20}
        )


def _check_markup(packed: zipfile.ZipFile) -> None:
    """Entities can blow up a text; merged cells leave all but one of them empty."""
    for part in packed.namelist():
        if not part.endswith((".xml", ".rels")):
            continue
        before = b""
        with packed.open(part) as stream:
            while chunk := stream.read(1 << 20):
                text = before + chunk
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise UnreadableFile(_("The file holds markup that no spreadsheet writes."))
                if part.startswith("xl/worksheets/") and b"<mergeCell " in text:
                    raise UnreadableFile(
                        _("The sheet has merged cells: unmerge them and fill in each.")
                    )
                before = text[-16:]


def _value(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Odd("formula", str(value))
    if cell.data_type == "e":
        return Odd("error", str(value))
    if isinstance(value, datetime | date | time | timedelta):
        return Odd("date", str(value))
    return value


def _csv_rows(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    text = _text(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    # Excel writes semicolons where the comma is the decimal sign, as in Indonesia.
    delimiter = max(";,\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            if len(cells) > MOST_COLUMNS:
                raise UnreadableFile(
                    _("Row %(row)s has more than %(count)s columns.")
                    % {"row": rows.line_num, "count": MOST_COLUMNS}
                )
            yield rows.line_num, list(cells)
    except csv.Error:
        raise UnreadableFile(
            _("Row %(row)s cannot be read as CSV: a quotation mark is missing.")
            % {"row": rows.line_num}
        ) from None


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if _has_control(text):
        raise UnreadableFile(
            _("This is neither an Excel file (.xlsx) nor CSV in UTF-8: save it as “CSV UTF-8”.")
        )
    return text


def _has_control(text: Iterable[str]) -> bool:
    return any(sign in text for sign in map(chr, {*range(32)} - {9, 10, 13}))
