from maintenance.models.budget import BudgetLine, FiscalYear, MonthlyPlan
from maintenance.models.holidays import Holiday, HolidayKind
from maintenance.models.ledger import DocumentKind, EntryKind, LedgerEntry
from maintenance.models.tickets import Ticket, TicketEvent, TicketIncident, TicketState

__all__ = [
    "BudgetLine",
    "DocumentKind",
    "EntryKind",
    "FiscalYear",
    "Holiday",
    "HolidayKind",
    "LedgerEntry",
    "MonthlyPlan",
    "Ticket",
    "TicketEvent",
    "TicketIncident",
    "TicketState",
]
