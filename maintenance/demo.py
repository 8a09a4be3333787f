"""The demo's money: Rp 750.000.000 for upkeep this year, and the same sum in October 2013.

All goes through the deeds, as if people had done it. What is there already is left alone: each
package is known by its code.
"""

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils import timezone

from cameras.models import Agency
from maintenance import contracts, demo_vendors, ledger, procurement
from maintenance.holidays import calendar
from maintenance.ledger import Document
from maintenance.models import (
    BudgetLine,
    DocumentKind,
    FiscalYear,
    Kind,
    Method,
    MonthlyPlan,
    Outcome,
    Package,
    PackageTicket,
    Stage,
    Ticket,
)
from maintenance.procurement_schedule import Role

__all__ = ["CEILING", "OCTOBER_2013", "load", "october_2013"]

CEILING = 750_000_000
MILLION = 1_000_000
OCTOBER_2013 = "CCTV-2013"


def load() -> int:
    """Add what is missing; the number of packages added."""
    added = 0
    for make in (october_2013, _gates, _lenses, _network, _spares):
        with transaction.atomic():
            added += make()
    with transaction.atomic():
        demo_vendors.load()
        _let_tickets_wait()
    return added


def october_2013() -> bool:
    """A simple tender over the whole line, begun on 16 September 2013: too late for its year.

    False when it is there already.
    """
    if Package.objects.filter(code=OCTOBER_2013).exists():
        return False
    line = _line(2013, "5.2.2.20.05", "Pemeliharaan CCTV pintu air dan titik strategis")
    package = procurement.plan_package(
        OCTOBER_2013,
        "Pemeliharaan CCTV pintu air dan titik strategis",
        line,
        kind=Kind.SERVICES,
        method=Method.SIMPLE_TENDER,
        hps_rupiah=CEILING,
        rule_date=date(2013, 9, 16),
        work_days=60,
        by=None,
    )
    package.upkeep.create(description="Kamera di pintu air", quantity=34, unit_rupiah=15 * MILLION)
    package.upkeep.create(
        description="Kamera di titik strategis", quantity=24, unit_rupiah=10 * MILLION
    )
    procurement.start(package, date(2013, 9, 16), None)
    # What each stage took; the documents were four working days late.
    happened = {
        "rup": (date(2013, 9, 16), date(2013, 9, 16), ""),
        "preparation": (date(2013, 9, 17), date(2013, 10, 4), "HPS disusun ulang"),
        "review": (date(2013, 10, 7), date(2013, 10, 9), ""),
        "announcement": (date(2013, 10, 10), date(2013, 10, 18), ""),
        "registration": (date(2013, 10, 10), date(2013, 10, 21), ""),
        "explanation": (date(2013, 10, 18), date(2013, 10, 18), ""),
        "bids": (date(2013, 10, 21), date(2013, 10, 23), ""),
        "opening": (date(2013, 10, 23), date(2013, 10, 23), ""),
        "evaluation": (date(2013, 10, 24), date(2013, 11, 6), "Klarifikasi harga"),
        "proof": (date(2013, 11, 7), date(2013, 11, 11), ""),
        "winner": (date(2013, 11, 12), date(2013, 11, 12), ""),
        "winner_announced": (date(2013, 11, 13), date(2013, 11, 13), ""),
        "objection": (date(2013, 11, 14), date(2013, 11, 18), ""),
    }
    for stage in Stage.objects.filter(round__package=package, code__in=happened).order_by("order"):
        started, ended, remarks = happened[stage.code]
        procurement.record_stage(stage, started, ended, None, remarks)
    reason = "Sisa waktu tidak cukup: pekerjaan 60 hari akan melewati 31 Desember 2013"
    procurement.cancel(package, reason, None, on=date(2013, 11, 19))
    ledger.close_year(line.year, None)
    return True


def _gates() -> bool:
    """A tender that failed once and is late; repairs wait for it."""

    def run(package: Package) -> None:
        _go_on(package, "evaluation")
        opened = _stage(package, "opening")
        if opened.actual_end is None:
            return
        procurement.fail_tender(
            package, "Hanya satu penawaran yang memenuhi syarat", opened.actual_end, None
        )
        _go_on(package, "evaluation")

    return _package(
        "01", "Perbaikan CCTV pintu air", Method.TENDER, 300 * MILLION, 60, begun_ago=55, run=run
    )


def _lenses() -> bool:
    """A small one that went through to its payment."""

    def run(package: Package) -> None:
        if _signed(package, "PT Lensa Jaya Abadi", 138 * MILLION) and _go_on(
            package, Role.HANDOVER
        ):
            handed_over = _stage(package, "handover").planned_end
            paid = _stage(package, "payment").planned_end
            if handed_over and paid and paid <= timezone.localdate():
                contracts.accept_work(package, f"BAST-{package.code}", handed_over, None)
                contracts.pay(package, f"SP2D-{package.code}", paid, 138 * MILLION, None)

    return _package(
        "02",
        "Pembersihan lensa dan rumah kamera",
        Method.DIRECT_PROCUREMENT,
        150 * MILLION,
        20,
        begun_ago=60,
        run=run,
    )


