"""Notes: what is to be said beside a camera's verdict, wherever it is shown.

That it flaps, that work on it is planned now, that it is dark because of an outage.
"""

from datetime import datetime
from typing import TypeVar

from django.db.models import BooleanField, Case, Model, OuterRef, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from cameras.models import Camera
from cameras.trees import Tree
from monitoring import planned
from monitoring.models import Incident

__all__ = ["notes_on", "with_notes"]

_Cameras = TypeVar("_Cameras", bound="QuerySet[Model]")


def with_notes(cameras: _Cameras, now: datetime, areas: Tree | None = None) -> _Cameras:
    """The queryset of cameras with what `notes_on` needs; the health row is fetched along.

    Costs one query for the planned work, and one each for the trees that it needs.
    """
    covered = planned.cover(now, areas)
    is_planned = (
        Case(When(covered.condition, then=True), default=False, output_field=BooleanField())
        if covered
        else Value(False)
    )
    outage = Incident.objects.running().filter(
        camera=OuterRef("pk"), part_of__isnull=False, part_of__ended_at=None
    )
    return cameras.select_related("health").annotate(
        work_is_planned=is_planned, outage_of=Subquery(outage.values("part_of__uplink__code")[:1])
    )


def notes_on(camera: Camera) -> list[str]:
    """The notes on a camera that came `with_notes`; those that it lacks are left out."""
    notes = []
    health = getattr(camera, "health", None)
    if health is not None and health.is_flapping:
        notes.append(_("flapping"))
    if getattr(camera, "work_is_planned", False):
        notes.append(_("planned work"))
    if outage := getattr(camera, "outage_of", None):
        notes.append(_("outage of %(uplink)s") % {"uplink": outage})
    return notes
