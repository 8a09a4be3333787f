"""Rows and values that tests begin with; each call makes a new one."""

import itertools
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import cv2
import numpy as np
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from cameras.models import Agency, Area, Camera, Reach, Site
from maintenance import ledger
from maintenance.models import BudgetLine, DocumentKind, FiscalYear
from monitoring.examining import Observation
from monitoring.marks import new_mark
from monitoring.models import CameraHealth
from monitoring.scheduling import add_new
from monitoring.verdicts import Reason, Verdict

_numbers = itertools.count(1)
TINY_JPEG = cv2.imencode(".jpg", np.full((9, 16), 128, np.uint8))[1].tobytes()


def make_site(**fields: Any) -> Site:
    area, _created = Area.objects.get_or_create(code="JS", defaults={"name": "Jakarta Selatan"})
    number = next(_numbers)
    return Site.objects.create(
        **{"code": f"PA-{number}", "name": f"Pintu Air {number}", "area": area, **fields}
    )


def make_camera(**fields: Any) -> Camera:
    number = next(_numbers)
    if "site" not in fields:
        fields["site"] = make_site()
    given = {
        "code": f"PA-TST-{number}",
        "name": f"Kamera {number}",
        "snapshot_url": f"http://127.0.0.1:9/{number}.jpg",
    }
    return Camera.objects.create(**{**given, **fields})


def make_year(year: int = 2026, **fields: Any) -> FiscalYear:
    return FiscalYear.objects.get_or_create(year=year, defaults=fields)[0]


def make_line(ceiling_rupiah: int = 0, year: int = 2026, **fields: Any) -> BudgetLine:
    """A budget line, with an allocation unless its ceiling is 0."""
    number = next(_numbers)
    if "agency" not in fields:
        fields["agency"], _created = Agency.objects.get_or_create(
            code="SATPOL", defaults={"name": "Satpol PP"}
        )
    given = {"code": f"5.1.02.03.02.{number:04}", "name": f"Pemeliharaan CCTV {number}"}
    line = BudgetLine.objects.create(**{"year": make_year(year), **given, **fields})
    if ceiling_rupiah:
        ledger.allocate(line, ceiling_rupiah, paper(DocumentKind.DPA, date(year, 1, 2)), None)
    return line


def paper(
    kind: DocumentKind = DocumentKind.CONTRACT, day: date = date(2026, 3, 2), **fields: Any
) -> ledger.Document:
    """A document with a number of its own."""
    return ledger.Document(kind, f"{next(_numbers)}/{kind.value}", day, **fields)


def make_user(
    *permissions: str, reach: Iterable[dict[str, Any]] | None = None, **fields: Any
) -> User:
    """A member of staff who may do what is named, as `cameras.view_camera`.

    Reaches everything, unless told: rows as `{"area": area}`.
    """
    user = User.objects.create_user(
        **{"username": f"petugas-{next(_numbers)}", "is_staff": True, **fields}
    )
    for row in [{"everything": True}] if reach is None else reach:
        Reach.objects.create(user=user, **row)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def seen(
    camera: Camera,
    verdict: Verdict,
    at: datetime | None = None,
    reason: Reason = Reason.NONE,
    **fields: Any,
) -> Observation:
    """What a probe of this camera found; with a picture unless it is offline."""
    with_picture = {"jpeg": TINY_JPEG, "size": (640, 360), "codec": "h264", "trace": b"trace"}
    return Observation(
        **{
            "camera_id": camera.pk,
            "at": at or timezone.now(),
            "verdict": verdict,
            "reason": reason,
            **({} if verdict is Verdict.OFFLINE else with_picture),
            **fields,
        }
    )


def claimed(*cameras: Camera) -> uuid.UUID:
    """Give these cameras to a batch, as the scheduler does; the batch's mark."""
    add_new(timezone.now())
    mark = new_mark(timezone.now())
    CameraHealth.objects.filter(pk__in=[camera.pk for camera in cameras]).update(claim=mark)
    return mark
