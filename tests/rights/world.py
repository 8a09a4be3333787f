"""A city of two halves: one row of everything in each, every name and code with the half's mark."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.utils import timezone

from cameras.audit.models import AuditEntry, Deed
from cameras.models import Agency, Area, Reach, Site, Uplink
from cameras.roles import Role, group_of
from maintenance import documents, ledger, procurement, repairs, tickets, work_orders
from maintenance import models as m
from maintenance.photographs import develop
from monitoring.models import (
    AreaDay,
    HealthSpan,
    Incident,
    Lesson,
    PlannedWork,
    Snapshot,
    UplinkHealth,
)
from monitoring.pictures import keep_evidence
from monitoring.signin.models import FailedSignIn
from tests.factories import make_line, paper
from tests.maintenance.packages import make_package, stages_of
from tests.maintenance.repairing import photo
from tests.test_admin import break_camera

__all__ = ["FAR", "FOREIGN", "MINE", "REACHES", "Half", "furnish", "make_person"]

# With a hyphen, which no random token has.
MINE, FOREIGN = "MILIK-KITA", "ASING-LUAR"
# Areas have a mark of their own: an agency may put up a camera anywhere.
FAR = "JAUH-SEKALI"


@dataclass
class Half:
    """One half of the city, by model."""

    mark: str
    rows: dict[type[Model], Any] = field(default_factory=dict)

    def __getitem__(self, model: type[Model]) -> Any:
        return self.rows[model]

    def add(self, *rows: Any) -> None:
        for row in rows:
            self.rows[type(row)] = row


def furnish(mark: str) -> Half:
    """Everything that there is, once; each with the mark where people would read it."""
    half, now = Half(mark), timezone.now()
    chief, _made = User.objects.get_or_create(username="pusat", defaults={"is_superuser": True})
    _registry(half)
    camera = break_camera(
        site=half[Site], uplink=half[Uplink], code=f"{mark}-KAM-01", name=f"Kamera {mark}"
    )
    # Behind an uplink a fault waits until it can be no outage.
    before = now - timedelta(hours=1)
    Incident.objects.filter(camera=camera).update(began_at=before, confirmed_at=before)
    tickets.open_due()
    ticket = m.Ticket.objects.get(camera=camera)
    incident = Incident.objects.get(camera=camera)
    half.add(camera, camera.health, ticket, incident)
    half.add(*(model.objects.filter(camera=camera).first() for model in (Snapshot, HealthSpan)))
    half.add(
        Lesson.objects.create(
            camera=camera, incident=incident, verdict="black", reason=f"salah {mark}", taught_at=now
        ),
        PlannedWork.objects.create(
            camera=camera,
            begins_at=now,
            ends_at=now + timedelta(hours=1),
            reason=f"galian {mark}",
            created_by=chief,
        ),
        UplinkHealth.objects.create(uplink=half[Uplink], detail=f"jawaban {mark}"),
        AreaDay.objects.create(
            area=half[Area], day=timezone.localdate(), up_s=9, down_s=1, measured_at=now
        ),
    )
    half.add(
        AuditEntry.objects.create(
            deed=Deed.CHANGED,
            person_name=f"orang-{mark}",
            name=f"Kamera {mark}",
            address="10.1.1.1",
        ),
        FailedSignIn.objects.create(
            username=f"orang-{mark}", ip_address="10.1.1.1", failures_since_start=1
        ),
    )
    _work(half, chief)
    _money(half, chief)
    _reports(half, incident)
    return half


def _registry(half: Half) -> None:
    mark = half.mark
    where = FAR if mark == FOREIGN else mark
    city = Area.objects.create(code=f"{where}-31", name=f"Kota {where}")
    district = Area.objects.create(code=f"{where}-31.01", name=f"Kecamatan {where}", parent=city)
    agency = Agency.objects.create(code=f"{mark}-OPD", name=f"Dinas {mark}")
    site = Site.objects.create(
        code=f"{mark}-LOK",
        name=f"Pintu Air {mark}",
        kind="floodgate",
        area=district,
        agency=agency,
        latitude=-6.2,
        longitude=106.8,
    )
    half.add(city, agency, site)
    half.add(
        Uplink.objects.create(
            code=f"{mark}-NVR", name=f"NVR {mark}", kind="nvr", site=site, address="10.9.9.9:80"
        )
    )


def _work(half: Half, chief: User) -> None:
    mark, ticket, now = half.mark, half[m.Ticket], timezone.now()
    vendor, _made = m.Vendor.objects.get_or_create(name="PT Lensa")
    repair = repairs.enter(
        ticket,
        repairs.Work(m.RepairWork.CLEANING, now, vendor=vendor, note=f"lensa {mark}"),
        chief,
        photos=[develop(photo())],
    )
    half.add(repair, repair.photos.get(), vendor)
    half.add(
        m.TicketComment.objects.create(
            ticket=ticket, author=chief, at=now, text=f"tiang {mark} miring"
        ),
        m.TicketPicture.objects.create(
            ticket=ticket,
            camera=ticket.camera,
            kind="before",
            taken_at=now,
            file=keep_evidence(ticket.camera.pk, False, now, "tickets"),
        ),
        work_orders.issue([ticket], chief, person=f"Regu {mark}"),
    )


def _money(half: Half, chief: User) -> None:
    mark, agency = half.mark, half[Agency]
    line = make_line(750_000_000, timezone.localdate().year, agency=agency, name=f"Upaya {mark}")
    line.plan.create(month=5, planned_rupiah=1_000_000)
    entry = ledger.commit(
        line, 5_000_000, paper(day=timezone.localdate()), chief, reason=f"kontrak {mark}"
    )
    package = make_package(
        code=f"{mark}-PKT", name=f"Paket {mark}", line=line, tickets=[half[m.Ticket]]
    )
    procurement.start(package, max(package.rule_date, timezone.localdate()), None)
    stage = stages_of(package)[0]
    m.Stage.objects.filter(pk=stage.pk).update(remarks=f"catatan {mark}")
    upload = SimpleUploadedFile(f"kak-{mark}.pdf", b"%PDF-1.4 " + b"0" * 40)
    m.VendorContract.objects.create(vendor=half[m.Vendor], package=package)
    half.add(line, entry, package, stage, documents.attach(stage, upload, chief), line.year)


def _reports(half: Half, incident: Incident) -> None:
    mark, agency, now = half.mark, half[Agency], timezone.now()
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    subscription = m.ReportSubscription.objects.create(email=f"{mark}@example.id", agency=agency)
    report = m.Report.objects.create(
        monday=monday,
        scope=f"agency:{agency.code}",
        agency=agency,
        made_at=now,
        subject=f"Laporan {mark}",
        headline=f"Kabar {mark}",
        html=f"<p>{mark}</p>",
        text=mark,
    )
    half.add(
        subscription,
        report,
        m.ReportFile.objects.create(
            report=report, name=f"{mark}.pdf", content_type="application/pdf", content=b"%PDF"
        ),
        m.ReportDelivery.objects.create(
            report=report, subscription=subscription, monday=monday, address=f"{mark}@example.id"
        ),
    )
    mail = m.UrgentMail.objects.create(address=f"darurat-{mark}@example.id")
    m.UrgentMatter.objects.create(mail=mail, address=mail.address, incident=incident)
    half.add(mail)


# Name → the rows of a person's reach, in the half that is his.
REACHES: dict[str, Any] = {
    "agency and area": lambda half: [{"agency": half[Agency], "area": half[Area]}],
    "agency": lambda half: [{"agency": half[Agency]}],
    "area": lambda half: [{"area": half[Area]}],
    "nothing": lambda half: [],
}


def make_person(role: Role, reach: str, half: Half) -> User:
    """Somebody with the role, who reaches that much of the half."""
    person = User.objects.create_user(f"{role}-{reach}".replace(" ", "-"), is_staff=True)
    person.groups.add(group_of(role))
    for row in REACHES[reach](half):
        Reach.objects.create(user=person, **row)
    return person
