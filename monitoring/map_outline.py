"""The outline under the map: areas from a GeoJSON file, and where a place comes to lie on a sheet.

The sheet is drawn in the Mercator projection of web maps, so that tiles fit under it where somebody
has configured a server of them. docs/map.md says where the outline shipped comes from.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

__all__ = ["SHIPPED", "Box", "Outline", "Shape", "Sheet", "read_outline"]

SHIPPED = Path(__file__).parent / "data" / "jakarta.geojson"

_TILE = 256  # pixels of a tile's side
_MOST_TILES = 40
_DEEPEST = 17
_LEAST_SIDE = 1e-4  # degrees: ten metres; addresses of pages have five digits


@dataclass(frozen=True)
class Box:
    """A part of the world, in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> "Box | None":
        """From `west,south,east,north`; None when it is no such thing."""
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            return None
        is_box = -180 <= west < east <= 180 and -85 <= south < north <= 85
        is_box &= min(east - west, north - south) >= _LEAST_SIDE
        return cls(west, south, east, north) if is_box else None

    @classmethod
    def around(cls, places: Iterable[tuple[float, float]]) -> "Box | None":
        """The smallest that holds these (longitude, latitude); None without any."""
        found = list(places)
        if not found:
            return None
        xs, ys = [x for x, _y in found], [y for _x, y in found]
        return cls(min(xs), min(ys), max(xs), max(ys))

    def grown(self, share: float, least: float = 0.002) -> "Box":
        """With a margin: a share of its size, at least so many degrees."""
        x = max((self.east - self.west) * share, least)
        y = max((self.north - self.south) * share, least)
        return Box(
            max(-180.0, self.west - x),
            max(-85.0, self.south - y),
            min(180.0, self.east + x),
            min(85.0, self.north + y),
        )

    def holds(self, longitude: float, latitude: float) -> bool:
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north

    def __str__(self) -> str:
        return ",".join(f"{side:.5f}" for side in (self.west, self.south, self.east, self.north))


@dataclass(frozen=True)
class Shape:
    """An area's rings of (longitude, latitude)."""

    code: str
    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def places(self) -> Iterator[tuple[float, float]]:
        return (place for ring in self.rings for place in ring)

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of mass of its largest ring, where the name is written."""
        ring = max(self.rings, key=lambda each: abs(_twice_area(each)))
        twice = _twice_area(ring)
        if not twice:
            return ring[0]
        pairs = list(pairwise(ring))
        x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs)
        y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs)
        return x / (3 * twice), y / (3 * twice)


@dataclass(frozen=True)
class Outline:
    """What a file of areas says."""

    shapes: tuple[Shape, ...]
    credit: str


@dataclass(frozen=True)
class Sheet:
    """A drawing of a box, `width` pixels wide and as high as the projection makes it."""

    box: Box
    width: int

    @property
    def height(self) -> int:
        west, north = _mercator(self.box.west, self.box.north)
        east, south = _mercator(self.box.east, self.box.south)
        return max(1, round(self.width * (south - north) / (east - west)))

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        x, y = _mercator(longitude, latitude)
        west, north = _mercator(self.box.west, self.box.north)
        return (x - west) * self._scale, (y - north) * self._scale

    def world(self, x: float, y: float) -> tuple[float, float]:
        """Back again: the (longitude, latitude) of a pixel."""
        west, north = _mercator(self.box.west, self.box.north)
        at_x, at_y = west + x / self._scale, north + y / self._scale
        latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * at_y))))
        return at_x * 360 - 180, latitude

    def path(self, shape: Shape) -> str:
        """The shape as the `d` of an SVG path."""
        return "".join(
            "M" + "L".join("{:.1f} {:.1f}".format(*self.place(*place)) for place in ring) + "Z"
            for ring in shape.rings
        )

    def tiles(self, address: str) -> list[dict[str, Any]]:
        """The tiles under the sheet: where each is asked for, and where it lies."""
        level = min(_DEEPEST, max(0, round(math.log2(self._scale / _TILE))))
        count = 2**level
        west, north = _mercator(self.box.west, self.box.north)
        east, south = _mercator(self.box.east, self.box.south)
        columns = range(int(west * count), min(count - 1, int(east * count)) + 1)
        rows = range(int(north * count), min(count - 1, int(south * count)) + 1)
        if len(columns) * len(rows) > _MOST_TILES:
            return []
        side = self._scale / count
        return [
            {
                "url": address.format(z=level, x=column, y=row),
                "x": f"{(column / count - west) * self._scale:.1f}",
                "y": f"{(row / count - north) * self._scale:.1f}",
                "side": f"{side:.1f}",
            }
            for row in rows
            for column in columns
        ]

    @property
    def _scale(self) -> float:
        """Pixels of the whole world's width."""
        west, _north = _mercator(self.box.west, 0)
        east, _south = _mercator(self.box.east, 0)
        return self.width / (east - west)


@lru_cache(maxsize=4)
def read_outline(file: Path) -> Outline:
    """The areas in a GeoJSON file. Raises OSError when it cannot be read, and ValueError when it
    holds none.

    Read once a process. An area's `code` and `name` are among its properties; anything that is no
    polygon is passed over.
    """
    read = json.loads(file.read_text(encoding="utf-8"))
    try:
        shapes = list(_shapes(read.get("features", [])))
    except (AttributeError, TypeError) as error:  # other JSON
        raise ValueError(f"{file} is no GeoJSON: {error}") from None
    if not shapes:
        raise ValueError(f"{file} holds no areas")
    return Outline(tuple(shapes), str(read.get("credit", "")))


def _shapes(features: Iterable[Any]) -> Iterator[Shape]:
    for feature in features:
        geometry, facts = feature.get("geometry") or {}, feature.get("properties") or {}
        given = geometry.get("coordinates", [])
        kind = str(geometry.get("type"))
        polygons = {"Polygon": [given], "MultiPolygon": given}.get(kind, [])
        rings = tuple(
            tuple((float(x), float(y)) for x, y, *_height in ring)
            for polygon in polygons
            for ring in polygon
        )
        if rings:
            code, name = str(facts.get("code", "")), str(facts.get("name", ""))
            yield Shape(code, name, rings)


def _mercator(longitude: float, latitude: float) -> tuple[float, float]:
    """As shares of the world's width, from its north-western corner."""
    y = math.asinh(math.tan(math.radians(latitude)))
    return (longitude + 180) / 360, (1 - y / math.pi) / 2


def _twice_area(ring: tuple[tuple[float, float], ...]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
