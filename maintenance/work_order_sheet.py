"""The printed work order: A4, black on white, in Indonesian, to be filled in by pen on the spot.

One ticket fills a page; a tour begins with a page that shows the way, and has one page for each
stop. How it looks stands in sheet_layout.py.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.units import mm
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
)

from maintenance.map_sketch import Mark, sketch
from maintenance.models import RepairWork, WorkOrder
from maintenance.sheet_layout import (
    CELL,
    CELL_HEAD,
    CENTRED,
    SMALL,
    SOFT,
    TEXT,
    TITLE,
    WIDTH,
    Page,
    bare,
    built,
    cell,
    day,
    facts_table,
    first_up,
    grid,
    heading,
    moment,
    plain,
    ruled_table,
    style,
    xml,
)
from maintenance.tours import distance_km, length_km
from maintenance.work_order_facts import Shown, StopFacts, neighbours

__all__ = ["draw_sheet"]

_PARTS_LINES = 3  # empty lines for parts


def draw_sheet(order: WorkOrder, stops: Sequence[StopFacts]) -> bytes:
    """The PDF of a work order, its stops in the order of the tour."""
    with translation.override(settings.LANGUAGE_CODE):
        story: list[Flowable] = []
        around = neighbours(stops)
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
        return built(story, _page(order, stops))


def _page(order: WorkOrder, stops: Sequence[StopFacts]) -> Page:
    agencies = dict.fromkeys(stop.agency for stop in stops if stop.agency)
    return Page(
        title=_("Work order"),
        number=order.number,
        agency=plain(" · ".join(agencies)) or _("Public cameras of Jakarta"),
        issued=day(order.issued_at),
        footer=plain(
            _("Issued on %(at)s WIB by %(by)s")
            % {"at": moment(order.issued_at), "by": _name(order.issued_by)}
        ),
    )


def _order(order: WorkOrder) -> list[Flowable]:
    """To whom, when, and what."""
    rows = [
        [_("Carried out by"), order.to_whom or "." * 60],
        [_("Day of work"), day(order.work_on) if order.work_on else "." * 60],
    ]
    if order.instruction:
        rows.append([_("Instruction"), order.instruction])
    return [facts_table(rows, WIDTH, 24 * mm), Spacer(0, 3 * mm)]


def _tour(stops: Sequence[StopFacts], around: list[Mark]) -> list[Flowable]:
    """The page that shows the way: the sketch, and the stops in their order."""
    marks = [
        Mark(_where(stop), stop.place, str(position))
        for position, stop in enumerate(stops, start=1)
        if stop.place
    ]
    way = length_km([mark.place for mark in marks])
    story: list[Flowable] = [heading(_("The tour"))]
    if drawing := sketch([*marks, *around], WIDTH, 88 * mm, with_way=True):
        words = _("About %(km)s km as the crow flies, in the order of the numbers.")
        story += [drawing, Spacer(0, 1 * mm)]
        story += [Paragraph(words % {"km": number_format(way, 1)}, SMALL), Spacer(0, 3 * mm)]
    rows = [
        [
            Paragraph(words, CELL_HEAD)
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
                cell(str(position)),
                cell(stop.ticket.number),
                cell(str(stop.ticket.subject)),
                cell(_address(stop)),
                cell(first_up(stop.fault)),
                cell(_coordinates(stop)),
            ]
        )
    widths = [9 * mm, 19 * mm, 45 * mm, 46 * mm, 31 * mm, 28 * mm]
    story += [ruled_table(rows, widths, repeat=1), Spacer(0, 5 * mm)]
    return story


def _stop(stop: StopFacts, position: str, around: list[Mark]) -> list[Flowable]:
    """The place, the fault, the pictures and the past of one ticket."""
    ticket = stop.ticket
    # By characters that are in the font: a camera's name may hold any.
    title = Paragraph(f"{xml(ticket.number)} · {xml(str(ticket.subject))}", TITLE)
    right = 74 * mm
    left = WIDTH - right - 4 * mm
    facts = facts_table(_stop_rows(stop), left, 25 * mm)
    marks = [Mark(_where(stop), stop.place, position)] if stop.place else []
    drawing = sketch([*marks, *_near(marks, around)], right, 44 * mm) if marks else None
    place: list[Flowable] = []
    if drawing:
        place = [drawing, Spacer(0, 1.5 * mm), _way_there(stop, right)]
    columns = Table([[facts, place]], colWidths=[left + 4 * mm, right])
    columns.setStyle(bare())
    story: list[Flowable] = [title, Spacer(0, 2 * mm), columns, Spacer(0, 3 * mm)]
    if stop.pictures:
        story += [_picture_row(stop.pictures), Spacer(0, 3 * mm)]
    story += [heading(_("History of this camera") if ticket.camera else _("History"))]
    story += [_past(stop), Spacer(0, 3 * mm)]
    return story


def _stop_rows(stop: StopFacts) -> list[list[str]]:
    subject, camera = stop.ticket.subject, stop.ticket.camera
    rows = [
        [_("Fault"), first_up(stop.fault)],
        [_("Since"), f"{moment(stop.since)} WIB"],
        [_("Site"), _address(stop) or "–"],
        [_("Coordinates"), _coordinates(stop)],
    ]
    if stop.site:
        rows.append([_("Area"), stop.site.area.name])
    if stop.priority:
        rows.insert(2, [_("Priority"), first_up(stop.priority)])
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
        [[drawing, Paragraph(words, SMALL)]], colWidths=[side + 3 * mm, width - side - 3 * mm]
    )
    table.setStyle(bare([("VALIGN", (1, 0), (1, 0), "MIDDLE")]))
    return table


def _picture_row(pictures: list[Shown]) -> Flowable:
    width = (WIDTH - 6 * mm) / 2
    cells = []
    for shown in pictures:
        caption = f"<b>{xml(first_up(shown.title))}</b> · {moment(shown.taken_at)} WIB"
        cells.append([_image(shown, width, 46 * mm), Spacer(0, 1 * mm), Paragraph(caption, SMALL)])
    cells += [""] * (2 - len(cells))  # type: ignore[list-item]
    table = Table([cells], colWidths=[width + 6 * mm, width])
    table.setStyle(bare())
    return table


def _image(shown: Shown, width: float, height: float) -> Flowable:
    try:
        image = Image(str(shown.file))
    except OSError:
        return Paragraph(_("The picture cannot be read."), SMALL)
    scale = min(width / image.imageWidth, height / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    image.hAlign = "LEFT"
    return image


def _past(stop: StopFacts) -> Flowable:
    if not stop.past:
        words = _("Nothing is on record before this ticket.")
        if stop.availability is not None:
            words = f"{words} {_availability(stop)}"
        return Paragraph(words, TEXT)
    rows = [
        [
            Paragraph(words, CELL_HEAD)
            for words in (_("Date"), _("Ticket"), _("Fault or work"), _("By"))
        ]
    ]
    for line in stop.past:
        rows.append(
            [
                cell(day(line.at)),
                cell(line.ticket),
                cell(first_up(line.what)),
                cell(line.by_whom),
            ]
        )
    table = ruled_table(rows, [30 * mm, 22 * mm, WIDTH - 104 * mm, 52 * mm])
    if stop.availability is None:
        return table
    whole = Table(
        [[table], [Paragraph(_availability(stop), SMALL)]],
        colWidths=[WIDTH],
    )
    whole.setStyle(bare([("TOPPADDING", (0, 1), (0, 1), 2)]))
    return whole


def _availability(stop: StopFacts) -> str:
    percent = number_format(100 * (stop.availability or 0), 1)
    return _("Available %(percent)s %% of the last 30 days.") % {"percent": percent}


def _work() -> list[Flowable]:
    """What is filled in on the spot: what was done, and with which parts."""
    kinds = [str(kind.label) for kind in RepairWork]
    boxes = [
        [_box(first_up(kind)) for kind in kinds[at : at + 4]] for at in range(0, len(kinds), 4)
    ]
    boxes[-1] += [""] * (4 - len(boxes[-1]))
    done = Table(boxes, colWidths=[WIDTH / 4] * 4)
    done.setStyle(bare([("BOTTOMPADDING", (0, 0), (-1, -1), 2)]))
    heads = (_("Parts put in"), _("Serial number"), _("Pieces"), _("Price each (Rp)"))
    rows: list[list[Any]] = [[Paragraph(words, CELL_HEAD) for words in heads]]
    rows += [[""] * 4 for _line in range(_PARTS_LINES)]
    parts = Table(
        rows,
        colWidths=[WIDTH - 105 * mm, 50 * mm, 20 * mm, 35 * mm],
        rowHeights=[5.5 * mm] + [6.2 * mm] * _PARTS_LINES,
    )
    parts.setStyle(grid())
    return [
        KeepTogether([heading(_("What was done")), done, Spacer(0, 2 * mm), parts]),
        Spacer(0, 3 * mm),
    ]


def _box(words: str) -> Flowable:
    """A small square to tick, and its words."""
    square = Drawing(9, 9)
    square.add(Rect(0.5, 0.5, 7.5, 7.5, fillColor=None, strokeColor=SOFT, strokeWidth=0.8))
    table = Table([[square, Paragraph(xml(words), CELL)]], colWidths=[12, WIDTH / 4 - 12])
    table.setStyle(bare([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _done_line() -> Flowable:
    """One line a stop: when it was done, and the initials."""
    words = [_("Begun at"), _("Done at"), _("Initials"), _("Repaired: yes / no")]
    table = Table(
        [[Paragraph(each, CELL_HEAD) for each in words]],
        colWidths=[WIDTH / 4] * 4,
        rowHeights=[13 * mm],
    )
    table.setStyle(grid(head=False))
    return table


def _signatures(order: WorkOrder) -> Flowable:
    columns = [
        (_("Ordered by"), _name(order.issued_by)),
        (_("Carried out by"), order.to_whom),
        (_("Work received by"), ""),
    ]
    cells = []
    for title, name in columns:
        line = xml(name) if name else "." * 34
        cells.append(
            [
                Paragraph(title, CENTRED),
                Spacer(0, 13 * mm),
                Paragraph(f"<b>{line}</b>", CENTRED),
                Paragraph(
                    _("Name, position, date"),
                    style("s", parent=SMALL, fontSize=7, textColor=SOFT, alignment=1),
                ),
            ]
        )
    table = Table([cells], colWidths=[WIDTH / 3] * 3)
    table.setStyle(bare([("TOPPADDING", (0, 0), (-1, -1), 4)]))
    return KeepTogether([table])


def _near(marks: list[Mark], around: list[Mark]) -> list[Mark]:
    """Of the neighbours, those that are near this one stop."""
    here = marks[0].place
    return sorted(around, key=lambda mark: distance_km(here, mark.place))[:6]


def _where(stop: StopFacts) -> str:
    return plain(stop.site.name if stop.site else stop.ticket.subject.code)


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
