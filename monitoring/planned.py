"""Planned work, resolved: which cameras a window covers, through sites, uplinks and areas."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from cameras.models import Area, Camera, Uplink
from cameras.trees import Tree
from monitoring.models import PlannedWork

__all__ = ["Cover", "Window", "cover", "cover_of", "windows", "works_on"]

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Cover:
    """What is covered: cameras, sites, uplinks and areas by their numbers, subtrees included."""

    cameras: set[int] = field(default_factory=set)
    sites: set[int] = field(default_factory=set)
    uplinks: set[int] = field(default_factory=set)
    areas: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.cameras or self.sites or self.uplinks or self.areas)

    def includes(self, camera: Camera) -> bool:
        """Whether it covers this camera. Reads camera.site: fetch it along."""
        return self.has(camera.pk, camera.site_id, camera.uplink_id, camera.site.area_id)

    def has(self, camera: int, site: int, uplink: int | None, area: int) -> bool:
        """The same, by numbers."""
        return (
            camera in self.cameras
            or site in self.sites
            or uplink in self.uplinks
            or area in self.areas
        )

    @property
    def condition(self) -> Q:
        """For a queryset of cameras: those that it covers."""
        return (
            Q(pk__in=self.cameras)
            | Q(site__in=self.sites)
            | Q(uplink__in=self.uplinks)
            | Q(site__area__in=self.areas)
        )


def cover(now: datetime, areas: Tree | None = None) -> Cover:
    """What planned work covers at this moment: one query, and one each for the trees it needs.

    `areas`: their tree, where somebody has read it.
    """
    return _cover_of(PlannedWork.objects.during(now, now), _Trees(areas))


def windows(
    begin: datetime, end: datetime, cameras: Iterable[int] | None = None
) -> dict[int, list[Window]]:
    """The planned times between two moments of each camera that has any; of all without `cameras`.

    Windows may overlap. Where no work was planned, it is one query.
    """
    works = list(PlannedWork.objects.during(begin, end))
    if not works:
        return {}
    found: dict[int, list[Window]] = defaultdict(list)
    asked = Camera.objects.all() if cameras is None else Camera.objects.filter(pk__in=cameras)
    trees = _Trees()
    covers = [(_cover_of([work], trees), (work.begins_at, work.ends_at)) for work in works]
    for pk, site, uplink, area in asked.order_by().values_list(
        "pk", "site_id", "uplink_id", "site__area_id"
    ):
        for covered, window in covers:
            if covered.has(pk, site, uplink, area):
                found[pk].append(window)
    return dict(found)


def works_on(camera: Camera, since: datetime) -> list[PlannedWork]:
    """The planned work on this camera that ends after this moment, the next first."""
    trees = _Trees()
    works = PlannedWork.objects.filter(ends_at__gt=since).order_by("begins_at", "pk")
    return [work for work in works if _cover_of([work], trees).includes(camera)]


def cover_of(work: PlannedWork) -> Cover:
    """What this work covers, saved or not."""
    return _cover_of([work])


class _Trees:
    """The trees of uplinks and areas, read when they are first needed."""

    def __init__(self, areas: Tree | None = None) -> None:
        self._uplinks: Tree | None = None
        self._areas = areas

    @property
    def uplinks(self) -> Tree:
        if self._uplinks is None:
            self._uplinks = Uplink.objects.tree()
        return self._uplinks

    @property
    def areas(self) -> Tree:
        if self._areas is None:
            self._areas = Tree.of(Area.objects.order_by().values_list("pk", "parent_id"))
        return self._areas


def _cover_of(works: Iterable[PlannedWork], trees: _Trees | None = None) -> Cover:
    covered, trees = Cover(), trees or _Trees()
    for work in works:
        if work.camera_id:
            covered.cameras.add(work.camera_id)
        elif work.site_id:
            covered.sites.add(work.site_id)
        elif work.uplink_id:
            covered.uplinks.update(trees.uplinks.below(work.uplink_id))
        elif work.area_id:
            covered.areas.update(trees.areas.below(work.area_id))
    return covered
