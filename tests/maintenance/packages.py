"""Packages that tests begin with, and the way that they go."""

import itertools
from datetime import date
from typing import Any

from django.utils import timezone

from cameras.models import Camera
from maintenance import contracts, procurement
from maintenance.models import Kind, Method, Outcome, Package, Stage, Ticket
from maintenance.procurement_schedule import Role
from tests.factories import make_camera, make_line

MILLION = 1_000_000
_numbers = itertools.count(1)


def make_package(**fields: Any) -> Package:
    """A planned package; by tender, over 300 million, unless told."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "code": f"PKT-{number}",
        "name": f"Perbaikan CCTV {number}",
        "kind": Kind.SERVICES,
        "method": Method.TENDER,
        "hps_rupiah": 300 * MILLION,
        "rule_date": date(2026, 2, 2),
        "work_days": 30,
        "by": None,
        **fields,
    }
    line = given.pop("line", None) or make_line(750 * MILLION)
    return procurement.plan_package(given.pop("code"), given.pop("name"), line, **given)


def make_ticket(camera: Camera | None = None, **fields: Any) -> Ticket:
    given = {"camera": camera or make_camera(), "opened_at": timezone.now(), **fields}
    return Ticket.objects.create(**given)


def stages_of(package: Package) -> list[Stage]:
    """Those of the round that is under way, as they are now; only those that are in the plan."""
    return list(
        Stage.objects.filter(
            round__package=package, round__outcome=Outcome.RUNNING, included=True
        ).order_by("order")
    )


def stage(package: Package, code: str) -> Stage:
    return Stage.objects.filter(round__package=package, code=code).latest("round__number")


def go_on(package: Package, until: Role | str) -> None:
    """Record every stage as planned, up to (not including) the one with this role or code."""
    for each in stages_of(package):
        if until in (each.role, each.code):
            return
        if each.actual_end is None:
            each.refresh_from_db()
            procurement.record_stage(each, each.planned_start, each.planned_end, None)


def sign(package: Package, value_rupiah: int = 280 * MILLION, **fields: Any) -> Package:
    """Sign on the planned day; the number is the package's unless told."""
    planned = stage(package, "contract").planned_end
    given = {"signed_on": planned, "ends_on": date(2026, 11, 30), "by": None, **fields}
    number = given.pop("number", f"{package.code}/KONTRAK")
    return contracts.sign_contract(package, number, "PT Lensa", value_rupiah, **given)


def contracted(**fields: Any) -> Package:
    """A package under contract over 280 million; begun on 2 February 2026."""
    package = procurement.start(make_package(**fields), date(2026, 2, 2), None)
    go_on(package, Role.CONTRACT)
    return sign(package, ends_on=date(2026, 6, 30))


def accepted(**fields: Any) -> Package:
    package = contracted(**fields)
    go_on(package, Role.HANDOVER)
    return contracts.accept_work(package, "BAST-1", stage(package, "handover").planned_end, None)
