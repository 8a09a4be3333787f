"""A city with a story, for reports: the demo's cameras, nine weeks of faults, tickets, money.

`build()` is the same every time: it ends on Monday, 23 November 2026, 07.00, when the report of
week 47 is due.
"""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import cv2
import time_machine
from django.core.management import call_command

from cameras.models import Camera, Uplink
from maintenance import ledger, procurement
from maintenance.models import (
    BudgetLine,
    DocumentKind,
    MonthlyPlan,
    Package,
    PackageTicket,
    Ticket,
    TicketDeed,
    TicketEvent,
    TicketIncident,
    TicketState,
    WaitCause,
)
from maintenance.report.weeks import Week
from monitoring.models import CameraHealth, HealthSpan, Incident, Snapshot, SnapshotKind
from monitoring.pictures import folder
from monitoring.verdicts import Reason, Verdict
from tests.factories import make_line, paper
from tests.farm.clips import ClipSpec
from tests.farm.lens import pictures
from tests.maintenance.packages import make_package

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=JAKARTA)
WEEK = Week(date(2026, 11, 16))
MILLION = 1_000_000
_HOUR = timedelta(hours=1)
_FAULTS = [
    (Verdict.OFFLINE, Reason.TIMED_OUT),
    (Verdict.OFFLINE, Reason.REFUSED),
    (Verdict.BLACK, Reason.NONE),
    (Verdict.FROZEN, Reason.NONE),
]


def build(with_pictures: bool = False) -> None:
    """All of it. Pictures take seconds to draw: only who looks at them needs them."""
    call_command("load_demo", verbosity=0)
    dice = Random(47)
    cameras = list(Camera.objects.order_by("code").select_related("site"))
    for camera in cameras:
        _live_through(camera, dice)
    _money()
    _an_uplink_fails(cameras)
    if with_pictures:
        _draw()


def fail_a_floodgate_now() -> None:
    """The newest trouble: a floodgate's camera that was well until a minute ago."""
    broken = Incident.objects.running().exclude(camera=None).values("camera")
    floodgates = Camera.objects.filter(site__kind="floodgate").exclude(pk__in=broken)
    camera = floodgates.order_by("code")[0]
    Camera.objects.filter(pk=camera.pk).update(uplink=None)
    Incident.objects.create(
        camera=camera, verdict=Verdict.BLACK, began_at=NOW - _HOUR / 4, confirmed_at=NOW - _HOUR / 6
    )


def _live_through(camera: Camera, dice: Random) -> None:
    """Nine weeks of a camera: healthy for days, faulty for hours or days, at times unwatched."""
    at = NOW - timedelta(weeks=9) + dice.random() * 3 * _HOUR
    weak = dice.random() < 0.35
    while at < NOW:
        good = at + (dice.random() * (11 if weak else 40) + 1) * 24 * _HOUR
        _span(camera, Verdict.HEALTHY, Reason.NONE, at, good)
        if good >= NOW:
            break
        if dice.random() < 0.1:
            at = good + dice.random() * 5 * _HOUR
            _span(camera, Verdict.UNMONITORED, Reason.NONE, good, at)
            continue
        verdict, reason = dice.choice(_FAULTS)
        at = good + (dice.random() ** 2 * 150 + 1) * _HOUR
        _span(camera, verdict, reason, good, at)
        _fault(camera, verdict, reason, good, at, dice)
    last = HealthSpan.objects.filter(camera=camera).latest("began_at")
    CameraHealth.objects.update_or_create(
        camera=camera,
        defaults={
            "verdict": last.verdict,
            "reason": last.reason,
            "since": last.began_at,
            "probed_at": NOW - timedelta(minutes=2),
            "due_at": NOW + timedelta(minutes=3),
        },
    )


def _span(
    camera: Camera, verdict: Verdict, reason: Reason, began: datetime, ended: datetime
) -> None:
    HealthSpan.objects.create(
        camera=camera,
        verdict=verdict,
        reason=reason,
        began_at=began,
        ended_at=ended if ended < NOW else None,
        probes=10,
    )


