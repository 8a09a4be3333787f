"""The order in which several sites are visited: short, without a map of the streets.

From the northernmost site, always to the nearest that is left; then pieces of the way are turned
round for as long as that makes it shorter, which undoes the crossings that the greedy way leaves.
Sites without coordinates come last, in their own order.
"""

import itertools
import math
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Place", "distance_km", "length_km", "visiting_order"]

Place = tuple[float, float]  # latitude, longitude
_Key = TypeVar("_Key")
_EARTH_KM = 6371.0
_MOST_TURNS = 200  # of pieces; far more than any day's tour needs


def distance_km(one: Place, other: Place) -> float:
    """As the crow flies; within a city the earth is flat enough."""
    middle = math.radians((one[0] + other[0]) / 2)
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * math.cos(middle)
    return _EARTH_KM * math.hypot(north, east)


def length_km(places: Sequence[Place]) -> float:
    """The whole way, from the first to the last."""
    return sum(distance_km(a, b) for a, b in itertools.pairwise(places))


def visiting_order(stops: Sequence[tuple[_Key, Place | None]]) -> list[_Key]:
    """The keys in the order in which to visit them."""
    known = {key: place for key, place in stops if place is not None}
    unknown = [key for key, place in stops if place is None]
    if len(known) < 3:
        return [*known, *unknown]
    left = sorted(known, key=lambda key: (-known[key][0], known[key][1]))
    order = [left.pop(0)]
    while left:
        here = known[order[-1]]
        nearest = min(left, key=lambda key: distance_km(here, known[key]))
        left.remove(nearest)
        order.append(nearest)
    return [*_untangled(order, known), *unknown]


def _untangled(order: list[_Key], places: dict[_Key, Place]) -> list[_Key]:
    for _turn in range(_MOST_TURNS):
        better = _one_turn(order, places)
        if better is None:
            break
        order = better
    return order


def _one_turn(order: list[_Key], places: dict[_Key, Place]) -> list[_Key] | None:
    """The way with one piece turned round, if any such is shorter; the beginning stays."""
    way = [places[key] for key in order]
    for first in range(1, len(order) - 1):
        for last in range(first + 1, len(order)):
            old = distance_km(way[first - 1], way[first])
            new = distance_km(way[first - 1], way[last])
            if last + 1 < len(order):
                old += distance_km(way[last], way[last + 1])
                new += distance_km(way[first], way[last + 1])
            if new < old - 1e-9:
                return [*order[:first], *reversed(order[first : last + 1]), *order[last + 1 :]]
    return None
