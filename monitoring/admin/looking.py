"""Pages to look at: the wall of pictures, and the map."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cameras.models import Camera, Site
from cameras.reach import Reached, narrow, reach_of
from cameras.whole_numbers import whole_number
from monitoring.admin.camera_filters import areas_below, areas_seen, indented_areas
from monitoring.admin.cards import by_place, cards
from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS
from monitoring.map_marks import Mark, SiteCount, marks_of
from monitoring.map_outline import SHIPPED, Box, Outline, Sheet, read_outline
from monitoring.models import CameraHealth
from monitoring.verdicts import Verdict

__all__ = ["map_page", "wall"]

WALL_PICTURES = 48
_MAP_WIDTH = 1000
_FAULTY = [str(verdict) for verdict in Verdict if verdict.is_faulty]


@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """Pictures of an area's or a site's cameras; `?fragment=1` for the pictures alone."""
    _expect_view(request)
    reach = reach_of(request.user)
    areas = areas_seen(reach)
    area, site = (whole_number(request.GET.get(name)) for name in ("area", "site"))
    faulty = request.GET.get("faulty") == "1"
    cameras: QuerySet[Camera] = narrow(Camera.objects.monitored(), reach)
    if site:
        cameras = cameras.filter(site=site)
    elif area:
        cameras = cameras.filter(site__area__in=areas_below(area, areas))
    if faulty:
        cameras = cameras.filter(health__verdict__in=_FAULTY)
    paginator = Paginator(by_place(cameras), WALL_PICTURES)
    page = paginator.get_page(request.GET.get("page"))
    now = timezone.now()
    context: dict[str, Any] = {
        "cards": cards(page.object_list, by_place, now, reach.areas),  # type: ignore[arg-type]
        "page": page,
        "now": now,
        "pages": {
            name: _query(request, page=number)
            for name, number in (
                ("before", page.number - 1 if page.has_previous() else 0),
                ("after", page.number + 1 if page.has_next() else 0),
            )
            if number
        },
    }
    if "fragment" in request.GET:
        return render(request, "admin/monitoring/wall_pictures.html", context)
    context |= {
        **admin.site.each_context(request),
        "title": _("Wall of pictures"),
        "areas": indented_areas(areas),
        "area": area,
        "site": narrow(Site.objects.filter(pk=site), reach).first() if site else None,
        "faulty": faulty,
        "refresh_seconds": settings.WALL_REFRESH_SECONDS,
    }
    return render(request, "admin/monitoring/wall.html", context)


def map_page(request: HttpRequest) -> HttpResponse:
    """Sites coloured by what their cameras show, over the outline of the city's areas."""
    _expect_view(request)
    outline = _outline(request)
    faulty = request.GET.get("faulty") == "1"
    counts, nowhere = _counts(faulty, reach_of(request.user))
    box = Box.parse(request.GET.get("box", ""))
    sheet = Sheet(box or _whole(outline, counts), _MAP_WIDTH)
    tiles = sheet.tiles(settings.MAP_TILES_URL) if settings.MAP_TILES_URL else []
    context = {
        **admin.site.each_context(request),
        "title": _("Map of cameras"),
        "sheet": sheet,
        "tiles": tiles,
        "credits": [each for each in (tiles and settings.MAP_TILES_CREDIT, outline.credit) if each],
        "shapes": [_shape(sheet, shape, request) for shape in outline.shapes],
        "marks": [_shown(mark, request) for mark in marks_of(counts, sheet)],
        "legend": _legend(counts),
        "nowhere": nowhere,
        "is_part": box is not None,
        "faulty": faulty,
        "whole_url": _query(request, box=""),
        "faulty_url": _query(request, faulty="" if faulty else "1"),
        "wider_url": _query(request, box=str(sheet.box.grown(0.75))),
    }
    return render(request, "admin/monitoring/map.html", context)


def _counts(faulty: bool, reach: Reached) -> tuple[list[SiteCount], int]:
    """Monitored cameras by site and verdict, and how many stand at a site without coordinates."""
    cameras = narrow(Camera.objects.monitored(), reach)
    if faulty:
        cameras = cameras.filter(health__verdict__in=_FAULTY)
    rows = (
        cameras.order_by()
        .values_list("site", "site__name", "site__longitude", "site__latitude")
        .annotate(
            verdict=Coalesce("health__verdict", Value(str(Verdict.PENDING))), number=Count("pk")
        )
    )
    found, nowhere = [], 0
    for site, name, longitude, latitude, verdict, number in rows:
        if longitude is None or latitude is None:
            nowhere += number
        else:
            place = float(longitude), float(latitude)
            found.append(SiteCount(site, name, *place, verdict, number))
    return found, nowhere


