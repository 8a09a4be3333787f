"""How tickets, money and reports belong to those who reach their cameras (cameras/reach.py).

Tickets, and what hangs on them, go with their cameras and uplinks. Money goes with the agency that
has the budget line, and only where the whole agency is reached: a line has no area. A report goes
with its scope. Vendors, holidays, years and the law are the city's: for roles alone.
"""

from typing import Any

from django.db.models import Q

from cameras.reach import NOTHING, Reached, Rule, declare, declare_all, declare_rule, for_roles
from maintenance import models as m

declare(m.Ticket, "camera", "uplink")
for of_a_ticket in (
    m.PackageTicket,
    m.Repair,
    m.TicketComment,
    m.TicketEvent,
    m.TicketIncident,
    m.TicketPicture,
    m.WorkOrderStop,
):
    declare(of_a_ticket, "ticket")
for of_a_repair in (m.RepairPart, m.RepairPhoto, m.RepairVoid):
    declare(of_a_repair, "repair")
declare(m.CommentMention, "comment")
declare_all(m.WorkOrder, m.WorkOrderStop, "order", "ticket")
declare(m.WorkOrderPrint, "order")
declare(m.UrgentMatter, "incident")
declare_all(m.UrgentMail, m.UrgentMatter, "mail", "incident")


def _lines(reach: Reached) -> Q:
    return Q(agency__in=reach.whole_agencies)


declare_rule(
    m.BudgetLine,
    Rule(_lines, _lines, lambda reach, line: line.agency_id in reach.whole_agencies),
)
for of_a_line in (m.LedgerEntry, m.MonthlyPlan, m.Package):
    declare(of_a_line, "line")
for of_a_package in (m.PackageEvent, m.PlannedUpkeep, m.Round, m.VendorContract):
    declare(of_a_package, "package")
declare(m.Stage, "round")
declare(m.StageDocument, "stage")


def _scopes(reach: Reached) -> Q:
    # Without agency and area it is about the whole city.
    if reach.is_nothing:
        return NOTHING
    return Q(agency__in=reach.whole_agencies, area=None) | Q(
        area__in=reach.whole_areas, agency=None
    )


def owns_scope(reach: Reached, about: Any) -> bool:
    """Whether a report on this agency or area, or on neither, is for this person."""
    if reach.everything:
        return True
    if about.agency is not None:
        return about.agency.pk in reach.whole_agencies
    return about.area is not None and about.area.pk in reach.whole_areas


for with_a_scope in (m.Report, m.ReportSubscription):
    declare_rule(with_a_scope, Rule(_scopes, _scopes, owns_scope))
for of_a_report in (m.ReportFile, m.ReportDelivery):
    declare(of_a_report, "report")
declare(m.OverdueMail, "agency")
for_roles(
    m.FiscalYear,
    m.Holiday,
    m.MethodRule,
    m.RuleSet,
    m.SavedView,
    m.StageTemplate,
    m.StageTemplateItem,
    m.Vendor,
    m.VendorContact,
)
