"""Packages as releases of the Open Contracting Data Standard, version 1.1.

One release per package, with all that is known now: https://standard.open-contracting.org/1.1/en/.
A failed tender is part of its package's release (as milestones), because the city counts its rounds
under one package. Amounts are whole rupiah, moments carry Jakarta's offset.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from maintenance.models import (
    EntryKind,
    Kind,
    LedgerEntry,
    Method,
    Outcome,
    Package,
    PackageState,
    PackageTicket,
    Round,
    Stage,
)

__all__ = ["PREFIX", "release", "release_package"]

# Prefixes are registered with the Open Contracting Partnership; this one is for demonstration.
PREFIX = "ocds-cctvjkt"
VERSION = "1.1"

_METHODS = {
    Method.E_PURCHASING: "selective",
    Method.DIRECT_PROCUREMENT: "limited",
    Method.DIRECT_APPOINTMENT: "direct",
    Method.QUICK_TENDER: "selective",
    Method.SIMPLE_TENDER: "open",
    Method.TENDER: "open",
    Method.SELF_MANAGEMENT: "direct",
}
_CATEGORIES = {Kind.GOODS: "goods", Kind.SERVICES: "services", Kind.WORKS: "works"}
_TENDER_STATUS = {
    PackageState.PLANNED: "planned",
    PackageState.RUNNING: "active",
    PackageState.CANCELLED: "cancelled",
}


def release_package(packages: QuerySet[Package], *, uri: str) -> dict[str, Any]:
    """The releases with what the standard wants around them; a fixed number of queries."""
    return {
        "uri": uri,
        "version": VERSION,
        "publishedDate": timezone.localtime().isoformat(timespec="seconds"),
        "publisher": {"name": "Pemerintah Provinsi DKI Jakarta"},
        "releases": [release(package) for package in _with_all(packages)],
    }


def release(package: Package) -> dict[str, Any]:
    """One package as a release that is valid against the published schema."""
    rounds = list(package.rounds.all())
    stages = [stage for each in rounds for stage in each.stages.all() if stage.included]
    events = list(package.events.all())
    changed_at = events[-1].at if events else package.created_at
    agency = package.line.agency
    ocid = f"{PREFIX}-{package.code}"
    found: dict[str, Any] = {
        "ocid": ocid,
        "id": f"{ocid}-{changed_at:%Y%m%dT%H%M%S}-{len(events)}",
        "date": _moment(changed_at),
        "tag": _tags(package),
        "initiationType": "tender",
        "language": "id",
        "parties": _parties(package),
        "buyer": {"id": f"ID-SKPD-{agency.code}", "name": agency.name},
        "planning": _planning(package, stages),
        "tender": _tender(package, rounds, stages),
    }
    if package.is_signed:
        found["awards"] = [_award(package)]
        found["contracts"] = [_contract(package, stages)]
    return found


def _with_all(packages: QuerySet[Package]) -> Iterable[Package]:
    stages = Prefetch("stages", Stage.objects.order_by("order"))
    rounds = Prefetch("rounds", Round.objects.order_by("number").prefetch_related(stages))
    movements = Prefetch(
        "commitment__movements", LedgerEntry.objects.select_related("reversed_by").order_by("pk")
    )
    subjects = ("links__ticket__camera", "links__ticket__uplink")
    return packages.select_related(
        "line__year", "line__agency", "rule_set", "commitment"
    ).prefetch_related(rounds, "events", "upkeep", *subjects, movements)


def _tags(package: Package) -> list[str]:
    tags = ["planning"]
    if package.state == PackageState.CANCELLED:
        return [*tags, "tenderCancellation"]
    if package.state != PackageState.PLANNED:
        tags.append("tender")
    if package.is_signed:
        tags += ["award", "contract"]
    if package.state in (PackageState.ACCEPTED, PackageState.PAID):
        tags.append("implementation")
    return tags


def _parties(package: Package) -> list[dict[str, Any]]:
    agency = package.line.agency
    parties: list[dict[str, Any]] = [
        {
            "id": f"ID-SKPD-{agency.code}",
            "name": agency.name,
            "roles": ["buyer", "procuringEntity", "payer"],
        }
    ]
    if package.is_signed:
        parties.append(
            {
                "id": _supplier_id(package),
                "name": package.vendor_name,
                "roles": ["supplier", "payee"],
            }
        )
    return parties


def _planning(package: Package, stages: list[Stage]) -> dict[str, Any]:
    line = package.line
    return {
        "budget": {
            "id": line.code,
            "description": line.name,
            "project": line.activity or None,
            "projectID": line.activity_code or None,
            "amount": _value(package.hps_rupiah),
        },
        "milestones": _milestones(stages, "planning"),
    }


def _tender(package: Package, rounds: list[Round], stages: list[Stage]) -> dict[str, Any]:
    status = _TENDER_STATUS.get(PackageState(package.state), "complete")
    tender: dict[str, Any] = {
        "id": f"{package.code}-tender",
        "title": package.name,
        "status": status,
        "value": _value(package.hps_rupiah),
        "procurementMethod": _METHODS[Method(package.method)],
        "procurementMethodDetails": str(Method(package.method).label),
        "procurementMethodRationale": package.justification or package.rule_set.citation,
        "mainProcurementCategory": _CATEGORIES[Kind(package.kind)],
        "items": _items(package),
        "milestones": _milestones(stages, "tender") + _failures(rounds),
    }
    if period := _period(stages, "announcement", "bids"):
        tender["tenderPeriod"] = period
    if period := _period(stages, "evaluation", "proof"):
        tender["awardPeriod"] = period
    return tender


def _award(package: Package) -> dict[str, Any]:
    return {
        "id": f"{package.code}-award",
        "title": package.name,
        "status": "active",
        "date": _day(package.signed_on),
        "value": _value(package.contract_rupiah),
        "suppliers": [{"id": _supplier_id(package), "name": package.vendor_name}],
    }


def _contract(package: Package, stages: list[Stage]) -> dict[str, Any]:
    movements = list(package.commitment.movements.all()) if package.commitment else []
    payments = [
        entry
        for entry in movements
        if entry.kind == EntryKind.REALISATION and not hasattr(entry, "reversed_by")
    ]
    # Addenda and what was released change the contract; what was awarded stays.
    value = (package.contract_rupiah or 0) + sum(entry.committed_rupiah for entry in movements)
    is_done = package.state in (PackageState.ACCEPTED, PackageState.PAID)
    agency = package.line.agency
    return {
        "id": package.contract_number,
        "awardID": f"{package.code}-award",
        "title": package.name,
        "status": "terminated" if package.state == PackageState.PAID else "active",
        "period": {"startDate": _day(package.signed_on), "endDate": _day(package.ends_on)},
        "value": _value(value),
        "dateSigned": _day(package.signed_on),
        "milestones": _milestones(stages, "contract"),
        "implementation": {
            "milestones": _milestones(stages, "implementation"),
            "transactions": [
                {
                    "id": entry.document_number,
                    "date": _day(entry.document_date),
                    "value": _value(entry.amount_rupiah),
                    "payer": {"id": f"ID-SKPD-{agency.code}", "name": agency.name},
                    "payee": {"id": _supplier_id(package), "name": package.vendor_name},
                }
                for entry in payments
            ],
        }
        if is_done or payments
        else {},
    }


def _items(package: Package) -> list[dict[str, Any]]:
    repairs = [
        {"id": link.ticket.number, "description": str(link.ticket.subject), "quantity": 1}
        for link in package.links.all()
        if not _left_before_the_contract(package, link)
    ]
    upkeep = [
        {
            "id": f"upkeep-{each.pk}",
            "description": each.description,
            "quantity": each.quantity,
            "unit": {"value": _value(each.unit_rupiah)},
        }
        for each in package.upkeep.all()
    ]
    return [*_once(repairs), *upkeep]


def _left_before_the_contract(package: Package, link: PackageTicket) -> bool:
    """Taken out of the package: the contract does not mend it."""
    if link.left_at is None or package.state == PackageState.CANCELLED:
        return False
    left_on = timezone.localdate(link.left_at)
    return package.signed_on is None or left_on < package.signed_on


def _once(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without repeats: a ticket may have left a package and joined it again."""
    return list({item["id"]: item for item in items}.values())


