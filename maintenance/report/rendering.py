"""Figures → the letter: HTML for mail programs, plain text, pictures, a workbook and a PDF."""

import re
from collections.abc import Iterable
from textwrap import wrap

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from maintenance.report import plots
from maintenance.report.figures import Figures
from maintenance.report.mailing import Attachment, Letter
from maintenance.report.parts import Cell, Document, Section
from maintenance.report.sections import document

__all__ = ["inlined", "render"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEXT_WIDTH = 76
# What stands in <style> only for dark and narrow screens stays there; the rest goes into the tags,
# for mail programs that drop <style>.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_BETWEEN_TAGS = re.compile(r">\s+<")


def render(figures: Figures) -> tuple[str, Letter]:
    """The headline, and the whole letter, in the language of the city.

    What writes its attachments is imported here: once a week, not whenever a process starts.
    """
    from maintenance.report import pdf, workbook

    with translation.override(settings.LANGUAGE_CODE):
        made = document(figures)
        drawn = plots.plots_of(figures)
        stem = f"laporan-{figures.week}-{re.sub(r'[^A-Za-z0-9.]+', '-', figures.scope_key)}"
        attachments = [
            *_pictures(made, drawn),
            Attachment(f"{stem}.xlsx", XLSX, workbook.workbook(figures, made)),
            Attachment(f"{stem}.pdf", "application/pdf", pdf.pdf(made, drawn)),
        ]
        html = _html(made, drawn)
        return made.headline, Letter(made.subject, _text(made), html, tuple(attachments))


def inlined(html: str) -> str:
    """A page as mail programs read it: styles in the tags, and no blanks between them."""
    return _INLINER.inline(_BETWEEN_TAGS.sub("> <", html))


def _pictures(made: Document, drawn: Iterable[plots.Plot]) -> list[Attachment]:
    found = []
    for plot in drawn:
        name = f"{plot.name}-{plot.theme.name}"
        found.append(Attachment(f"{name}.png", "image/png", plot.png, name))
    for section in made.sections:
        for number, card in enumerate(section.cards, 1):
            if card.picture:
                name = f"{section.key}-{number}"
                found.append(Attachment(f"{name}.jpg", "image/jpeg", card.picture, name))
    return found


def _html(made: Document, drawn: list[plots.Plot]) -> str:
    sizes = {plot.name: plot for plot in drawn}
    sections = [
        {
            "section": section,
            "plot": sizes.get(section.plot),
            "rows": [list(zip(section.columns, row, strict=True)) for row in section.rows],
            "cards": [
                (card, f"{section.key}-{number}" if card.picture else "")
                for number, card in enumerate(section.cards, 1)
            ],
        }
        for section in made.sections
    ]
    tiles = [made.tiles[at : at + 2] for at in range(0, len(made.tiles), 2)]
    context = {
        "made": made,
        "sections": sections,
        "tiles": tiles,
        "language": settings.LANGUAGE_CODE,
        "address": settings.SITE_ADDRESS,
        "light": plots.LIGHT,
        "dark": plots.DARK,
    }
    return inlined(render_to_string("mail/report.html", context))


def _text(made: Document) -> str:
    """The same for those who read mail as text."""
    head = [made.title, made.period, "", *wrap(made.headline, _TEXT_WIDTH)]
    parts = ["\n".join(head)]
    parts += ["\n".join(_section(each)) for each in made.sections]
    context = {"parts": parts, "made": made, "address": settings.SITE_ADDRESS}
    lines = render_to_string("mail/report.txt", context).splitlines()
    return "\n".join(
        "\n".join(wrap(line, _TEXT_WIDTH)) if len(line) > _TEXT_WIDTH else line for line in lines
    )


def _section(section: Section) -> list[str]:
    lines = [section.title.upper(), *wrap(section.lead, _TEXT_WIDTH)]
    if section.lead and (section.rows or section.cards):
        lines.append("")
    lines += _table(section)
    for card in section.cards:
        lines.append(f"* {card.title}")
        for line in card.lines:
            lines += [f"  {each}" for each in wrap(line.text, _TEXT_WIDTH - 2)]
    if section.foot:
        lines.append(section.foot)
    return lines


def _table(section: Section) -> list[str]:
    """Columns under each other where there is room, else one row after the other."""
    if not section.rows:
        return []
    labels = [column.label for column in section.columns]
    cells = [labels, *([_cell(cell) for cell in row] for row in section.rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(labels))]
    if sum(widths) + 2 * len(widths) > _TEXT_WIDTH:
        return [line for row in section.rows for line in _record(section, row)]
    return [
        "  ".join(
            text.rjust(width) if column.numeric else text.ljust(width)
            for text, width, column in zip(row, widths, section.columns, strict=True)
        ).rstrip()
        for row in cells
    ]


def _record(section: Section, row: list[Cell]) -> list[str]:
    rest = [
        f"{column.label}: {_cell(cell)}"
        for column, cell in zip(section.columns[1:], row[1:], strict=True)
        if cell.text
    ]
    told = wrap("; ".join(rest), _TEXT_WIDTH - 2)
    return [f"* {_cell(row[0])}", *(f"  {line}" for line in told)]


def _cell(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text
