"""The report as a PDF: the same words, tables and pictures, on paper."""

from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from maintenance.report.parts import Card, Cell, Document, Section
from maintenance.report.plots import LIGHT, Plot

__all__ = ["pdf"]

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_TONES = {"danger": "#b42318", "warning": "#8a4b00", "success": "#1d6b3a", "muted": "#4d5866"}
_INK, _LINE, _HEAD = HexColor("#1b2430"), HexColor("#d5dbe3"), HexColor("#1f5fa8")


def pdf(made: Document, drawn: list[Plot]) -> bytes:
    """The PDF's bytes."""
    _load_fonts()
    plots = {plot.name: plot for plot in drawn if plot.theme is LIGHT}
    file = BytesIO()
    paper = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=made.subject,
        subject=made.period,
        lang="id-ID",
    )
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, A4[1] - 2 * _MARGIN, 0, 0, 0, 0)
    paper.addPageTemplates(PageTemplate(frames=[frame], onPage=_foot(made)))
    story: list[Flowable] = [
        Paragraph(escape(made.title), _style(17, bold=True)),
        Paragraph(escape(made.period), _style(11, "muted")),
        Paragraph(escape(made.made_of), _style(8, "muted")),
        Spacer(0, 3 * mm),
        Paragraph(escape(made.headline), _style(11)),
        Spacer(0, 3 * mm),
        _tiles(made),
    ]
    for section in made.sections:
        story += _section(section, plots.get(section.plot))
    paper.build(story)
    return file.getvalue()


def _load_fonts() -> None:
    """Matplotlib brings a family along that has every sign we write."""
    if "Report" in pdfmetrics.getRegisteredFontNames():
        return
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    pdfmetrics.registerFont(TTFont("Report", folder / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("Report-Bold", folder / "DejaVuSans-Bold.ttf"))


def _foot(made: Document) -> Any:
    def draw(canvas: Any, paper: Any) -> None:
        canvas.setFont("Report", 7.5)
        canvas.setFillColor(HexColor(_TONES["muted"]))
        canvas.drawString(_MARGIN, 10 * mm, f"{made.title} · {made.period}")
        page = _("page %(page)s") % {"page": paper.page}
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, page)

    return draw


def _section(section: Section, plot: Plot | None) -> list[Flowable]:
    head: list[Flowable] = [
        Spacer(0, 6 * mm),
        Paragraph(escape(section.title), _style(12.5, bold=True)),
    ]
    if section.lead:
        head.append(Paragraph(escape(section.lead), _style(9, "muted")))
    head.append(Spacer(0, 1.5 * mm))
    body: list[Flowable] = []
    if plot is not None:
        width = 110 * mm
        picture = Image(BytesIO(plot.png), width, width * plot.height / plot.width)
        picture.hAlign = "LEFT"
        body.append(picture)
    if section.rows:
        body.append(_table(section))
    body += [_card(card) for card in section.cards]
    if section.foot:
        body.append(Paragraph(escape(section.foot), _style(8.5, "muted")))
    if not body:
        return [KeepTogether(head)]
    return [KeepTogether([*head, body[0]]), *body[1:]]


def _table(section: Section) -> Table:
    head = [
        Paragraph(escape(column.label), _style(8.5, bold=True, right=column.numeric))
        for column in section.columns
    ]
    rows = [
        [
            Paragraph(_cell(cell), _style(8.5, cell.tone, right=column.numeric))
            for column, cell in zip(section.columns, row, strict=True)
        ]
        for row in section.rows
    ]
    shares = [1.0 if column.numeric else 1.8 for column in section.columns]
    widths = [_WIDTH * share / sum(shares) for share in shares]
    table = Table([head, *rows], widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 1, _HEAD),
                ("LINEBELOW", (0, 1), (-1, -1), 0.5, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def _tiles(made: Document) -> Table:
    row = [
        [
            Paragraph(escape(tile.value), _style(16, tile.tone, bold=True)),
            Paragraph(escape(tile.label), _style(8, "muted")),
        ]
        for tile in made.tiles
    ]
    table = Table([row], [_WIDTH / len(row)] * len(row))
    table.setStyle(
        TableStyle([("BOX", (0, 0), (-1, -1), 0.5, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
    return table


def _card(card: Card) -> Table:
    words = [Paragraph(escape(card.title), _style(9.5, bold=True))]
    words += [Paragraph(escape(line.text), _style(8.5, line.tone)) for line in card.lines]
    picture: Any = ""
    if card.picture:
        width, height = ImageReader(BytesIO(card.picture)).getSize()
        picture = Image(BytesIO(card.picture), 42 * mm, 42 * mm * height / width)
    table = Table([[picture, words]], [46 * mm if card.picture else 2, None])
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    )
    table.hAlign = "LEFT"
    return table


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    if not cell.note:
        return text
    return f'{text}<br/><font size="7" color="{_TONES["muted"]}">{escape(cell.note)}</font>'


def _style(
    size: float, tone: str = "", *, bold: bool = False, right: bool = False
) -> ParagraphStyle:
    return ParagraphStyle(
        "",
        fontName="Report-Bold" if bold else "Report",
        fontSize=size,
        leading=size * 1.35,
        textColor=HexColor(_TONES[tone]) if tone else _INK,
        alignment=2 if right else 0,
    )
