"""A small sketch of where sites lie to each other, drawn from coordinates alone: no map is fetched.

North is up. A grid shows the distances; neighbours stand small and grey, so that whoever knows the
city finds the place among those that he knows.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, Rect, String
from reportlab.lib import colors
from reportlab.pdfbase.pdfmetrics import stringWidth

from maintenance.tours import Place

__all__ = ["Mark", "sketch"]

_FONT, _BOLD = "Helvetica", "Helvetica-Bold"
_PAPER = colors.HexColor("#f8fafc")
_GRID = colors.HexColor("#e2e8f0")
_INK = colors.HexColor("#334155")
_GREY = colors.HexColor("#94a3b8")
_RED = colors.HexColor("#b91c1c")
_KM_PER_DEGREE = 111.195
_STEPS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_MARGIN = 0.16  # of the width, for labels
_LEAST_KM = 0.6  # a single site is not looked at from nearer


@dataclass(frozen=True)
class Mark:
    """A site on the sketch. `number`: its turn on the tour; without one, it is a neighbour."""

    label: str
    place: Place
    number: str = ""


class _Ground:
    """Where coordinates fall on the paper."""

    def __init__(self, places: Sequence[Place], width: float, height: float) -> None:
        latitudes, longitudes = [p[0] for p in places], [p[1] for p in places]
        self.middle = (
            (min(latitudes) + max(latitudes)) / 2,
            (min(longitudes) + max(longitudes)) / 2,
        )
        self.east_km = _KM_PER_DEGREE * math.cos(math.radians(self.middle[0]))
        tall = max((max(latitudes) - min(latitudes)) * _KM_PER_DEGREE, _LEAST_KM)
        wide = max((max(longitudes) - min(longitudes)) * self.east_km, _LEAST_KM)
        usable = 1 - 2 * _MARGIN
        self.per_km = min(usable * width / wide, usable * height / tall)
        self.width, self.height = width, height

    def at(self, place: Place) -> tuple[float, float]:
        x = (place[1] - self.middle[1]) * self.east_km * self.per_km + self.width / 2
        y = (place[0] - self.middle[0]) * _KM_PER_DEGREE * self.per_km + self.height / 2
        return x, y

    def step_km(self) -> float:
        """A round distance that takes about a fifth of the width."""
        wanted = self.width / 5 / self.per_km
        return min(_STEPS_KM, key=lambda step: abs(math.log(step / wanted)))


def sketch(
    marks: Sequence[Mark], width: float, height: float, with_way: bool = False
) -> Drawing | None:
    """The drawing, `width` × `height` points; None when nothing has coordinates.

    `with_way` joins the numbered marks in their order.
    """
    if not marks:
        return None
    ground = _Ground([mark.place for mark in marks], width, height)
    drawing = Drawing(width, height)
    drawing.add(Rect(0, 0, width, height, fillColor=_PAPER, strokeColor=_GRID))
    _draw_grid(drawing, ground)
    chosen = [mark for mark in marks if mark.number]
    if with_way:
        for one, other in itertools.pairwise(chosen):
            (x1, y1), (x2, y2) = ground.at(one.place), ground.at(other.place)
            line = Line(x1, y1, x2, y2, strokeColor=_RED, strokeWidth=1.1)
            line.strokeDashArray = [3, 2]
            drawing.add(line)
    labels = _Labels(drawing, width, height)
    for mark in chosen:
        labels.keep_free(*ground.at(mark.place), 8)
    for mark in marks:
        if not mark.number:
            labels.keep_free(*ground.at(mark.place), 3)
    for mark in chosen:
        _draw_chosen(drawing, labels, mark, *ground.at(mark.place))
    for mark in marks:
        if not mark.number:
            _draw_neighbour(drawing, labels, mark, *ground.at(mark.place))
    _draw_north(drawing, width, height)
    _draw_scale(drawing, ground)
    return drawing


def _draw_grid(drawing: Drawing, ground: _Ground) -> None:
    step = ground.step_km() * ground.per_km
    for size, is_upright in ((ground.width, True), (ground.height, False)):
        at = (size / 2) % step
        while at < size:
            ends = (at, 0, at, ground.height) if is_upright else (0, at, ground.width, at)
            drawing.add(Line(*ends, strokeColor=_GRID, strokeWidth=0.5))
            at += step


def _draw_chosen(drawing: Drawing, labels: "_Labels", mark: Mark, x: float, y: float) -> None:
    drawing.add(Circle(x, y, 7, fillColor=_RED, strokeColor=colors.white, strokeWidth=1.2))
    drawing.add(
        String(
            x,
            y - 2.8,
            mark.number,
            fontName=_BOLD,
            fontSize=8,
            fillColor=colors.white,
            textAnchor="middle",
        )
    )
    labels.put(mark.label, x, y, 9, _BOLD, 7.5, colors.HexColor("#0f172a"))


def _draw_neighbour(drawing: Drawing, labels: "_Labels", mark: Mark, x: float, y: float) -> None:
    drawing.add(Circle(x, y, 2.2, fillColor=_GREY, strokeColor=None))
    labels.put(mark.label, x, y, 4, _FONT, 6.5, colors.HexColor("#64748b"))


def _draw_north(drawing: Drawing, width: float, height: float) -> None:
    x, y = width - 12, height - 24
    drawing.add(
        Polygon([x, y + 12, x - 4, y, x, y + 3, x + 4, y], fillColor=_INK, strokeColor=None)
    )
    drawing.add(
        String(
            x, y + 14, "U", fontName=_BOLD, fontSize=7, fillColor=_INK, textAnchor="middle"
        )  # utara
    )


def _draw_scale(drawing: Drawing, ground: _Ground) -> None:
    step = ground.step_km()
    long = step * ground.per_km
    x, y = 8, 9
    words = f"{step:g} km".replace(".", ",") if step >= 1 else f"{step * 1000:g} m"
    drawing.add(Rect(x - 4, y - 5, long + 8, 19, fillColor=_PAPER, strokeColor=None))
    drawing.add(Line(x, y, x + long, y, strokeColor=_INK, strokeWidth=1.2))
    for end in (x, x + long):
        drawing.add(Line(end, y - 2, end, y + 2, strokeColor=_INK, strokeWidth=1.2))
    drawing.add(
        String(
            x + long / 2,
            y + 4,
            words,
            fontName=_FONT,
            fontSize=6.5,
            fillColor=_INK,
            textAnchor="middle",
        )
    )


class _Labels:
    """Puts names beside marks, where none stands yet; one that finds no room is left out."""

    def __init__(self, drawing: Drawing, width: float, height: float) -> None:
        self.drawing, self.width, self.height = drawing, width, height
        # The scale and the arrow have their corners.
        self.taken = [(0.0, 0.0, 90.0, 24.0), (width - 24, height - 30, width, height)]

    def keep_free(self, x: float, y: float, radius: float) -> None:
        self.taken.append((x - radius, y - radius, x + radius, y + radius))

    def put(
        self, text: str, x: float, y: float, away: float, font: str, size: float, colour: object
    ) -> None:
        wide = stringWidth(text, font, size)
        for left, bottom in (
            (x + away, y - size * 0.35),
            (x - away - wide, y - size * 0.35),
            (x - wide / 2, y + away),
            (x - wide / 2, y - away - size * 0.8),
        ):
            box = (left - 1, bottom - size * 0.25, left + wide + 1, bottom + size * 0.85)
            if self._is_free(box):
                self.taken.append(box)
                self.drawing.add(
                    String(left, bottom, text, fontName=font, fontSize=size, fillColor=colour)
                )
                return

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, bottom, right, top = box
        if left < 2 or bottom < 2 or right > self.width - 2 or top > self.height - 2:
            return False
        return all(
            right <= one[0] or left >= one[2] or top <= one[1] or bottom >= one[3]
            for one in self.taken
        )
