"""The plots of a report as PNG pictures, each for a light page and for a dark one.

Matplotlib without its window system: figures of their own, safe in any thread.
"""

import os
from dataclasses import dataclass
from io import BytesIO
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from maintenance.report.figures import Budget, Figures
from maintenance.report.words import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DARK", "LIGHT", "Plot", "Theme", "plots_of"]

WIDTH = 480  # as shown on a wide screen; the pictures are twice as fine
_INCH = 100
_ROW, _EDGE = 46, 62


@dataclass(frozen=True)
class Theme:
    """Colours of a page. Each differs from the paper by at least 3 : 1, text by 4.5 : 1."""

    name: str
    paper: str
    ink: str
    faint: str
    line: str
    main: str
    before: str
    accent: str


LIGHT = Theme("light", "#ffffff", "#1b2430", "#4d5866", "#d5dbe3", "#1f5fa8", "#7c8fa6", "#b45309")
DARK = Theme("dark", "#1c232d", "#eef2f7", "#b4bfcc", "#3a4553", "#7db4f0", "#8494a8", "#f0b357")


@dataclass(frozen=True)
class Plot:
    """A PNG and its size on the page."""

    name: str
    theme: Theme
    width: int
    height: int
    png: bytes


def plots_of(figures: Figures) -> list[Plot]:
    """Every plot that has something to show, in both themes."""
    found: list[Plot] = []
    for theme in (LIGHT, DARK):
        if figures.areas:
            found.append(_areas(figures, theme))
        if figures.down_camera_days:
            found.append(_causes(figures, theme))
        if figures.budget is not None:
            found.append(_absorption(figures.budget, theme))
    return found


def _areas(figures: Figures, theme: Theme) -> Plot:
    """Uptime by area, this week over the week before."""
    rows = figures.areas_shown[::-1]
    axes = _sheet(theme, _EDGE + _ROW * len(rows))
    for place, each in enumerate(rows):
        now, before = each.availability, each.availability_before
        axes.barh(place + 0.16, 100 * (now or 0), 0.34, color=theme.main, label=_("this week"))
        axes.barh(
            place - 0.2, 100 * (before or 0), 0.22, color=theme.before, label=_("week before")
        )
        _say(axes, theme, 101, place + 0.16, percent(now))
    axes.set_xlim(0, 118)
    axes.set_xticks([0, 25, 50, 75, 100], [f"{tick} %" for tick in (0, 25, 50, 75, 100)])
    axes.set_yticks(range(len(rows)), [_folded(each.name) for each in rows])
    _legend(axes, theme)
    return _done(axes, "areas", theme)


def _causes(figures: Figures, theme: Theme) -> Plot:
    """Camera-days by cause; what waited for procurement stands out."""
    rows = [each for each in figures.causes if each.camera_days][::-1]
    axes = _sheet(theme, _EDGE - 22 + _ROW * max(1, len(rows)) * 3 // 4)
    most = max(each.camera_days for each in rows)
    for place, each in enumerate(rows):
        colour = theme.accent if each.is_procurement else theme.main
        axes.barh(place, each.camera_days, 0.62, color=colour)
        _say(axes, theme, each.camera_days + most * 0.015, place, number(each.camera_days, 1))
    axes.set_xlim(0, most * 1.18)
    axes.set_yticks(range(len(rows)), [_folded(each.label) for each in rows])
    axes.xaxis.set_major_formatter(lambda value, _place: number(value, 0 if most > 4 else 1))
    return _done(axes, "causes", theme)


def _absorption(budget: Budget, theme: Theme) -> Plot:
    """What was paid since January against the plan, in millions of rupiah."""
    axes = _sheet(theme, 250)
    months = range(13)
    planned = [0, *(each.planned_total_rupiah / 10**6 for each in budget.months)]
    paid = [0, *(each.realised_total_rupiah / 10**6 for each in budget.months)]
    seen = budget.months_seen + 1
    ceiling = budget.total.ceiling / 10**6
    axes.axhline(ceiling, color=theme.faint, linewidth=1, label=_("ceiling"))
    axes.plot(months, planned, "--", color=theme.accent, linewidth=2, label=_("planned"))
    axes.plot(list(months)[:seen], paid[:seen], color=theme.main, linewidth=3, label=_("paid"))
    axes.fill_between(list(months)[:seen], paid[:seen], color=theme.main, alpha=0.18, linewidth=0)
    axes.set_xlim(0, 12)
    axes.set_ylim(0, max(ceiling, *planned, *paid, 1) * 1.12)
    axes.set_xticks([0.5 + place for place in range(12)], [str(MONTHS_3[m]) for m in range(1, 13)])
    axes.yaxis.set_major_formatter(lambda value, _place: number(value))
    axes.set_ylabel(_("million rupiah"), color=theme.faint)
    axes.grid(axis="y", color=theme.line, linewidth=1)
    axes.grid(axis="x", visible=False)
    axes.tick_params(axis="x", labelsize=10)
    _legend(axes, theme)
    return _done(axes, "absorption", theme)


def _sheet(theme: Theme, height: int) -> "Axes":
    # It keeps a list of fonts, and looks at this name when it is imported.
    os.environ.setdefault("MPLCONFIGDIR", str(settings.DATA_DIR / "matplotlib"))
    from matplotlib.figure import Figure  # takes a second: only who draws shall wait for it

    figure = Figure((WIDTH / _INCH, height / _INCH), 2 * _INCH, facecolor=theme.paper)
    figure.set_layout_engine("constrained")
    axes: Axes = figure.add_subplot(facecolor=theme.paper)
    axes.tick_params(colors=theme.ink, labelsize=11, length=0)
    axes.grid(axis="x", color=theme.line, linewidth=1)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _say(axes: "Axes", theme: Theme, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, color=theme.ink, fontsize=11, va="center")


def _legend(axes: "Axes", theme: Theme) -> None:
    """Above the plot, each entry once."""
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    axes.figure.legend(
        once.values(),
        once.keys(),
        loc="outside upper left",
        ncols=3,
        frameon=False,
        fontsize=11,
        labelcolor=theme.ink,
    )


def _done(axes: "Axes", name: str, theme: Theme) -> Plot:
    """The picture in few colours: a quarter of the bytes, and nobody sees the difference."""
    from PIL import Image

    figure: Any = axes.figure
    width, height = figure.get_size_inches() * _INCH
    raw, small = BytesIO(), BytesIO()
    figure.savefig(raw, format="png", facecolor=theme.paper)
    with Image.open(raw) as picture:
        picture.convert("RGB").quantize(64).save(small, "PNG", optimize=True)
    return Plot(name, theme, round(width), round(height), small.getvalue())


def _folded(name: str) -> str:
    """A long name in two lines."""
    return fill(shorten(name, 40, placeholder="…"), 20)
