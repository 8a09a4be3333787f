"""The report as a workbook: its tables, and every camera and ticket behind them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from cameras.formulae import defused
from maintenance.report.figures import Figures
from maintenance.report.parts import Document

__all__ = ["workbook"]

_HOUR = timedelta(hours=1)
_MOMENT = "dd mmm yyyy, hh.mm"
_HEAD = PatternFill("solid", fgColor="1F5FA8")


def workbook(figures: Figures, made: Document) -> bytes:
    """XLSX. Written row by row: twenty thousand cameras take no more memory than ten."""
    book = Workbook(write_only=True)
    _summary(book, made)
    _sheet(
        book,
        _("Cameras"),
        {
            _("code"): 16,
            _("name"): 34,
            _("site"): 28,
            _("area"): 20,
            _("verdict"): 30,
            _("since"): 20,
            _("uptime"): 12,
            _("down (hours)"): 14,
            _("unmonitored (hours)"): 14,
        },
        (
            [
                each.code,
                each.name,
                each.site,
                each.area,
                each.in_words,
                _moment(each.since),
                each.uptime.availability,
                round(each.uptime.down / _HOUR, 2),
                round(each.uptime.unmonitored / _HOUR, 2),
            ]
            for each in figures.cameras
        ),
        {5: _MOMENT, 6: "0.0%", 7: "0.00", 8: "0.00"},
    )
    _sheet(
        book,
        _("Tickets"),
        {
            _("ticket"): 14,
            _("camera or uplink"): 40,
            _("site"): 28,
            _("state"): 24,
            _("opened"): 20,
            _("recovered"): 20,
            _("closed"): 20,
            _("overdue"): 12,
        },
        (
            [
                each.number,
                each.subject,
                each.site,
                each.state,
                _moment(each.opened),
                _moment(each.recovered),
                _moment(each.closed),
                _("yes") if each.is_overdue else "",
            ]
            for each in figures.tickets.rows
        ),
        dict.fromkeys((4, 5, 6), _MOMENT),
    )
    _sheet(
        book,
        _("Areas"),
        {
            _("area"): 30,
            _("cameras"): 12,
            _("uptime"): 16,
            _("before"): 16,
            _("repairs"): 12,
            _("time to repair (hours)"): 18,
        },
        (
            [
                each.name,
                each.cameras,
                each.availability,
                each.availability_before,
                each.repairs,
                round(each.repair / _HOUR, 1) if each.repair is not None else None,
            ]
            for each in [*figures.areas, figures.total]
        ),
        {2: "0.0%", 3: "0.0%", 5: "0.0"},
    )
    _sheet(
        book,
        _("Packages"),
        {
            _("code"): 20,
            _("package"): 44,
            _("phase"): 20,
            _("stage"): 30,
            _("late (working days)"): 18,
            _("camera-days"): 14,
        },
        (
            [each.code, each.name, each.phase, each.stage, each.days_late, each.camera_days]
            for each in figures.packages
        ),
        {5: "0.0"},
    )
    if figures.budget is not None:
        rupiah = '"Rp" #,##0'
        _sheet(
            book,
            _("Budget"),
            {
                _("account code"): 24,
                _("budget line"): 40,
                _("ceiling"): 20,
                _("reserved"): 20,
                _("bound by contracts"): 20,
                _("paid"): 20,
                _("available"): 20,
            },
            (
                [
                    each.code,
                    each.name,
                    each.ceiling,
                    each.reserved,
                    each.outstanding,
                    each.realised,
                    each.available,
                ]
                for each in [*figures.budget.rows, figures.budget.total]
            ),
            dict.fromkeys(range(2, 7), rupiah),
        )
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _summary(book: Workbook, made: Document) -> None:
    """What the mail says, table by table, as it says it."""
    sheet = book.create_sheet(_("Summary"))
    for letter, width in zip("ABCDEF", (44, 24, 22, 22, 22, 22), strict=True):
        sheet.column_dimensions[letter].width = width
    bold = Font(bold=True, size=14)
    sheet.append([_styled(sheet, made.title, bold)])
    sheet.append([made.period])
    sheet.append([defused(made.headline)])
    for section in made.sections:
        sheet.append([])
        sheet.append([_styled(sheet, section.title, Font(bold=True, size=12))])
        if section.lead:
            sheet.append([defused(section.lead)])
        if section.columns:
            sheet.append(
                [_styled(sheet, column.label, Font(bold=True)) for column in section.columns]
            )
        for row in section.rows:
            sheet.append(
                [
                    text if column.numeric else defused(text)  # +3 is ours
                    for cell, column in zip(row, section.columns, strict=True)
                    for text in [f"{cell.text} ({cell.note})" if cell.note else cell.text]
                ]
            )
        for card in section.cards:
            sheet.append([defused(card.title), *(defused(line.text) for line in card.lines)])
    sheet.append([])
    sheet.append([made.made_of])


def _sheet(
    book: Workbook,
    title: str,
    columns: dict[str, int],
    rows: Iterable[list[Any]],
    formats: dict[int, str],
) -> None:
    """`columns`: label → width; `formats`: place of a column → how its values are shown."""
    sheet = book.create_sheet(title)
    for place, width in enumerate(columns.values()):
        sheet.column_dimensions["ABCDEFGHIJ"[place]].width = width
    sheet.freeze_panes = "B2"
    white = Font(bold=True, color="FFFFFF")
    head = [_styled(sheet, label, white) for label in columns]
    for cell in head:
        cell.fill, cell.alignment = _HEAD, Alignment(wrap_text=True, vertical="center")
    sheet.append(head)
    for row in rows:
        cells: list[Any] = [defused(value) for value in row]
        for place, how in formats.items():
            if cells[place] is not None:
                cell = WriteOnlyCell(sheet, cells[place])
                cell.number_format = how
                cells[place] = cell
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{'ABCDEFGHIJ'[len(columns) - 1]}1"


def _styled(sheet: Any, value: str, font: Font) -> Any:
    cell = WriteOnlyCell(sheet, defused(value))
    cell.font = font
    return cell


def _moment(at: datetime | None) -> datetime | None:
    """Workbooks know no time zones: the clock of Jakarta."""
    return timezone.localtime(at).replace(tzinfo=None) if at else None
