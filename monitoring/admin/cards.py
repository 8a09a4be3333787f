"""Cameras as cards with their pictures, on the first page and on the wall."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse

from cameras.models import Camera
from cameras.trees import Tree
from monitoring.admin.shared import health_of, latest_url
from monitoring.admin.verdict_words import verdict_label
from monitoring.choices import VERDICT_COLOURS
from monitoring.notes import with_notes
from monitoring.verdicts import Verdict

__all__ = ["by_place", "cards", "worst_first"]

_FAULTY = [str(verdict) for verdict in Verdict if verdict.is_faulty]


def worst_first(cameras: QuerySet[Camera]) -> QuerySet[Camera]:
    """The faulty ones first, then the suspected; the important ones of each first."""
    rank = Case(
        When(health__verdict__in=_FAULTY, then=Value(0)),
        When(health__suspected_probes__gt=0, then=Value(1)),
        When(health__is_flapping=True, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return cameras.annotate(rank=rank).order_by("rank", "-site__importance", "code")


def by_place(cameras: QuerySet[Camera]) -> QuerySet[Camera]:
    """Those of an area together, then those of a site: an order that stays as it is."""
    return cameras.order_by("site__area__code", "site__name", "code")


def cards(
    chosen: QuerySet[Camera],
    order: Callable[[QuerySet[Camera]], QuerySet[Camera]],
    now: datetime,
    areas: Tree | None = None,
) -> list[dict[str, Any]]:
    """A slice of cameras as cards, in this order.

    Which ones is a question inside the question: SQLite would else look up the notes on every
    camera before it sorts them.
    """
    found = with_notes(Camera.objects.filter(pk__in=chosen.values("pk")), now, areas)
    return [_card(camera) for camera in order(found.select_related("site"))]


def _card(camera: Camera) -> dict[str, Any]:
    health = health_of(camera)
    verdict, words = verdict_label(camera)
    return {
        "camera": camera,
        "url": reverse("admin:cameras_camera_change", args=[camera.pk]),
        "picture": latest_url(health),
        "words": words,
        "colour": VERDICT_COLOURS[Verdict(verdict)],
        "since": (health.since or health.suspected_since) if health else None,
    }
