from maintenance.models.budget import BudgetLine, FiscalYear, MonthlyPlan
from maintenance.models.holidays import Holiday, HolidayKind
from maintenance.models.ledger import DocumentKind, EntryKind, LedgerEntry
from maintenance.models.mails import MailState, Outgoing, UrgentMail, UrgentMatter
from maintenance.models.procurement import (
    Deed,
    Package,
    PackageEvent,
    PackageState,
    PackageTicket,
    PlannedUpkeep,
)
from maintenance.models.procurement_rules import (
    Holder,
    Kind,
    Method,
    MethodRule,
    Phase,
    RuleSet,
    StageTemplate,
    StageTemplateItem,
)
from maintenance.models.reports import Report, ReportDelivery, ReportFile, ReportSubscription
from maintenance.models.stages import Outcome, Round, Stage, StageDocument
from maintenance.models.tickets import Ticket, TicketEvent, TicketIncident, TicketState

__all__ = [
    "BudgetLine",
    "Deed",
    "DocumentKind",
    "EntryKind",
    "FiscalYear",
    "Holder",
    "Holiday",
    "HolidayKind",
    "Kind",
    "LedgerEntry",
    "MailState",
    "Method",
    "MethodRule",
    "MonthlyPlan",
    "Outcome",
    "Outgoing",
    "Package",
    "PackageEvent",
    "PackageState",
    "PackageTicket",
    "Phase",
    "PlannedUpkeep",
    "Report",
    "ReportDelivery",
    "ReportFile",
    "ReportSubscription",
    "Round",
    "RuleSet",
    "Stage",
    "StageDocument",
    "StageTemplate",
    "StageTemplateItem",
    "Ticket",
    "TicketEvent",
    "TicketIncident",
    "TicketState",
    "UrgentMail",
    "UrgentMatter",
]
