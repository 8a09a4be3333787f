"""How the registry itself belongs to its areas and agencies; read when the program starts."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from cameras.models import Agency, Area, Camera, Reach, RoleGroup, Site, Uplink, of_agency
from cameras.reach import (
    NOTHING,
    Part,
    Reached,
    Rule,
    declare_rule,
    for_roles,
    narrow,
    own,
    related,
)

ALL = Q()


def _any(conditions: Iterable[Q]) -> Q:
    found = NOTHING
    for condition in conditions:
        found |= condition
    return found


def _camera(part: Part) -> Q:
    found = ALL if part.areas is None else Q(site__area__in=part.areas)
    if part.agency is not None:
        found &= of_agency(part.agency)
    return found


def _site(part: Part) -> Q:
    found = ALL if part.areas is None else Q(area__in=part.areas)
    return found if part.agency is None else found & Q(agency=part.agency)


def _cameras(reach: Reached) -> Q:
    return _any(_camera(part) for part in reach.parts)


def _owned_sites(reach: Reached) -> Q:
    return _any(_site(part) for part in reach.parts)


def _seen_sites(reach: Reached) -> Q:
    at_hand = narrow(Camera.objects.order_by(), reach).values("site")
    named = Uplink.objects.order_by().filter(pk__in=reach.uplinks).exclude(site=None)
    return _owned_sites(reach) | Q(pk__in=at_hand) | Q(pk__in=named.values("site"))


def _seen_areas(reach: Reached) -> Q:
    if any(part.areas is None for part in reach.parts):
        return ALL  # an agency may put up a camera anywhere; that there are districts is no secret
    return Q(pk__in={key for part in reach.parts for key in (*(part.areas or ()), *part.above)})


def _seen_agencies(reach: Reached) -> Q:
    found = Q(pk__in={part.agency for part in reach.parts if part.agency})
    if any(part.agency is None for part in reach.parts):
        # In an area: those that have something there.
        sites = own(Site.objects.order_by(), reach).exclude(agency=None)
        cameras = narrow(Camera.objects.order_by(), reach).exclude(agency=None)
        found |= Q(pk__in=sites.values("agency")) | Q(pk__in=cameras.values("agency"))
    return found


def _owns_camera(reach: Reached, camera: Camera) -> bool:
    site = related(camera, "site")
    agency = camera.agency_id or (site.agency_id if site else None)
    return site is not None and any(part.holds(agency, site.area_id) for part in reach.parts)


def _owns_site(reach: Reached, site: Site) -> bool:
    return any(part.holds(site.agency_id, site.area_id) for part in reach.parts)


def _owns_uplink(reach: Reached, uplink: Uplink) -> bool:
    site = related(uplink, "site")
    return site is not None and _owns_site(reach, site)


def _owns_area(reach: Reached, area: Area) -> bool:
    if area.pk is None:
        return _is_part_of_own(reach, area)
    if area.pk not in reach.whole_areas:
        return False
    # Its number stays the same wherever it is moved, and others reach it by what it is part of:
    # out of an own area, and into one.
    before = reach.areas.parent(area.pk) if reach.areas else None
    if area.parent_id == before and (before is not None or related(area, "parent") is None):
        return True
    return before in reach.whole_areas and _is_part_of_own(reach, area)


def _is_part_of_own(reach: Reached, area: Area) -> bool:
    parent = related(area, "parent")
    return parent is not None and _owns_area(reach, parent)


declare_rule(Camera, Rule(_cameras, _cameras, _owns_camera))
declare_rule(Site, Rule(_seen_sites, _owned_sites, _owns_site))
declare_rule(
    Uplink,
    Rule(
        lambda reach: Q(pk__in=reach.uplinks),
        lambda reach: Q(site__in=own(Site.objects.order_by(), reach).values("pk")),
        _owns_uplink,
    ),
)
declare_rule(Area, Rule(_seen_areas, lambda reach: Q(pk__in=reach.whole_areas), _owns_area))
declare_rule(
    Agency,
    Rule(
        _seen_agencies,
        lambda reach: Q(pk__in=reach.whole_agencies),
        lambda reach, agency: agency.pk in reach.whole_agencies,
    ),
)
# People and their rights: for administrators alone (monitoring/admin/people.py says whose).
for_roles(Reach, RoleGroup, get_user_model(), Group, Permission)
