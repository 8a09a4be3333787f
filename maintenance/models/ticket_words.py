"""The words of a repair ticket: its states, what may be done to it, what it waits for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = ["CancelReason", "Priority", "ReportedFault", "TicketDeed", "TicketState", "WaitCause"]


class TicketState(models.TextChoices):
    NEW = "new", _("new")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    ASSIGNED = "assigned", _("assigned")
    IN_REPAIR = "in_repair", _("in repair")
    WAITING = "waiting", _("waiting")
    AWAITING_VERIFICATION = "awaiting", _("awaiting verification")
    REOPENED = "reopened", _("reopened")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {
            "new": "danger",
            "reopened": "danger",
            "waiting": "warning",
            "acknowledged": "info",
            "assigned": "info",
            "in_repair": "info",
            "awaiting": "primary",
            "closed": "success",
        }.get(self.value, "default")

    @property
    def is_open(self) -> bool:
        return self not in (TicketState.CLOSED, TicketState.CANCELLED)


class TicketDeed(models.TextChoices):
    """What happens to a ticket. `maintenance.ticket_rules` says from which state to which."""

    OPENED = "opened", _("ticket opened")
    ACKNOWLEDGE = "acknowledge", _("acknowledge")
    ASSIGN = "assign", _("assign")
    BEGIN = "begin", _("begin repair")
    WAIT = "wait", _("let wait")
    REPAIRED = "repaired", _("report as repaired")
    VERIFY = "verify", _("repair verified, close")
    OVERRIDE = "override", _("close without proof")
    REOPEN = "reopen", _("reopen")
    CANCEL = "cancel", _("cancel ticket")
    SNOOZE = "snooze", _("snooze")
    # Through its package:
    JOIN = "join", _("wait for a package")
    SIGNED = "signed", _("contract of the package signed")
    LEAVE = "leave", _("leave the package")
    ACCEPTED = "accepted", _("work accepted (BAST)")
    # By the system alone:
    FAULT = "fault", _("another incident")
    RECOVERED = "recovered", _("camera recovered")
    BACK = "back", _("camera healthy again")
    PROVEN = "proven", _("closed by proof of the picture")
    RETURNED = "returned", _("fault came back after the repair")
    RELAPSED = "relapsed", _("fault came back")
    RATED = "rated", _("priority reckoned anew")


class WaitCause(models.TextChoices):
    PROCUREMENT = "procurement", _("procurement")
    PART = "part", _("spare part")
    VENDOR = "vendor", _("vendor")
    ACCESS = "access", _("access to the site")
    POWER = "power", _("electricity")
    NETWORK = "network", _("network")


class CancelReason(models.TextChoices):
    FALSE_ALARM = "false_alarm", _("false alarm")
    DUPLICATE = "duplicate", _("duplicate")


class ReportedFault(models.TextChoices):
    """What people report, because no probe sees it."""

    BENT_POLE = "bent_pole", _("bent or fallen pole")
    VANDALISM = "vandalism", _("vandalism or theft")
    CITIZEN = "citizen", _("a citizen's report")
    CABLE = "cable", _("hanging or cut cable")
    HOUSING = "housing", _("damaged housing or box")
    OTHER = "other", pgettext_lazy("fault", "other")


class Priority(models.IntegerChoices):
    LOW = 1, pgettext_lazy("priority", "low")
    NORMAL = 2, pgettext_lazy("priority", "normal")
    HIGH = 3, pgettext_lazy("priority", "high")
    URGENT = 4, pgettext_lazy("priority", "urgent")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {1: "default", 2: "info", 3: "warning", 4: "danger"}[self.value]