def _outline(request: HttpRequest) -> Outline:
    """The one that somebody put in place, else the one that came with the program."""
    if settings.MAP_OUTLINE:
        try:
            return read_outline(Path(settings.MAP_OUTLINE))
        except (OSError, ValueError) as problem:
            text = _(
                "MAP_OUTLINE cannot be used, and the outline that came with the program is shown: "
                "%(problem)s"
            )
            messages.warning(request, text % {"problem": problem})
    return read_outline(SHIPPED)


def _whole(outline: Outline, counts: list[SiteCount]) -> Box:
    """The areas in which there are cameras, and the cameras outside of all of them.

    Without any camera, or where few stand, everything would else shrink to the far islands.
    """
    boxes = [(shape, Box.around(shape.places)) for shape in outline.shapes]
    places = [(count.longitude, count.latitude) for count in counts]
    used = [
        shape
        for shape, box in boxes
        if box is not None and (not places or any(box.holds(*place) for place in places))
    ]
    corners = [place for shape in used or outline.shapes for place in shape.places]
    whole = Box.around([*corners, *places])
    assert whole is not None  # an outline has shapes
    return whole.grown(0.03)


def _shape(sheet: Sheet, shape: Any, request: HttpRequest) -> dict[str, Any]:
    x, y = sheet.place(*shape.middle)
    box = Box.around(shape.places)
    return {
        "name": shape.name,
        "path": sheet.path(shape),
        "x": f"{x:.0f}",
        "y": f"{y:.0f}",
        "is_inside": 0 <= x <= sheet.width and 0 <= y <= sheet.height,
        "url": _query(request, box=str(box.grown(0.05)) if box else ""),
    }


def _shown(mark: Mark, request: HttpRequest) -> dict[str, Any]:
    """A mark as the template draws it: where it lies, what it says, where it leads."""
    words = ", ".join(
        f"{VERDICT_LABELS[verdict]}: {number}"
        for verdict, number in sorted(mark.by_verdict.items(), key=lambda item: -item[1])
    )
    is_one = len(mark.sites) == 1
    site, name = next(iter(mark.sites.items()))
    if is_one:
        url = f"{reverse('admin:cameras_camera_changelist')}?{urlencode({'site__id__exact': site})}"
    else:
        assert mark.box is not None
        url = _query(request, box=str(mark.box.grown(0.5, 0.004)))
        name = _("%(sites)s sites") % {"sites": len(mark.sites)}
    return {
        "x": f"{mark.x:.1f}",
        "y": f"{mark.y:.1f}",
        "radius": f"{mark.radius:.1f}",
        "colour": VERDICT_COLOURS[mark.verdict],
        "is_faulty": mark.faulty > 0,
        "number": "" if is_one else mark.faulty or mark.cameras,
        "label": f"{name}: {words}",
        "url": url,
    }


def _legend(counts: list[SiteCount]) -> list[dict[str, Any]]:
    numbers: dict[Verdict, int] = {}
    for count in counts:
        verdict = Verdict(count.verdict)
        numbers[verdict] = numbers.get(verdict, 0) + count.cameras
    address = reverse("admin:cameras_camera_changelist")
    return [
        {
            "label": VERDICT_LABELS[verdict],
            "colour": VERDICT_COLOURS[verdict],
            "number": numbers[verdict],
            "url": f"{address}?"
            + urlencode({"is_monitored__exact": "1", "health__verdict__exact": str(verdict)}),
        }
        for verdict in Verdict
        if verdict in numbers
    ]


def _query(request: HttpRequest, **changes: Any) -> str:
    """This page's address with these parameters; an empty one is left out."""
    given: QueryDict = request.GET.copy()
    given.pop("fragment", None)
    for name, value in changes.items():
        given.pop(name, None)
        if value:
            given[name] = str(value)
    return f"?{given.urlencode()}"


def _expect_view(request: HttpRequest) -> None:
    """Both pages show what the list of cameras and their pictures show."""
    wanted = ("cameras.view_camera", f"monitoring.view_{CameraHealth._meta.model_name}")
    if not request.user.has_perms(wanted):
        raise PermissionDenied