def _fault(
    camera: Camera,
    verdict: Verdict,
    reason: Reason,
    began: datetime,
    ended: datetime,
    dice: Random,
) -> None:
    """Its incident and ticket; a repair is verified hours or days after the recovery."""
    over = ended if ended < NOW else None
    incident = Incident.objects.create(
        camera=camera,
        verdict=verdict,
        reason=reason,
        began_at=began,
        confirmed_at=min(began + _HOUR / 6, ended),
        ended_at=over,
    )
    opened = began + _HOUR / 4
    if opened >= min(ended, NOW):
        return
    ticket = Ticket.objects.unclosed().filter(camera=camera).first()
    if ticket is None:
        ticket = Ticket.objects.create(
            camera=camera,
            site=camera.site,
            opened_at=opened,
            response_due_at=opened + 6 * _HOUR,
            repair_due_at=opened + 60 * _HOUR,
        )
        _step(ticket, TicketDeed.OPENED, TicketState.NEW, opened)
    else:
        ticket.recovered_at = None
        _step(ticket, TicketDeed.RELAPSED, TicketState.REOPENED, opened)
    TicketIncident.objects.create(ticket=ticket, incident=incident)
    end = min(ended, NOW)
    seen = opened + dice.random() * 14 * _HOUR
    if seen < end:
        ticket.responded_at = ticket.responded_at or seen
        _step(ticket, TicketDeed.ACKNOWLEDGE, TicketState.ACKNOWLEDGED, seen)
    waits = seen + dice.random() * 20 * _HOUR
    if waits < end:
        cause = WaitCause.PROCUREMENT if dice.random() < 0.6 else WaitCause.PART
        _step(ticket, TicketDeed.WAIT, TicketState.WAITING, waits, cause)
    if over is not None:
        ticket.recovered_at = over
        _step(ticket, TicketDeed.RECOVERED, TicketState.AWAITING_VERIFICATION, over)
        closed = over + dice.random() * 20 * _HOUR
        if closed < NOW and dice.random() > 0.1:
            ticket.closed_at = closed
            _step(ticket, TicketDeed.VERIFY, TicketState.CLOSED, closed)
    ticket.save()


def _step(ticket: Ticket, deed: TicketDeed, to: TicketState, at: datetime, cause: str = "") -> None:
    """One step of a ticket's history; the caller saves the ticket."""
    before = "" if deed == TicketDeed.OPENED else ticket.state
    TicketEvent.objects.create(
        ticket=ticket, deed=deed, from_state=before, to_state=to, at=at, cause=cause
    )
    ticket.state, ticket.wait_cause = to, cause


def _an_uplink_fails(cameras: list[Camera]) -> None:
    """An outage in the week that took three cameras, for thirty hours."""
    uplink = Uplink.objects.filter(cameras__isnull=False).order_by("code").first()
    assert uplink is not None
    began = WEEK.begin + timedelta(days=2, hours=4)
    ended = began + 30 * _HOUR
    outage = Incident.objects.create(
        uplink=uplink,
        verdict=Verdict.OFFLINE,
        reason=Reason.UNREACHABLE,
        began_at=began,
        confirmed_at=began + _HOUR / 4,
        ended_at=ended,
    )
    ticket = Ticket.objects.create(uplink=uplink, opened_at=began + _HOUR, recovered_at=ended)
    ticket.links.create(incident=outage)
    _step(ticket, TicketDeed.OPENED, TicketState.NEW, ticket.opened_at)
    _step(ticket, TicketDeed.RECOVERED, TicketState.AWAITING_VERIFICATION, ended)
    ticket.save()
    overlapping = Incident.objects.filter(
        camera__in=cameras, began_at__lt=ended, ended_at__gt=began
    )
    taken = overlapping.exclude(camera__site__kind="floodgate").order_by("pk")[:3]
    Incident.objects.filter(pk__in=list(taken.values_list("pk", flat=True))).update(part_of=outage)


