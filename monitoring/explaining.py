"""Explaining: which uplink's outage explains that cameras went dark together. Pure.

An uplink explains it when, within one window of time, all of its cameras went dark (at least
two), or most of them (`share`, at least `least`); its cameras are all those behind it, through
other uplinks too. Cameras that were dark before the window say nothing either way.

Of the uplinks that explain it, the highest is blamed: when a provider fails, so do all switches
and NVRs behind it. But not higher than needed: an uplink is not blamed for what happened behind
one of its children alone, while cameras behind the others are lit.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cameras.trees import Tree


@dataclass(frozen=True)
class Seen:
    """A camera behind an uplink, and since when it has been confirmed to be dark; None if lit."""

    camera_id: int
    uplink_id: int
    dark_since: datetime | None


@dataclass(frozen=True)
class Rules:
    """What counts as going dark together; what began before `earliest` is no news."""

    window: timedelta
    share: float = 0.8
    least: int = 3
    earliest: datetime | None = None


@dataclass(frozen=True)
class Outage:
    """An uplink's outage: since when, and the cameras that it took."""

    uplink_id: int
    began: datetime
    camera_ids: frozenset[int]


def explain(tree: Tree, cameras: Iterable[Seen], rules: Rules) -> list[Outage]:
    """The outages that explain what is seen, the highest uplinks that do, none within another."""
    behind: dict[int, list[Seen]] = defaultdict(list)
    roots: dict[int, None] = {}
    for camera in cameras:
        path = list(tree.upwards(camera.uplink_id))
        roots[path[-1]] = None
        for uplink_id in path:
            behind[uplink_id].append(camera)
    found: list[Outage] = []
    waiting = list(roots)
    while waiting:
        uplink_id = waiting.pop()
        outage = went_dark_together(uplink_id, behind[uplink_id], rules)
        children = [child for child in tree.children(uplink_id) if child in behind]
        if outage is None:
            waiting += children
        else:
            found.append(_as_low_as_it_explains(outage, tree, behind, rules))
    return found


def went_dark_together(uplink_id: int, cameras: list[Seen], rules: Rules) -> Outage | None:
    """The outage, if so many of these cameras went dark within one window; else None."""
    dark = sorted((each.dark_since, each.camera_id) for each in cameras if each.dark_since)
    times = [since for since, _camera_id in dark]
    for first, began in enumerate(times):
        if rules.earliest and began < rules.earliest:
            continue
        end = bisect_right(times, began + rules.window)
        together, others = end - first, len(cameras) - first  # without those dark before
        if together == others >= 2 or (others >= rules.least and together >= rules.share * others):
            took = frozenset(camera_id for _since, camera_id in dark[first:end])
            return Outage(uplink_id, began, took)
    return None


def _as_low_as_it_explains(
    outage: Outage, tree: Tree, behind: dict[int, list[Seen]], rules: Rules
) -> Outage:
    """The same outage, blamed on the highest uplink below with as few lit cameras as possible."""
    best, lit = outage, _lit(behind[outage.uplink_id])
    at: Outage | None = outage
    while at is not None:
        children = [child for child in tree.children(at.uplink_id) if child in behind]
        below = (went_dark_together(child, behind[child], rules) for child in children)
        at = next((each for each in below if each and each.camera_ids >= outage.camera_ids), None)
        if at is not None and _lit(behind[at.uplink_id]) < lit:
            best, lit = at, _lit(behind[at.uplink_id])
    return best


def _lit(cameras: list[Seen]) -> int:
    return sum(camera.dark_since is None for camera in cameras)