def _network() -> bool:
    """From the catalogue, under contract now."""

    def run(package: Package) -> None:
        if _signed(package, "PT Jaringan Nusa", 118 * MILLION) and _go_on(package, "work"):
            work = _stage(package, "work")
            if work.planned_start and work.planned_start <= timezone.localdate():
                procurement.record_stage(work, work.planned_start, None, None)

    return _package(
        "03",
        "Penggantian switch dan kabel jaringan",
        Method.E_PURCHASING,
        120 * MILLION,
        30,
        kind=Kind.GOODS,
        begun_ago=20,
        run=run,
    )


def _spares() -> bool:
    """Only planned."""
    return _package(
        "04", "Suku cadang kamera cadangan", Method.E_PURCHASING, 90 * MILLION, 14, kind=Kind.GOODS
    )


def _package(
    number: str,
    name: str,
    method: Method,
    hps_rupiah: int,
    work_days: int,
    *,
    kind: Kind = Kind.SERVICES,
    begun_ago: int = 0,
    run: Callable[[Package], None] | None = None,
) -> bool:
    """A package of this year that began so many working days ago; False when it is there."""
    today = timezone.localdate()
    code = f"CCTV-{today.year}-{number}"
    if Package.objects.filter(code=code).exists():
        return False
    days = calendar()
    began = max(days.add(today, -begun_ago), days.next_working_day(date(today.year, 1, 2)))
    package = procurement.plan_package(
        code,
        name,
        _line(today.year, "5.1.02.03.02.0117", "Pemeliharaan CCTV"),
        kind=kind,
        method=method,
        hps_rupiah=hps_rupiah,
        rule_date=began,
        work_days=work_days,
        by=None,
    )
    if run is not None and began <= today:
        run(procurement.start(package, began, None))
    return True


def _line(year: int, code: str, name: str) -> BudgetLine:
    """The line with its Rp 750.000.000, made when it is not there."""
    agency, _made = Agency.objects.get_or_create(
        code="DISKOMINFOTIK", defaults={"name": "Dinas Komunikasi, Informatika dan Statistik"}
    )
    fiscal_year, _made = FiscalYear.objects.get_or_create(year=year)
    line, made = BudgetLine.objects.get_or_create(
        year=fiscal_year, code=code, name=name, defaults={"agency": agency}
    )
    if made:
        document = Document(DocumentKind.DPA, f"DPA/{year}/2.16", date(year, 1, 2))
        ledger.allocate(line, CEILING, document, None, key=f"demo:{year}")
        MonthlyPlan.objects.bulk_create(
            MonthlyPlan(line=line, month=month, planned_rupiah=CEILING // 10)
            for month in range(3, 13)
        )
    return line


def _stage(package: Package, code: str) -> Stage:
    return Stage.objects.filter(round__package=package, code=code).latest("round__number")


def _go_on(package: Package, until: Role | str) -> bool:
    """Record stages as planned, up to one or to today; whether that one has come."""
    running = Stage.objects.filter(round__package=package, round__outcome=Outcome.RUNNING)
    for pk in running.filter(included=True).order_by("order").values_list("pk", flat=True):
        stage = Stage.objects.get(pk=pk)
        if until in (stage.code, stage.role):
            return True
        start, end = stage.planned_start, stage.planned_end
        if stage.is_done or start is None or end is None:
            continue
        if end > timezone.localdate():
            return False
        procurement.record_stage(stage, start, end, None)
    return False


def _signed(package: Package, vendor: str, value_rupiah: int) -> bool:
    """Go on to the contract and sign it, when its day has come."""
    if not _go_on(package, Role.CONTRACT):
        return False
    signed_on = _stage(package, "contract").planned_end
    ends_on = _stage(package, "work").planned_end
    if signed_on is None or ends_on is None or signed_on > timezone.localdate():
        return False
    contracts.sign_contract(
        package, f"SPK-{package.code}", vendor, value_rupiah, signed_on, ends_on, None
    )
    return True


def _let_tickets_wait() -> None:
    """Put tickets into the first package when it has none yet: cameras break after the start."""
    code = f"CCTV-{timezone.localdate().year}-01"
    package = Package.objects.open_for_tickets().filter(code=code, links=None).first()
    waiting = PackageTicket.objects.filter(left_at=None).values("ticket")
    free = Ticket.objects.unclosed().exclude(pk__in=waiting)
    if package is not None:
        procurement.put_in(package, free, None)
