"""The printed work order: A4, black on white, in Indonesian, to be filled in by pen on the spot.

One ticket fills a page; a tour begins with a page that shows the way, and has one page for each
stop. The standard fonts of PDF are used, which every printer has: they know the Latin alphabet, and
what they do not know is put into it.
"""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from maintenance.map_sketch import Mark, sketch
from maintenance.models import RepairWork, WorkOrder
from maintenance.tours import distance_km, length_km
from maintenance.work_order_facts import Shown, StopFacts, neighbours

__all__ = ["draw_sheet"]

_INK = colors.HexColor("#0f172a")
_SOFT = colors.HexColor("#475569")
_LINE = colors.HexColor("#cbd5e1")
_FILL = colors.HexColor("#f1f5f9")
_ACCENT = colors.HexColor("#1e3a5f")
_RED = colors.HexColor("#b91c1c")
_MARGIN = 16 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_PARTS_LINES = 3  # empty lines for parts


def _style(name: str, **fields: Any) -> ParagraphStyle:
    given = {"fontName": "Helvetica", "fontSize": 9, "leading": 11.5, "textColor": _INK, **fields}
    return ParagraphStyle(name, **given)


_TEXT = _style("text")
_SMALL = _style("small", fontSize=7.5, leading=9.5, textColor=_SOFT)
_LABEL = _style("label", fontSize=8, leading=11.5, textColor=_SOFT)
_STRONG = _style("strong", fontName="Helvetica-Bold")
_HEAD = _style("head", fontName="Helvetica-Bold", fontSize=8, leading=10, textColor=_ACCENT)
_CELL = _style("cell", fontSize=8, leading=10)
_CELL_HEAD = _style("cell-head", fontName="Helvetica-Bold", fontSize=7.5, leading=9.5)
_TITLE = _style("title", fontName="Helvetica-Bold", fontSize=12.5, leading=15)
_CENTRED = _style("centred", fontSize=8.5, leading=11, alignment=1)


@dataclass(frozen=True)
class _Page:
    """What every page says at its top and bottom."""

    title: str
    number: str
    agency: str
    issued: str
    footer: str


def draw_sheet(order: WorkOrder, stops: Sequence[StopFacts]) -> bytes:
    """The PDF of a work order, its stops in the order of the tour."""
    with translation.override(settings.LANGUAGE_CODE):
        story: list[Flowable] = []
        around = neighbours([stop.site for stop in stops if stop.site])
        if len(stops) > 1:
            story += [*_order(order), *_tour(stops, around), _signatures(order)]
            others = [Mark(_where(stop), stop.place) for stop in stops if stop.place]
            for position, stop in enumerate(stops, start=1):
                near = [*(one for one in others if one.place != stop.place), *around]
                story += [PageBreak(), *_stop(stop, str(position), near), *_work(), _done_line()]
        else:
            for stop in stops:
                story += [*_order(order), *_stop(stop, "1", around), *_work()]
            story.append(_signatures(order))
        return _built(story, _page(order, stops))


def _page(order: WorkOrder, stops: Sequence[StopFacts]) -> _Page:
    agencies = dict.fromkeys(stop.agency for stop in stops if stop.agency)
    return _Page(
        title=_("Work order"),
        number=order.number,
        agency=_plain(" · ".join(agencies)) or _("Public cameras of Jakarta"),
        issued=_day(order.issued_at),
        footer=_plain(
            _("Issued on %(at)s WIB by %(by)s")
            % {"at": _moment(order.issued_at), "by": _name(order.issued_by)}
        ),
    )