def _milestones(stages: list[Stage], phase: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"stage-{stage.pk}",
            "title": stage.name,
            "type": {"planning": "preProcurement", "tender": "approval"}.get(phase, "delivery"),
            "code": stage.code,
            "dueDate": _day(stage.planned_end),
            **({"dateMet": _day(stage.actual_end)} if stage.actual_end else {}),
            "status": "met"
            if stage.actual_end
            else ("scheduled" if stage.actual_start is None else "partiallyMet"),
        }
        for stage in stages
        if stage.phase == phase or (phase == "contract" and stage.phase == "award")
    ]


def _failures(rounds: list[Round]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"round-{each.pk}",
            "title": f"Tender gagal, putaran {each.number}",
            "type": "approval",
            "description": each.reason,
            "dueDate": _day(each.ended_on),
            "status": "notMet",
        }
        for each in rounds
        if each.outcome == Outcome.FAILED
    ]


def _period(stages: list[Stage], first: str, last: str) -> dict[str, str | None] | None:
    """From the start of the latest stage `first` to the end of the latest `last`."""
    by_code = {stage.code: stage for stage in stages}
    begins, ends = by_code.get(first), by_code.get(last) or by_code.get(first)
    if begins is None or ends is None:
        return None
    start = begins.actual_start or begins.planned_start
    end = ends.actual_end or ends.planned_end
    return {"startDate": _day(start), "endDate": _day(end)} if start and end else None


def _supplier_id(package: Package) -> str:
    return f"{package.code}-supplier"


def _value(rupiah: int | None) -> dict[str, Any]:
    return {"amount": rupiah, "currency": "IDR"}


def _day(day: date | None) -> str | None:
    return _moment(timezone.make_aware(datetime.combine(day, time()))) if day else None


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
