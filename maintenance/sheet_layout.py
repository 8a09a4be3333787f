"""How our printed sheets look: A4, the frame of every page, tables, and texts that printers know.

The standard fonts of PDF are used, which every printer has: they know the Latin alphabet, and what
they do not know is put into it.
"""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

__all__ = [
    "CELL",
    "CELL_HEAD",
    "CENTRED",
    "SMALL",
    "SOFT",
    "TEXT",
    "TITLE",
    "WIDTH",
    "Page",
    "bare",
    "built",
    "cell",
    "day",
    "facts_table",
    "first_up",
    "grid",
    "heading",
    "moment",
    "plain",
    "ruled_table",
    "style",
    "xml",
]

INK = colors.HexColor("#0f172a")
SOFT = colors.HexColor("#475569")
LINE = colors.HexColor("#cbd5e1")
FILL = colors.HexColor("#f1f5f9")
ACCENT = colors.HexColor("#1e3a5f")
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN


def style(name: str, **fields: Any) -> ParagraphStyle:
    """Helvetica of 9 points, but for what is told otherwise."""
    given = {"fontName": "Helvetica", "fontSize": 9, "leading": 11.5, "textColor": INK, **fields}
    return ParagraphStyle(name, **given)


TEXT = style("text")
SMALL = style("small", fontSize=7.5, leading=9.5, textColor=SOFT)
LABEL = style("label", fontSize=8, leading=11.5, textColor=SOFT)
CELL = style("cell", fontSize=8, leading=10)
CELL_HEAD = style("cell-head", fontName="Helvetica-Bold", fontSize=7.5, leading=9.5)
HEADING = style("heading", fontName="Helvetica-Bold", fontSize=8, leading=12, textColor=ACCENT)
TITLE = style("title", fontName="Helvetica-Bold", fontSize=12.5, leading=15)
CENTRED = style("centred", fontSize=8.5, leading=11, alignment=1)


@dataclass(frozen=True)
class Page:
    """What every page says at its top and bottom."""

    title: str
    number: str
    agency: str
    issued: str
    footer: str


def built(story: list[Flowable], page: Page) -> bytes:
    """The PDF: the story on as many pages as it takes, each with the page's frame."""
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=f"{page.title} {page.number}",
        author=page.agency,
        lang="id",
        leftMargin=MARGIN,
        rightMargin=MARGIN,
    )
    frame = Frame(MARGIN, 14 * mm, WIDTH, A4[1] - 40 * mm, 0, 0, 0, 0)
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


def _frame_page(canvas: Canvas, page: Page, number: int, of: int) -> None:
    top = A4[1] - 12 * mm
    canvas.setFillColor(SOFT)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(MARGIN, top - 2, page.agency)
    canvas.setFillColor(ACCENT)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(MARGIN, top - 21, page.title.upper())
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawRightString(A4[0] - MARGIN, top - 4, page.number)
    canvas.setFillColor(SOFT)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawRightString(A4[0] - MARGIN, top - 19, f"Jakarta, {page.issued}")
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(1.4)
    canvas.line(MARGIN, top - 30, A4[0] - MARGIN, top - 30)
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(MARGIN, 9 * mm, page.footer)
    canvas.drawRightString(
        A4[0] - MARGIN,
        9 * mm,
        _("%(number)s · page %(page)s of %(of)s")
        % {"number": page.number, "page": number, "of": of},
    )


def facts_table(rows: list[list[str]], width: float, first: float) -> Table:
    """Names and values, a line each."""
    table = Table(
        [[Paragraph(xml(name), LABEL), Paragraph(xml(value), TEXT)] for name, value in rows],
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
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ]
        )
    )
    return table


def ruled_table(rows: list[list[Any]], widths: list[float], repeat: int = 1) -> Table:
    """A table with lines, whose first rows come again on every page."""
    table = Table(rows, colWidths=widths, repeatRows=repeat)
    table.setStyle(grid())
    return table


def grid(head: bool = True) -> TableStyle:
    """Lines around every cell."""
    commands: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    if head:
        commands.append(("BACKGROUND", (0, 0), (-1, 0), FILL))
    return TableStyle(commands)


def bare(more: Sequence[Any] = ()) -> TableStyle:
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


def heading(words: str) -> Paragraph:
    """The name of a part of the page."""
    return Paragraph(xml(words.upper()), HEADING)


def cell(words: str) -> Paragraph:
    """What stands in a cell; it may take several lines."""
    return Paragraph(xml(words), CELL)


def day(at: Any) -> str:
    """A day, or the day of a moment."""
    return date_format(timezone.localtime(at) if isinstance(at, datetime) else at, "j F Y")


def moment(at: datetime) -> str:
    """A moment to the minute."""
    return date_format(timezone.localtime(at), "j F Y H.i")


def first_up(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def xml(words: str) -> str:
    """For a Paragraph, which reads its text as a kind of HTML; lines stay lines."""
    return escape(plain(words)).replace("\n", "<br/>")


def plain(words: str) -> str:
    """The text in the characters that the standard fonts have."""
    kept = []
    for each in words:
        try:
            each.encode("cp1252")
        except UnicodeEncodeError:
            each = unicodedata.normalize("NFKD", each).encode("ascii", "ignore").decode() or "?"
        kept.append(each if each.isprintable() or each == "\n" else " ")
    return "".join(kept)