def _built(story: list[Flowable], page: _Page) -> bytes:
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=f"{page.title} {page.number}",
        author=page.agency,
        lang="id",
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
    )
    frame = Frame(_MARGIN, 14 * mm, _WIDTH, A4[1] - 40 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))

    class Numbered(Canvas):
        """Keeps its pages until the last is known, so that each can say “1 of 4”."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self._pages, start=1):
                self.__dict__.update(state)
                _frame_page(self, page, number, len(self._pages))
                super().showPage()
            super().save()

    document.build(story, canvasmaker=Numbered)
    return out.getvalue()


def _frame_page(canvas: Canvas, page: _Page, number: int, of: int) -> None:
    top = A4[1] - 12 * mm
    canvas.setFillColor(_SOFT)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(_MARGIN, top - 2, page.agency)
    canvas.setFillColor(_ACCENT)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(_MARGIN, top - 21, page.title.upper())
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawRightString(A4[0] - _MARGIN, top - 4, page.number)
    canvas.setFillColor(_SOFT)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawRightString(A4[0] - _MARGIN, top - 19, f"Jakarta, {page.issued}")
    canvas.setStrokeColor(_ACCENT)
    canvas.setLineWidth(1.4)
    canvas.line(_MARGIN, top - 30, A4[0] - _MARGIN, top - 30)
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(_MARGIN, 9 * mm, page.footer)
    canvas.drawRightString(
        A4[0] - _MARGIN,
        9 * mm,
        _("%(number)s · page %(page)s of %(of)s")
        % {"number": page.number, "page": number, "of": of},
    )


def _order(order: WorkOrder) -> list[Flowable]:
    """To whom, when, and what."""
    rows = [
        [_("Carried out by"), order.to_whom or "." * 60],
        [_("Day of work"), _day(order.work_on) if order.work_on else "." * 60],
    ]
    if order.instruction:
        rows.append([_("Instruction"), order.instruction])
    return [_facts(rows, _WIDTH, 24 * mm), Spacer(0, 3 * mm)]


def _tour(stops: Sequence[StopFacts], around: list[Mark]) -> list[Flowable]:
    """The page that shows the way: the sketch, and the stops in their order."""
    marks = [
        Mark(_where(stop), stop.place, str(position))
        for position, stop in enumerate(stops, start=1)
        if stop.place
    ]
    way = length_km([mark.place for mark in marks])
    story: list[Flowable] = [_heading(_("The tour"))]
    if drawing := sketch([*marks, *around], _WIDTH, 88 * mm, with_way=True):
        words = _("About %(km)s km as the crow flies, in the order of the numbers.")
        story += [drawing, Spacer(0, 1 * mm)]
        story += [Paragraph(words % {"km": number_format(way, 1)}, _SMALL), Spacer(0, 3 * mm)]
    rows = [
        [
            Paragraph(words, _CELL_HEAD)
            for words in (
                _("No."),
                _("Ticket"),
                _("Camera"),
                _("Site"),
                _("Fault"),
                _("Coordinates"),
            )
        ]
    ]
    for position, stop in enumerate(stops, start=1):
        rows.append(
            [
                _cell(str(position)),
                _cell(stop.ticket.number),
                _cell(str(stop.ticket.subject)),
                _cell(_address(stop)),
                _cell(_first_up(stop.fault)),
                _cell(_coordinates(stop)),
            ]
        )
    widths = [9 * mm, 19 * mm, 45 * mm, 46 * mm, 31 * mm, 28 * mm]
    story += [_table(rows, widths, repeat=1), Spacer(0, 5 * mm)]
    return story


def _stop(stop: StopFacts, position: str, around: list[Mark]) -> list[Flowable]:
    """The place, the fault, the pictures and the past of one ticket."""
    ticket = stop.ticket
    # By characters that are in the font: a camera's name may hold any.
    title = Paragraph(f"{_xml(ticket.number)} · {_xml(str(ticket.subject))}", _TITLE)
    right = 74 * mm
    left = _WIDTH - right - 4 * mm
    facts = _facts(_stop_rows(stop), left, 25 * mm)
    marks = [Mark(_where(stop), stop.place, position)] if stop.place else []
    drawing = sketch([*marks, *_near(marks, around)], right, 44 * mm) if marks else None
    place: list[Flowable] = []
    if drawing:
        place = [drawing, Spacer(0, 1.5 * mm), _way_there(stop, right)]
    columns = Table([[facts, place]], colWidths=[left + 4 * mm, right])
    columns.setStyle(_bare())
    story: list[Flowable] = [title, Spacer(0, 2 * mm), columns, Spacer(0, 3 * mm)]
    if stop.pictures:
        story += [_picture_row(stop.pictures), Spacer(0, 3 * mm)]
    story += [_heading(_("History of this camera") if ticket.camera else _("History"))]
    story += [_past(stop), Spacer(0, 3 * mm)]
    return story


def _stop_rows(stop: StopFacts) -> list[list[str]]:
    subject, camera = stop.ticket.subject, stop.ticket.camera
    rows = [
        [_("Fault"), _first_up(stop.fault)],
        [_("Since"), f"{_moment(stop.since)} WIB"],
        [_("Site"), _address(stop) or "–"],
        [_("Coordinates"), _coordinates(stop)],
    ]
    if stop.site:
        rows.append([_("Area"), stop.site.area.name])
    if stop.priority:
        rows.insert(2, [_("Priority"), _first_up(stop.priority)])
    if camera:
        device = " ".join(filter(None, [camera.vendor, camera.model]))
        rows.append([_("Device"), device or "–"])
        rows.append([_("Serial number"), camera.serial_number or "." * 30])
        uplink = camera.uplink
        rows.append([_("Uplink"), str(uplink) if uplink else "–"])
    else:
        rows.append([_("Device"), f"{subject.get_kind_display()}"])  # type: ignore[union-attr]
        if stop.dark_cameras:
            rows.append([_("Dark cameras"), ", ".join(stop.dark_cameras)])
    if stop.report:
        rows.append([_("Report"), stop.report])
    return rows


def _way_there(stop: StopFacts, width: float) -> Flowable:
    """A code that a telephone reads as a place, and how to use it."""
    assert stop.place is not None
    latitude, longitude = stop.place
    code = QrCodeWidget(f"geo:{latitude:.6f},{longitude:.6f}", barLevel="M")
    left, bottom, right, _top = code.getBounds()
    side = 16 * mm
    scale = side / (right - left)
    drawing = Drawing(side, side, transform=[scale, 0, 0, scale, -left * scale, -bottom * scale])
    drawing.add(code)
    drawing.hAlign = "LEFT"
    words = _("Scan with a telephone to be led there. Sketch by coordinates; north is up (U).")
    table = Table(
        [[drawing, Paragraph(words, _SMALL)]], colWidths=[side + 3 * mm, width - side - 3 * mm]
    )
    table.setStyle(_bare([("VALIGN", (1, 0), (1, 0), "MIDDLE")]))
    return table


def _picture_row(pictures: list[Shown]) -> Flowable:
    width = (_WIDTH - 6 * mm) / 2
    cells = []
    for shown in pictures:
        caption = f"<b>{_xml(_first_up(shown.title))}</b> · {_moment(shown.taken_at)} WIB"
        cells.append([_image(shown, width, 46 * mm), Spacer(0, 1 * mm), Paragraph(caption, _SMALL)])
    cells += [""] * (2 - len(cells))  # type: ignore[list-item]
    table = Table([cells], colWidths=[width + 6 * mm, width])
    table.setStyle(_bare())
    return table


def _image(shown: Shown, width: float, height: float) -> Flowable:
    try:
        image = Image(str(shown.file))
    except OSError:
        return Paragraph(_("The picture cannot be read."), _SMALL)
    scale = min(width / image.imageWidth, height / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    image.hAlign = "LEFT"
    return image


def _past(stop: StopFacts) -> Flowable:
    if not stop.past:
        words = _("Nothing is on record before this ticket.")
        if stop.availability is not None:
            words = f"{words} {_availability(stop)}"
        return Paragraph(words, _TEXT)
    rows = [
        [
            Paragraph(words, _CELL_HEAD)
            for words in (_("Date"), _("Ticket"), _("Fault or work"), _("By"))
        ]
    ]
    for line in stop.past:
        rows.append(
            [
                _cell(_day(line.at)),
                _cell(line.ticket),
                _cell(_first_up(line.what)),
                _cell(line.by_whom),
            ]
        )
    table = _table(rows, [30 * mm, 22 * mm, _WIDTH - 104 * mm, 52 * mm])
    if stop.availability is None:
        return table
    whole = Table(
        [[table], [Paragraph(_availability(stop), _SMALL)]],
        colWidths=[_WIDTH],
    )
    whole.setStyle(_bare([("TOPPADDING", (0, 1), (0, 1), 2)]))
    return whole


def _availability(stop: StopFacts) -> str:
    percent = number_format(100 * (stop.availability or 0), 1)
    return _("Available %(percent)s %% of the last 30 days.") % {"percent": percent}


def _work() -> list[Flowable]:
    """What is filled in on the spot: what was done, and with which parts."""
    kinds = [str(kind.label) for kind in RepairWork]
    boxes = [
        [_box(_first_up(kind)) for kind in kinds[at : at + 4]] for at in range(0, len(kinds), 4)
    ]
    boxes[-1] += [""] * (4 - len(boxes[-1]))
    done = Table(boxes, colWidths=[_WIDTH / 4] * 4)
    done.setStyle(_bare([("BOTTOMPADDING", (0, 0), (-1, -1), 2)]))
    heads = (_("Parts put in"), _("Serial number"), _("Pieces"), _("Price each (Rp)"))
    rows: list[list[Any]] = [[Paragraph(words, _CELL_HEAD) for words in heads]]
    rows += [[""] * 4 for _line in range(_PARTS_LINES)]
    parts = Table(
        rows,
        colWidths=[_WIDTH - 105 * mm, 50 * mm, 20 * mm, 35 * mm],
        rowHeights=[5.5 * mm] + [6.2 * mm] * _PARTS_LINES,
    )
    parts.setStyle(_grid())
    return [
        KeepTogether([_heading(_("What was done")), done, Spacer(0, 2 * mm), parts]),
        Spacer(0, 3 * mm),
    ]


def _box(words: str) -> Flowable:
    """A small square to tick, and its words."""
    square = Drawing(9, 9)
    square.add(Rect(0.5, 0.5, 7.5, 7.5, fillColor=None, strokeColor=_SOFT, strokeWidth=0.8))
    table = Table([[square, Paragraph(_xml(words), _CELL)]], colWidths=[12, _WIDTH / 4 - 12])
    table.setStyle(_bare([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _done_line() -> Flowable:
    """One line a stop: when it was done, and the initials."""
    words = [_("Begun at"), _("Done at"), _("Initials"), _("Repaired: yes / no")]
    table = Table(
        [[Paragraph(each, _CELL_HEAD) for each in words]],
        colWidths=[_WIDTH / 4] * 4,
        rowHeights=[13 * mm],
    )
    table.setStyle(_grid(head=False))
    return table


def _signatures(order: WorkOrder) -> Flowable:
    columns = [
        (_("Ordered by"), _name(order.issued_by)),
        (_("Carried out by"), order.to_whom),
        (_("Work received by"), ""),
    ]
    cells = []
    for title, name in columns:
        line = _xml(name) if name else "." * 34
        cells.append(
            [
                Paragraph(title, _CENTRED),
                Spacer(0, 13 * mm),
                Paragraph(f"<b>{line}</b>", _CENTRED),
                Paragraph(
                    _("Name, position, date"),
                    _style("s", parent=_SMALL, fontSize=7, textColor=_SOFT, alignment=1),
                ),
            ]
        )
    table = Table([cells], colWidths=[_WIDTH / 3] * 3)
    table.setStyle(_bare([("TOPPADDING", (0, 0), (-1, -1), 4)]))
    return KeepTogether([table])


def _near(marks: list[Mark], around: list[Mark]) -> list[Mark]:
    """Of the neighbours, those that are near this one stop."""
    here = marks[0].place
    return sorted(around, key=lambda mark: distance_km(here, mark.place))[:6]


def _facts(rows: list[list[str]], width: float, first: float) -> Table:
    table = Table(
        [[Paragraph(_xml(name), _LABEL), Paragraph(_xml(value), _TEXT)] for name, value in rows],
        colWidths=[first, width - first],
    )
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ]
        )
    )
    return table


def _table(rows: list[list[Any]], widths: list[float], repeat: int = 1) -> Table:
    table = Table(rows, colWidths=widths, repeatRows=repeat)
    table.setStyle(_grid())
    return table


def _grid(head: bool = True) -> TableStyle:
    commands: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    if head:
        commands.append(("BACKGROUND", (0, 0), (-1, 0), _FILL))
    return TableStyle(commands)


def _bare(more: Sequence[Any] = ()) -> TableStyle:
    """Columns without lines or room around them."""
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            *more,
        ]
    )


def _heading(words: str) -> Paragraph:
    return Paragraph(
        _xml(words.upper()),
        _style(
            "h", parent=None, fontName="Helvetica-Bold", fontSize=8, leading=12, textColor=_ACCENT
        ),
    )


def _cell(words: str) -> Paragraph:
    return Paragraph(_xml(words), _CELL)


def _where(stop: StopFacts) -> str:
    return _plain(stop.site.name if stop.site else stop.ticket.subject.code)


def _address(stop: StopFacts) -> str:
    if stop.site is None:
        return ""
    return ", ".join(filter(None, [stop.site.name, stop.site.address]))


def _coordinates(stop: StopFacts) -> str:
    if stop.place is None:
        return "–"
    return f"{stop.place[0]:.6f}, {stop.place[1]:.6f}"  # as telephones take them


def _name(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _day(at: Any) -> str:
    return date_format(timezone.localtime(at) if isinstance(at, datetime) else at, "j F Y")


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y H.i")


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _xml(words: str) -> str:
    """For a Paragraph, which reads its text as a kind of HTML; lines stay lines."""
    return escape(_plain(words)).replace("\n", "<br/>")


def _plain(words: str) -> str:
    """The text in the characters that the standard fonts have."""
    kept = []
    for each in words:
        try:
            each.encode("cp1252")
        except UnicodeEncodeError:
            each = unicodedata.normalize("NFKD", each).encode("ascii", "ignore").decode() or "?"
        kept.append(each if each.isprintable() or each == "\n" else " ")
    return "".join(kept)
