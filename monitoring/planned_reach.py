"""Whose planned work is. It silences the alarms of all that it covers, so all of that must be one's
own: also the cameras at one's site, and what hangs on one's uplink.
"""

from django.db.models import Q, QuerySet

from cameras.models import Camera, Site, Uplink
from cameras.reach import Reached, Rule, declare, declare_rule, own, rule_of
from monitoring.models import PlannedWork
from monitoring.planned import cover_of

__all__ = ["declare_work", "silences_others"]


def silences_others(reach: Reached, work: PlannedWork) -> bool:
    """Whether it covers what is not the person's own."""
    if reach.everything:
        return False
    covered = cover_of(work)
    return (
        _others_cameras(reach).filter(covered.condition).exists()
        or _others_uplinks(reach).filter(pk__in=covered.uplinks).exists()
    )


def declare_work() -> None:
    """Seen with its camera, site, uplink or area; owned with these and all that it covers."""
    declare(PlannedWork, "camera", "site", "uplink", "area")
    subject = rule_of(PlannedWork)
    assert subject is not None
    declare_rule(
        PlannedWork,
        Rule(
            subject.seen,
            lambda reach: subject.owned(reach) & _silences_nobody_else(reach),
            lambda reach, work: subject.owns(reach, work) and not silences_others(reach, work),
        ),
    )


def _silences_nobody_else(reach: Reached) -> Q:
    # Of cameras and areas there is nothing to ask: all in an area that is owned is one's own.
    cameras, tree = _others_cameras(reach), Uplink.objects.tree()
    on_uplinks = {
        *cameras.exclude(uplink=None).values_list("uplink", flat=True).distinct(),
        *_others_uplinks(reach).values_list("pk", flat=True),
    }
    shared = {above for key in on_uplinks for above in tree.upwards(key)}
    return ~Q(site__in=cameras.values("site")) & ~Q(uplink__in=shared)


def _others_cameras(reach: Reached) -> QuerySet[Camera]:
    cameras = Camera.objects.order_by()
    return cameras.exclude(pk__in=own(cameras, reach).values("pk"))


def _others_uplinks(reach: Reached) -> QuerySet[Uplink]:
    # One without a site, as a provider's link, is nobody's.
    mine = own(Site.objects.order_by(), reach).values("pk")
    return Uplink.objects.order_by().exclude(site=None).exclude(site__in=mine)
