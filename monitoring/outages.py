"""Outages: one alarm when everything behind an uplink goes dark, instead of one for each camera.

1. Incidents of cameras that are confirmed while an outage above them runs hang under it.
2. Where several incidents behind one uplink are fresh, the cameras there are looked at together;
   explaining.py says which uplink is to blame. Its outage is an incident like others, and the
   cameras' incidents hang under it. Tickets wait long enough for this (Incident.alarms).
3. An uplink whose own address is confirmed not to answer, with no lit camera behind it, has an
   outage too, however few the cameras.
4. An outage is over when most of its cameras are back. At the first sign of that, the others are
   probed at once, though they may be on a long back-off.

Each deed reads rows and may be run again, or by two at once: a unique constraint says no to a
second outage, and hanging an incident under it is a conditional update.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q

from cameras.models import Camera, Uplink
from cameras.trees import Tree
from monitoring import planned
from monitoring.explaining import Outage, Rules, Seen, explain
from monitoring.models import CameraHealth, Incident, SnapshotKind, UplinkHealth
from monitoring.models.health import CameraHealthQuerySet
from monitoring.verdicts import Reason, Verdict

log = logging.getLogger(__name__)

_OFFLINE = str(Verdict.OFFLINE)


def recognise(now: datetime) -> int:
    """Begin the outages that what is confirmed now amounts to; how many."""
    tree = Uplink.objects.tree()
    for outage in Incident.objects.running().outages():
        _hang_under(outage, tree)
    covered = planned.cover(now)
    found = _unanswered(tree, covered)
    found += _went_dark(tree, covered, now)
    return sum(_begin(outage, tree, now) for outage in found)


def settle(now: datetime) -> int:
    """End the outages that are over; how many."""
    running = list(Incident.objects.running().outages().select_related("uplink"))
    if not running:
        return 0
    tree = Uplink.objects.tree()
    return sum(_settle(outage, tree, now) for outage in running)


def _rules(earliest: datetime | None = None) -> Rules:
    return Rules(
        window=timedelta(seconds=settings.OUTAGE_WINDOW_SECONDS),
        share=settings.OUTAGE_SHARE_PERCENT / 100,
        least=settings.OUTAGE_LEAST_CAMERAS,
        earliest=earliest,
    )


def _went_dark(tree: Tree, covered: planned.Cover, now: datetime) -> list[Outage]:
    """The outages that fresh incidents of cameras amount to."""
    window = timedelta(seconds=settings.OUTAGE_WINDOW_SECONDS)
    fresh = list(
        Incident.objects.running()
        .filter(part_of=None, verdict=_OFFLINE, camera__uplink__isnull=False)
        .exclude(reason=str(Reason.UNAUTHORISED))  # who refuses a password has been reached
        .filter(confirmed_at__gt=now - 2 * window)
        .values_list("camera__uplink_id", "began_at")
    )
    news = Counter(above for uplink, _began in fresh for above in tree.upwards(uplink))
    several = {uplink for uplink, number in news.items() if number >= 2}
    if not several:
        return []
    dark = _mostly_dark(several, tree, covered)
    # Only now are single cameras looked at, and only those behind uplinks that may be to blame.
    below = tree.below(*dark)
    began = _began(below)
    cameras = [
        Seen(pk, uplink, began.get(pk, since) if verdict == _OFFLINE else None)
        for pk, uplink, verdict, since in _behind(below)
        .exclude(camera__in=Camera.objects.filter(covered.condition))
        .values_list("pk", "camera__uplink_id", "verdict", "since")
    ]
    earliest = min(at for _uplink, at in fresh) - window
    return explain(tree.within(below), cameras, _rules(earliest))


def _mostly_dark(uplinks: set[int], tree: Tree, covered: planned.Cover) -> set[int]:
    """Those of the uplinks that may be to blame: too many of their cameras are dark.

    One query, counting in the database. Cameras that were dark before count here as well, so
    that nobody is missed whom explaining.py would blame.
    """
    counts = (
        Camera.objects.monitored()
        .filter(uplink__isnull=False)
        .exclude(Q(health=None) | Q(health__verdict=str(Verdict.PENDING)))
        .exclude(covered.condition)
        .order_by()
        .values_list("uplink_id")
        .annotate(all=Count("pk"), dark=Count("pk", filter=Q(health__verdict=_OFFLINE)))
    )
    every: Counter[int] = Counter()
    dark: Counter[int] = Counter()
    for uplink, number, number_dark in counts:
        for above in tree.upwards(uplink):
            every[above] += number
            dark[above] += number_dark
    share = settings.OUTAGE_SHARE_PERCENT / 100
    return {uplink for uplink in uplinks if dark[uplink] >= max(2, share * every[uplink])}


def _unanswered(tree: Tree, covered: planned.Cover) -> list[Outage]:
    """The outages of uplinks whose own address does not answer, with nobody lit behind them.

    Such an outage began with the first of the cameras that went dark about then: their own turns
    may have come before that of the address.
    """
    window = timedelta(seconds=settings.OUTAGE_WINDOW_SECONDS)
    running = Incident.objects.running().filter(uplink=OuterRef("pk"))
    down = UplinkHealth.objects.filter(~Exists(running), verdict=_OFFLINE)
    found = []
    for row in down.exclude(pk__in=covered.uplinks):
        below = tree.below(row.pk)
        if row.since is None or _behind(below).exclude(verdict=_OFFLINE).exists():
            continue
        lately = [at for at in _began(below).values() if at >= row.since - window]
        found.append(Outage(row.pk, min([row.since, *lately]), frozenset()))
    return found


def _behind(uplinks: Iterable[int]) -> CameraHealthQuerySet:
    """What is known of the monitored cameras behind these uplinks; without those not probed yet."""
    return CameraHealth.objects.filter(
        camera__is_monitored=True, camera__uplink__in=uplinks
    ).exclude(verdict=str(Verdict.PENDING))


def _began(uplinks: Iterable[int]) -> dict[int, datetime]:
    """When the running incidents of dark cameras behind these uplinks began, by camera.

    After a standstill of ours, the health row's own `since` is no more than when a camera was found
    dark again. Of an incident that began as another fault, which its picture shows, that tells it.
    """
    going_on = Incident.objects.running().filter(verdict=_OFFLINE, camera__uplink__in=uplinks)
    dark_from_the_first = going_on.exclude(snapshots__kind=SnapshotKind.FAULT)
    return dict(dark_from_the_first.values_list("camera_id", "began_at"))


def _begin(outage: Outage, tree: Tree, now: datetime) -> bool:
    reasons = Counter(
        CameraHealth.objects.filter(pk__in=outage.camera_ids).values_list("reason", flat=True)
    )
    asked = UplinkHealth.objects.filter(pk=outage.uplink_id, verdict=_OFFLINE).first()
    commonest = next((reason for reason, _number in reasons.most_common(1)), "")
    try:
        with transaction.atomic():
            incident = Incident.objects.create(
                uplink_id=outage.uplink_id,
                verdict=_OFFLINE,
                reason=asked.reason if asked else commonest,
                began_at=outage.began,
                confirmed_at=now,
            )
            parts = _hang_under(incident, tree)
    except IntegrityError:
        return False  # it runs already: somebody else was quicker
    log.info("%s: outage with %s incidents", incident.subject.code, parts)
    return True


def _hang_under(outage: Incident, tree: Tree) -> int:
    """Hang what began behind this uplink since then under its outage; how many incidents."""
    assert outage.uplink_id is not None
    below = tree.below(outage.uplink_id)
    with transaction.atomic():
        found = Incident.objects.running().filter(
            Q(camera__uplink__in=below, verdict=_OFFLINE) | Q(uplink__in=below),
            part_of=None,
            began_at__gte=outage.began_at,
        )
        keys = list(found.exclude(pk=outage.pk).values_list("pk", flat=True))
        count = Incident.objects.filter(pk__in=keys, part_of=None).update(part_of=outage)
        # Outages within it hand over what hangs under them: one outage, one level.
        Incident.objects.running().filter(part_of__in=keys).update(part_of=outage)
    return count


def _settle(outage: Incident, tree: Tree, now: datetime) -> bool:
    assert outage.uplink_id is not None
    below = tree.below(outage.uplink_id)
    began = _began(below)
    took = [
        row
        for row in _behind(below).only(
            "verdict", "since", "suspected_verdict", "suspected_since", "probed_at"
        )
        if row.verdict != _OFFLINE
        or ((since := began.get(row.pk, row.since)) is not None and since >= outage.began_at)
    ]
    dark = [row for row in took if row.verdict == _OFFLINE]
    is_over, ended = _ended(outage, took, dark)
    if is_over or (ended := _first_sign(outage, took)):
        _have_probed(dark, before=ended or now, now=now)
    if not is_over:
        return False
    ended = min(max(ended or now, outage.began_at), max(now, outage.began_at))
    if not Incident.objects.running().filter(pk=outage.pk).update(ended_at=ended):
        return False
    log.info("%s: outage is over, %s cameras are still dark", outage.subject.code, len(dark))
    return True


def _ended(
    outage: Incident, took: list[CameraHealth], dark: list[CameraHealth]
) -> tuple[bool, datetime | None]:
    """Whether more than half of the cameras are back, and since when."""
    if not took:
        asked = UplinkHealth.objects.filter(pk=outage.uplink_id).first()
        is_down = asked is not None and asked.verdict == _OFFLINE
        return not is_down, asked.since if asked else None
    if 2 * len(dark) >= len(took):
        return False, None
    lit = sorted(row.since or outage.began_at for row in took if row.verdict != _OFFLINE)
    return True, lit[len(took) // 2]


def _first_sign(outage: Incident, took: list[CameraHealth]) -> datetime | None:
    """When a camera of this outage was last seen to come back; None when none was."""
    signs = [
        row.suspected_since if row.verdict == _OFFLINE else row.since
        for row in took
        if row.verdict != _OFFLINE or row.suspected_verdict == Verdict.HEALTHY
    ]
    return max((at for at in signs if at and at > outage.began_at), default=None)


def _have_probed(dark: list[CameraHealth], before: datetime, now: datetime) -> None:
    """Have those that have not been probed since that moment probed at once."""
    waiting = [row.pk for row in dark if row.probed_at and row.probed_at < before]
    soon = now + timedelta(seconds=min(settings.PROBE_RETRY_SECONDS, 10))
    CameraHealth.objects.filter(pk__in=waiting, claim=None, due_at__gt=soon).update(due_at=now)
