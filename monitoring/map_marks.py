"""The marks on the map: cameras by site, and sites that would cover each other drawn as one.

A mark says how many cameras it stands for and how many of them are faulty. Sites are brought
together on a grid, so that twenty thousand cameras are some hundred marks; a mark of several sites
leads to a closer look, a mark of one to its cameras.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitoring.map_outline import Box, Sheet
from monitoring.verdicts import Verdict

__all__ = ["Mark", "SiteCount", "marks_of"]

_CELL = 44  # pixels; a mark of several sites is about as wide


@dataclass(frozen=True)
class SiteCount:
    """How many cameras of a site have a verdict."""

    site: int
    name: str
    longitude: float
    latitude: float
    verdict: str
    cameras: int


@dataclass
class Mark:
    """One site, or several that lie together; its verdict is the worst and most frequent one."""

    x: float = 0
    y: float = 0
    sites: dict[int, str] = field(default_factory=dict)
    by_verdict: dict[Verdict, int] = field(default_factory=lambda: defaultdict(int))
    box: Box | None = None

    @property
    def cameras(self) -> int:
        return sum(self.by_verdict.values())

    @property
    def faulty(self) -> int:
        return sum(number for verdict, number in self.by_verdict.items() if verdict.is_faulty)

    @property
    def verdict(self) -> Verdict:
        """A faulty one if there is any; else healthy before what is not known."""
        faulty = [verdict for verdict in self.by_verdict if verdict.is_faulty]
        if faulty:
            return max(faulty, key=lambda verdict: (self.by_verdict[verdict], verdict))
        return Verdict.HEALTHY if Verdict.HEALTHY in self.by_verdict else Verdict.PENDING

    @property
    def radius(self) -> float:
        """Pixels: a site is a dot, several are a disc that has room for a number."""
        return 6.5 if len(self.sites) == 1 else min(22.0, 12 + len(str(self.cameras)) * 2.5)


def marks_of(counts: Iterable[SiteCount], sheet: Sheet) -> list[Mark]:
    """The marks of a sheet, the faulty ones last, so that they lie on top."""
    cells: dict[tuple[int, int], list[tuple[float, float, SiteCount]]] = defaultdict(list)
    for count in counts:
        if sheet.box.holds(count.longitude, count.latitude):
            x, y = sheet.place(count.longitude, count.latitude)
            cells[int(x // _CELL), int(y // _CELL)].append((x, y, count))
    marks = [_mark(members) for members in cells.values()]
    return sorted(marks, key=lambda mark: (mark.faulty > 0, mark.faulty, mark.y))


def _mark(members: list[tuple[float, float, SiteCount]]) -> Mark:
    mark = Mark()
    for _x, _y, count in members:
        mark.sites[count.site] = count.name
        mark.by_verdict[Verdict(count.verdict)] += count.cameras
    mark.x = sum(x for x, _y, _count in members) / len(members)
    mark.y = sum(y for _x, y, _count in members) / len(members)
    mark.box = Box.around((count.longitude, count.latitude) for _x, _y, count in members)
    return mark
