"""Whose cameras a report is about: the whole city's, an agency's, or an area's."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from cameras.models import Agency, Area, Camera, of_agency
from cameras.trees import Tree

__all__ = ["Scope"]


@dataclass(frozen=True)
class Scope:
    """An agency, an area, or neither: everything."""

    agency: Agency | None = None
    area: Area | None = None

    @property
    def key(self) -> str:
        """What tells it from others: `all`, `agency:SATPOL`, `area:31.71`."""
        if self.agency is not None:
            return f"agency:{self.agency.code}"
        return f"area:{self.area.code}" if self.area is not None else "all"

    @property
    def title(self) -> str:
        """Whose report it is, in words."""
        if self.agency is not None:
            return self.agency.name
        return self.area.name if self.area is not None else gettext("the whole city")

    def cameras(self) -> QuerySet[Camera]:
        """The cameras that it counts: those that are monitored."""
        return Camera.objects.monitored().filter(self.of_cameras())

    def of_cameras(self, path: str = "") -> Q:
        """The condition for cameras; `path` leads to the camera, as `camera__`."""
        if self.agency is not None:
            return of_agency(self.agency, path)
        if self.area is not None:
            return Q(**{f"{path}site__area__in": self._areas()})
        return Q()

    def of_incidents(self) -> Q:
        """The condition for incidents and tickets: of a camera in it, or of an uplink that stands
        in it or has cameras in it right behind it.
        """
        if self.agency is None and self.area is None:
            return Q()
        behind = Camera.objects.filter(self.of_cameras()).exclude(uplink=None).values("uplink")
        found = Q(uplink__in=behind) | Q(camera__isnull=False) & self.of_cameras("camera__")
        if self.agency is not None:
            return found | Q(uplink__site__agency=self.agency)
        return found | Q(uplink__site__area__in=self._areas())

    def _areas(self) -> list[int]:
        assert self.area is not None
        tree = Tree.of(Area.objects.order_by().values_list("pk", "parent_id"))
        return sorted(tree.below(self.area.pk))