def _money() -> None:
    """Two lines, payments through the year, and packages on their way; one waits with tickets."""
    with time_machine.travel(datetime(2026, 1, 5, 9, 0, tzinfo=JAKARTA)):
        gates = make_line(
            750 * MILLION, name="Pemeliharaan CCTV pintu air", code="5.1.02.03.02.0117"
        )
        roads = make_line(420 * MILLION, name="Pemeliharaan CCTV simpang", code="5.1.02.03.02.0118")
    for line in (gates, roads):
        for month in range(1, 13):
            share = line.entries.latest("pk").amount_rupiah // 12
            MonthlyPlan.objects.create(line=line, month=month, planned_rupiah=share)
    for month, day, line, amount in (
        (3, 9, gates, 62 * MILLION),
        (5, 18, roads, 88 * MILLION),
        (8, 3, gates, 41_500_000),
        (10, 12, roads, 67 * MILLION),
        (11, 18, gates, 12_750_000),
    ):
        _pay(line, amount, datetime(2026, month, day, 10, 0, tzinfo=JAKARTA))
    with time_machine.travel(datetime(2026, 8, 24, 9, 0, tzinfo=JAKARTA)):
        tender = make_package(
            code="PKT-PINTU-AIR",
            name="Perbaikan kamera pintu air",
            line=gates,
            hps_rupiah=410 * MILLION,
            rule_date=date(2026, 8, 24),
        )
        procurement.start(tender, date(2026, 8, 31), None)
    with time_machine.travel(datetime(2026, 11, 2, 9, 0, tzinfo=JAKARTA)):
        make_package(
            code="PKT-SIMPANG",
            name="Penggantian perangkat simpang",
            line=roads,
            hps_rupiah=150 * MILLION,
            rule_date=date(2026, 11, 2),
        )
    _wait_for(tender)


def _pay(line: BudgetLine, amount: int, at: datetime) -> None:
    with time_machine.travel(at):
        ledger.realise(line, amount, paper(DocumentKind.RECEIPT, at.date()), None)


def _wait_for(package: Package) -> None:
    """The tickets that wait, or waited, for procurement do so for the package."""
    for event in TicketEvent.objects.filter(cause=WaitCause.PROCUREMENT).order_by("at"):
        ticket = event.ticket
        last = PackageTicket.objects.filter(ticket=ticket, left_at=None)
        if not last.exists():
            PackageTicket.objects.create(
                package=package, ticket=ticket, joined_at=event.at, left_at=ticket.closed_at
            )


def _draw() -> None:
    """The pictures of the incidents that ran in the week: before the fault, and of it."""
    running = Incident.objects.filter(ended_at=None) | Incident.objects.filter(
        ended_at__gt=WEEK.begin
    )
    treatments = {Verdict.BLACK: "black", Verdict.FROZEN: "frozen"}
    for incident in running.exclude(camera=None).select_related("camera__site"):
        camera = incident.camera
        treatment = treatments.get(Verdict(incident.verdict))
        kinds = {SnapshotKind.BEFORE: ""} | ({SnapshotKind.FAULT: treatment} if treatment else {})
        for kind, fault in kinds.items():
            scene = "water" if camera.site.kind == "floodgate" else "road"
            spec = ClipSpec(
                camera.code, camera.name, scene, "day", "h264", 640, 360, 5, 2, fault or ""
            )
            name = f"evidence/2026/11/{incident.pk}-{kind}.jpg"
            path = folder() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(cv2.imencode(".jpg", next(pictures(spec)))[1].tobytes())
            Snapshot.objects.create(
                camera=camera,
                incident=incident,
                kind=kind,
                verdict=incident.verdict if kind == SnapshotKind.FAULT else Verdict.HEALTHY,
                taken_at=incident.began_at,
                file=name,
            )
