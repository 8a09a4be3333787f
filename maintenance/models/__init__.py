from maintenance.models.tickets import Ticket, TicketEvent, TicketIncident, TicketState

__all__ = ["Ticket", "TicketEvent", "TicketIncident", "TicketState"]
