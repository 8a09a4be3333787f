"""The deeds of a procurement up to its contract; `contracts` has those from there on.

    plan_package     the HPS is reserved on the budget line
    choose_method    while it is only planned; refused with the rule cited
    put_in · take_out   tickets that wait for the package
    start            the first round, planned by the template; the plan is also the baseline
    record_stage     what happened of a stage; those after it move
    need_stage · put_off   a stage that was not foreseen; one that has to wait
    fail_tender      the round ends, a new one begins
    cancel           what was reserved falls back

Each locks its package, so that two people at once are served one after the other, writes a line of
the history, and raises ProcurementError, or LedgerError, with words for people. What a deed
refuses leaves nothing behind.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance import ledger, ticket_packages
from maintenance.holidays import calendar
from maintenance.ledger import Document
from maintenance.models import (
    BudgetLine,
    Deed,
    DocumentKind,
    Method,
    MethodRule,
    Outcome,
    Package,
    PackageState,
    PackageTicket,
    RuleSet,
    Stage,
    Ticket,
)
from maintenance.package_deeds import locked, tell
from maintenance.package_plan import begin_round, replan, running_round, stage_with_role
from maintenance.procurement_rules import ProcurementError, rules_on, ruling
from maintenance.procurement_schedule import Role
from maintenance.rupiah import format_rupiah

__all__ = [
    "ProcurementError",
    "cancel",
    "choose_method",
    "fail_tender",
    "need_stage",
    "plan_package",
    "put_in",
    "put_off",
    "record_stage",
    "start",
    "take_out",
]

# Stages that end by a deed of their own: the contract, the BAST, the payment.
_BY_DEED = (Role.CONTRACT, Role.HANDOVER, Role.PAYMENT)


def plan_package(
    code: str,
    name: str,
    line: BudgetLine,
    *,
    kind: str,
    method: str,
    hps_rupiah: int,
    rule_date: date,
    work_days: int,
    by: User | None,
    justification: str = "",
    tickets: Iterable[Ticket] = (),
) -> Package:
    """A new package, with its HPS reserved on the line and the tickets waiting for it.

    `work_days`: calendar days that the work takes. Refused when the method is not allowed for the
    value on that day, and when the line does not have the HPS any more.
    """
    with transaction.atomic():
        rules = rules_on(rule_date)
        _expect_allowed(rules, method, kind, hps_rupiah, justification)
        if Package.objects.filter(code=code).exists():
            raise ProcurementError(
                gettext("There is a package %(package)s already.") % {"package": code}
            )
        reservation = ledger.reserve(
            line, hps_rupiah, Document(DocumentKind.HPS, code, rule_date), by, reason=name
        )
        package = Package.objects.create(
            code=code,
            name=name,
            line=line,
            kind=kind,
            method=method,
            justification=justification,
            rule_date=rule_date,
            rule_set=rules,
            hps_rupiah=hps_rupiah,
            work_days=work_days,
            reservation=reservation,
            created_at=timezone.now(),
        )
        tell(package, Deed.PLANNED, by, f"{Method(method).label}, {format_rupiah(hps_rupiah)}")
        put_in(package, tickets, by)
    return package


def choose_method(
    package: Package, method: str, by: User | None, justification: str = ""
) -> Package:
    """Another method for a package that has not started; the same one again changes nothing."""
    with transaction.atomic():
        found = locked(package, PackageState.PLANNED)
        if (found.method, found.justification) == (method, justification):
            return found
        _expect_allowed(found.rule_set, method, found.kind, found.hps_rupiah, justification)
        found.method, found.justification = method, justification
        found.save()
        tell(found, Deed.METHOD, by, f"{Method(method).label} {justification}".strip())
    return found


def put_in(package: Package, tickets: Iterable[Ticket], by: User | None) -> int:
    """Let tickets wait for a package that is not signed yet; how many are new in it.

    Refused for closed tickets, and for those that wait for another package.
    """
    now, added = timezone.now(), []
    with transaction.atomic():
        found = locked(package, PackageState.PLANNED, PackageState.RUNNING)
        for given in tickets:
            ticket = Ticket.objects.select_for_update().get(pk=given.pk)
            if not ticket.is_open:
                raise ProcurementError(
                    gettext("Ticket %(ticket)s is closed already.") % {"ticket": ticket}
                )
            link = ticket.package_links.filter(left_at=None).select_related("package").first()
            if link is not None and link.package_id != found.pk:
                raise ProcurementError(
                    gettext("Ticket %(ticket)s waits for package %(package)s already.")
                    % {"ticket": ticket, "package": link.package.code}
                )
            if link is None:
                _join(found, ticket, now)
                ticket_packages.joined(ticket, found.code, by)
                added.append(ticket.number)
        if added:
            tell(found, Deed.TICKETS, by, "+ " + ", ".join(added))
    return len(added)


def take_out(package: Package, ticket: Ticket, by: User | None) -> None:
    """Let a ticket no longer wait for the package; one that does not wait changes nothing."""
    with transaction.atomic():
        found = locked(package, PackageState.PLANNED, PackageState.RUNNING)
        if found.links.filter(ticket=ticket, left_at=None).update(left_at=timezone.now()):
            ticket_packages.left(ticket, found.code, by)
            tell(found, Deed.TICKETS, by, f"− {ticket.number}")


def start(package: Package, on: date, by: User | None) -> Package:
    """Begin the procurement: its first round, planned by the template of its method."""
    with transaction.atomic():
        found = locked(package, PackageState.PLANNED)
        rule = _expect_allowed(
            found.rule_set, found.method, found.kind, found.hps_rupiah, found.justification
        )
        begin_round(found, 1, rule.template.items.all(), on, calendar())
        found.state = PackageState.RUNNING
        found.save()
        tell(found, Deed.STARTED, by, date_format(on))
    return found


def record_stage(
    stage: Stage,
    started: date,
    ended: date | None,
    by: User | None,
    remarks: str = "",
) -> Stage:
    """What happened of a stage: that it began, or, with `ended`, that it is done.

    Told twice in the same words, it changes nothing the second time. Refused for days to come, for
    a stage of a round that is over, and for those that end by a deed of their own.
    """
    with transaction.atomic():
        package = locked(stage.round.package, PackageState.RUNNING, PackageState.CONTRACTED)
        found = Stage.objects.select_related("round").get(pk=stage.pk)
        told = (started, ended, remarks)
        if (found.actual_start, found.actual_end, found.remarks) == told:
            return found
        _expect_recordable(package, found, started, ended)
        found.actual_start, found.actual_end, found.remarks = told
        found.save()
        replan(found.round, package, calendar())
        tell(package, Deed.STAGE, by, _in_words(found))
    return found


def need_stage(stage: Stage, by: User | None) -> Stage:
    """Put a stage into the plan that is only needed sometimes, as the answer to an objection."""
    with transaction.atomic():
        package = locked(stage.round.package, PackageState.RUNNING)
        found = Stage.objects.select_related("round").get(pk=stage.pk)
        _expect_current(found)
        if found.included:
            return found
        found.included = True
        _plan_provisionally(found)
        found.save()
        replan(found.round, package, calendar())
        tell(package, Deed.NEEDED, by, found.name)
        found.refresh_from_db()
    return found


def put_off(stage: Stage, until: date, by: User | None, remarks: str = "") -> Stage:
    """Plan a stage that has not begun for a later day; those after it move along."""
    with transaction.atomic():
        package = locked(stage.round.package, PackageState.RUNNING, PackageState.CONTRACTED)
        found = Stage.objects.select_related("round").get(pk=stage.pk)
        _expect_current(found)
        if found.actual_start is not None:
            raise ProcurementError(
                gettext("Stage “%(stage)s” has begun: it cannot be put off any more.")
                % {"stage": found}
            )
        if found.put_off_to == until:
            return found
        found.put_off_to = until
        found.remarks = remarks or found.remarks
        found.save()
        replan(found.round, package, calendar())
        tell(package, Deed.STAGE, by, f"{found.name} → {date_format(until)} {remarks}".strip())
        found.refresh_from_db()
    return found


def fail_tender(
    package: Package,
    reason: str,
    failed_on: date,
    by: User | None,
    *,
    again_from: Role = Role.ANNOUNCEMENT,
) -> Package:
    """End the round as failed (tender gagal); the next working day begins a new one (tender ulang).

    `again_from`: Role.ANNOUNCEMENT, or Role.DOCUMENTS when the documents have to be changed first.
    Refused before the announcement. The failed round stays as it is.
    """
    with transaction.atomic():
        found = locked(package, PackageState.RUNNING)
        ending = running_round(found)
        announced = stage_with_role(ending, Role.ANNOUNCEMENT) if ending else None
        if ending is None or announced is None or announced.actual_start is None:
            raise ProcurementError(
                gettext("Package %(package)s has not been announced yet: nothing can have failed.")
                % {"package": found.code}
            )
        if not announced.actual_start <= failed_on <= timezone.localdate():
            raise ProcurementError(
                gettext("A tender fails between its announcement and today, not on %(day)s.")
                % {"day": date_format(failed_on)}
            )
        again = stage_with_role(ending, again_from) or announced
        ending.outcome, ending.reason, ending.ended_on = Outcome.FAILED, reason, failed_on
        ending.save()
        days = calendar()
        begin_round(
            found,
            ending.number + 1,
            ending.stages.filter(order__gte=again.order),
            days.add(failed_on, 1),
            days,
        )
        tell(found, Deed.FAILED, by, reason)
    return found


def cancel(package: Package, reason: str, by: User | None, *, on: date | None = None) -> Package:
    """Give a package up before its contract: the reservation falls back, its tickets are free.

    `on`: the day it was given up, today unless told.
    """
    with transaction.atomic():
        found = locked(package, PackageState.PLANNED, PackageState.RUNNING)
        ledger.release(found.reservation, by, reason=reason, key=f"package:{found.pk}:cancel")
        day = on or timezone.localdate()
        for ending in found.rounds.filter(outcome=Outcome.RUNNING):
            ending.outcome, ending.reason = Outcome.CANCELLED, reason
            ending.ended_on = max(day, ending.started_on)
            ending.save()
        waiting = found.links.filter(left_at=None)
        for link in waiting.select_related("ticket"):
            ticket_packages.left(link.ticket, found.code, by)
        waiting.update(left_at=timezone.now())
        found.state = PackageState.CANCELLED
        found.save()
        tell(found, Deed.CANCELLED, by, reason)
    return found


def _expect_allowed(
    rules: RuleSet, method: str, kind: str, value_rupiah: int, justification: str
) -> MethodRule:
    answer = ruling(rules, method, kind, value_rupiah, justification)
    if answer.refusal or answer.rule is None:
        raise ProcurementError(answer.refusal)
    return answer.rule


def _join(package: Package, ticket: Ticket, now: datetime) -> None:
    try:
        with transaction.atomic():
            PackageTicket.objects.create(package=package, ticket=ticket, joined_at=now)
    except IntegrityError:  # at this moment, somebody put it into another one
        raise ProcurementError(
            gettext("Ticket %(ticket)s waits for another package already.") % {"ticket": ticket}
        ) from None


def _expect_current(stage: Stage) -> None:
    if stage.round.outcome != Outcome.RUNNING:
        raise ProcurementError(
            gettext("Stage “%(stage)s” belongs to a round that is over.") % {"stage": stage}
        )


def _expect_recordable(package: Package, stage: Stage, started: date, ended: date | None) -> None:
    _expect_current(stage)
    if not stage.included:
        raise ProcurementError(
            gettext("Stage “%(stage)s” is not part of the plan: add it first.") % {"stage": stage}
        )
    if ended is not None and Role(stage.role) in _BY_DEED:
        raise ProcurementError(
            gettext("Stage “%(stage)s” ends by signing, accepting or paying, not by hand.")
            % {"stage": stage}
        )
    signing = stage_with_role(stage.round, Role.CONTRACT)
    after_contract = signing is not None and stage.order > signing.order
    if after_contract and package.state == PackageState.RUNNING:
        raise ProcurementError(
            gettext("Stage “%(stage)s” comes after the contract, which is not signed yet.")
            % {"stage": stage}
        )
    if not after_contract and package.state == PackageState.CONTRACTED:
        raise ProcurementError(
            gettext("The contract is signed: stage “%(stage)s” stays as it is.") % {"stage": stage}
        )
    last = ended or started
    if started > last or last > timezone.localdate() or started < stage.round.started_on:
        raise ProcurementError(
            gettext(
                "Stage “%(stage)s” must begin on or after %(first)s, end on the same day or later, "
                "and not in the future."
            )
            % {"stage": stage, "first": date_format(stage.round.started_on)}
        )


def _plan_provisionally(stage: Stage) -> None:
    """Days for a stage that gets its place by the `replan` that follows."""
    stage.planned_start = stage.planned_end = stage.round.started_on
    stage.baseline_start = stage.baseline_end = None


def _in_words(stage: Stage) -> str:
    started = date_format(stage.actual_start) if stage.actual_start else "…"
    ended = date_format(stage.actual_end) if stage.actual_end else "…"
    return f"{stage.name}: {started} – {ended} {stage.remarks}".strip()
