"""Absorption as a picture: where the lines and bars of the chart are. Pure; a template draws it."""

from dataclasses import dataclass

from maintenance.absorption import Absorption

__all__ = ["Bar", "Chart", "chart_of"]

WIDTH, HEIGHT = 720, 200
_LEFT, _TOP, _BOTTOM = 8, 16, 24
_SLOT = (WIDTH - 2 * _LEFT) / 12


@dataclass(frozen=True)
class Bar:
    """A month's payment; the text stands at its foot."""

    x: float
    y: float
    width: float
    height: float
    month: int
    rupiah: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Chart:
    """Coordinates in a box of `width` × `height`; paths as SVG's `points`."""

    width: int
    height: int
    bars: list[Bar]
    planned: str
    realised: str
    forecast: str
    ceiling_y: float


def chart_of(absorption: Absorption, months_seen: int) -> Chart:
    """Running totals of plan and payments to `months_seen` (0–12), and the forecast from there."""
    months = absorption.months
    ceiling = absorption.balance.ceiling
    most = max(ceiling, months[-1].planned_total_rupiah, months[-1].realised_total_rupiah, 1)

    def y(rupiah: int) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        return round(HEIGHT - _BOTTOM - room * max(0, rupiah) / most, 1)

    def x(month: int) -> float:
        return round(_LEFT + _SLOT * month, 1)  # the end of the month

    def path(points: list[tuple[int, int]]) -> str:
        return " ".join(f"{x(month)},{y(rupiah)}" for month, rupiah in points)

    seen = months[:months_seen]
    realised = [(0, 0)] + [(each.month, each.realised_total_rupiah) for each in seen]
    return Chart(
        WIDTH,
        HEIGHT,
        [
            Bar(
                round(x(each.month - 1) + _SLOT * 0.2, 1),
                y(each.realised_rupiah),
                round(_SLOT * 0.6, 1),
                round(HEIGHT - _BOTTOM - y(each.realised_rupiah), 1),
                each.month,
                each.realised_rupiah,
            )
            for each in months
        ],
        path([(0, 0)] + [(each.month, each.planned_total_rupiah) for each in months]),
        path(realised),
        path([realised[-1], (12, absorption.forecast.realised_rupiah)]),
        y(ceiling),
    )
