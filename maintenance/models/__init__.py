from maintenance.models.budget import BudgetLine, FiscalYear, MonthlyPlan
from maintenance.models.comments import CommentMention, TicketComment
from maintenance.models.holidays import Holiday, HolidayKind
from maintenance.models.ledger import DocumentKind, EntryKind, LedgerEntry
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
from maintenance.models.stages import Outcome, Round, Stage, StageDocument
from maintenance.models.tickets import Ticket, TicketEvent, TicketIncident, TicketState
from maintenance.models.vendors import Vendor, VendorContact, VendorContract
from maintenance.models.work_orders import WorkOrder, WorkOrderPrint, WorkOrderStop

__all__ = [
    "BudgetLine",
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
    "Method",
    "MethodRule",
    "MonthlyPlan",
    "Outcome",
    "Package",
    "PackageEvent",
    "PackageState",
    "PackageTicket",
    "Phase",
    "PlannedUpkeep",
    "Repair",
    "RepairPart",
    "RepairPhoto",
    "RepairVoid",
    "RepairWork",
    "Round",
    "RuleSet",
    "Stage",
    "StageDocument",
    "StageTemplate",
    "StageTemplateItem",
    "Ticket",
    "TicketComment",
    "TicketEvent",
    "TicketIncident",
    "TicketState",
    "Vendor",
    "VendorContact",
    "VendorContract",
    "WorkOrder",
    "WorkOrderPrint",
    "WorkOrderStop",
]
