from maintenance.models.budget import BudgetLine, FiscalYear, MonthlyPlan
from maintenance.models.comments import CommentMention, TicketComment
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
from maintenance.models.repairs import (
    Repair,
    RepairPart,
    RepairPhoto,
    RepairVoid,
    RepairWork,
)
from maintenance.models.reports import Report, ReportDelivery, ReportFile, ReportSubscription
from maintenance.models.stages import Outcome, Round, Stage, StageDocument
from maintenance.models.ticket_desk import OverdueMail, SavedView
from maintenance.models.ticket_history import PictureKind, TicketEvent, TicketPicture
from maintenance.models.ticket_words import (
    CancelReason,
    Priority,
    ReportedFault,
    TicketDeed,
    TicketState,
    WaitCause,
)
from maintenance.models.tickets import Ticket, TicketIncident, TicketQuerySet
from maintenance.models.vendors import Vendor, VendorContact, VendorContract
from maintenance.models.work_orders import WorkOrder, WorkOrderPrint, WorkOrderStop

__all__ = [
    "BudgetLine",
    "CancelReason",
    "CommentMention",
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
    "OverdueMail",
    "Package",
    "PackageEvent",
    "PackageState",
    "PackageTicket",
    "Phase",
    "PictureKind",
    "PlannedUpkeep",
    "Priority",
    "Repair",
    "RepairPart",
    "RepairPhoto",
    "RepairVoid",
    "RepairWork",
    "Report",
    "ReportDelivery",
    "ReportFile",
    "ReportSubscription",
    "ReportedFault",
    "Round",
    "RuleSet",
    "SavedView",
    "Stage",
    "StageDocument",
    "StageTemplate",
    "StageTemplateItem",
    "Ticket",
    "TicketComment",
    "TicketDeed",
    "TicketEvent",
    "TicketIncident",
    "TicketPicture",
    "TicketQuerySet",
    "TicketState",
    "UrgentMail",
    "UrgentMatter",
    "Vendor",
    "VendorContact",
    "VendorContract",
    "WaitCause",
    "WorkOrder",
    "WorkOrderPrint",
    "WorkOrderStop",
]
