"""Repair tickets: a fault that somebody has to see to, from its opening to its closing."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency, Camera, Site, Uplink
from maintenance.models.ticket_words import (
    CancelReason,
    Priority,
    ReportedFault,
    TicketState,
    WaitCause,
)
from maintenance.models.vendors import Vendor
from monitoring.models import Incident

__all__ = ["Ticket", "TicketIncident", "TicketQuerySet", "late"]

_OVER = (TicketState.CLOSED, TicketState.CANCELLED)
_OPEN_STATES = [str(state) for state in TicketState if state.is_open]
_OPEN = ~Q(state__in=[str(state) for state in _OVER])


def late(now: datetime) -> Q:
    """Of an open ticket: nobody answered in time, or the repair is late."""
    unanswered = Q(responded_at=None, response_due_at__lt=now)
    unrepaired = Q(repair_due_at__lt=now) & ~Q(state=TicketState.AWAITING_VERIFICATION)
    return unanswered | unrepaired


class TicketQuerySet(models.QuerySet["Ticket"]):
    def unclosed(self) -> "TicketQuerySet":
        """Those that still want something done."""
        return self.filter(state__in=_OPEN_STATES)  # as a list, for the index of states

    def overdue(self, now: datetime) -> "TicketQuerySet":
        """Those that nobody answered in time, or whose repair is late."""
        return self.unclosed().filter(late(now))

    def awake(self, now: datetime) -> "TicketQuerySet":
        """Without those that are snoozed."""
        return self.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))


class Ticket(models.Model):
    """A repair ticket of one camera, or of one uplink whose outage took cameras with it.

    Each has at most one that is open. Its state is changed by `maintenance.ticket_steps` alone,
    which also writes the history; site and agency are those of the day it was opened.
    """

    camera = models.ForeignKey(
        Camera,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("camera"),
    )
    uplink = models.ForeignKey(
        Uplink,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("uplink"),
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="tickets",
        verbose_name=_("site"),
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="tickets",
        verbose_name=_("agency"),
    )
    state = models.CharField(
        _("state"), max_length=16, choices=TicketState, default=TicketState.NEW, db_index=True
    )
    opened_at = models.DateTimeField(_("opened"), db_index=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("opened by"),
    )
    reported_fault = models.CharField(
        _("reported fault"),
        max_length=16,
        choices=ReportedFault,
        blank=True,
        help_text=_("What was seen or reported. Empty: a probe found it."),
    )
    description = models.TextField(_("description"), blank=True)

    responded_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    recovered_at = models.DateTimeField(_("recovered"), null=True, blank=True)
    repaired_at = models.DateTimeField(_("repaired"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        verbose_name=_("assigned to"),
    )
    vendor = models.ForeignKey(
        Vendor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("vendor"),
    )
    wait_cause = models.CharField(
        _("waits for"), max_length=16, choices=WaitCause, blank=True, db_index=True
    )
    cancel_reason = models.CharField(
        _("cancelled as"), max_length=16, choices=CancelReason, blank=True
    )
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)

    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    cameras_hit = models.PositiveIntegerField(_("cameras hit"), default=1, editable=False)
    response_due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    repair_due_at = models.DateTimeField(_("repair due"), null=True, blank=True)
    returns = models.PositiveSmallIntegerField(
        _("times that the fault came back after a repair"), default=0, editable=False
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair ticket")
        verbose_name_plural = _("repair tickets")
        ordering = ["-opened_at", "-pk"]
        permissions = [
            ("acknowledge_ticket", _("Can acknowledge a ticket")),
            ("assign_ticket", _("Can assign a ticket to a person or a vendor")),
            ("repair_ticket", _("Can begin a repair, let it wait, and report it as done")),
            ("snooze_ticket", _("Can snooze a ticket")),
            ("verify_ticket", _("Can verify a repair and close its ticket")),
            ("override_ticket", _("Can close a ticket without the proof of a picture")),
            ("reopen_ticket", _("Can reopen a ticket")),
            ("cancel_ticket", _("Can cancel a ticket")),
        ]
        indexes = [
            models.Index(fields=["agency", "state"], name="ticket_by_agency"),
            models.Index(fields=["-priority", "repair_due_at"], name="ticket_by_urgency"),
            models.Index(fields=["closed_at"], name="ticket_by_closing"),
            models.Index(
                fields=["repair_due_at"], condition=_OPEN, name="open_ticket_by_repair_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"],
                condition=_OPEN,
                name="one_unclosed_ticket_a_camera",
                violation_error_message=_("This camera already has a ticket that is not closed."),
            ),
            models.UniqueConstraint(
                fields=["uplink"],
                condition=_OPEN,
                name="one_unclosed_ticket_an_uplink",
                violation_error_message=_("This uplink already has a ticket that is not closed."),
            ),
            models.CheckConstraint(
                condition=Q(camera=None, uplink__isnull=False)
                | Q(camera__isnull=False, uplink=None),
                name="ticket_of_a_camera_or_an_uplink",
                violation_error_message=_("Choose either a camera or an uplink."),
            ),
            models.CheckConstraint(
                condition=Q(assignee=None) | Q(vendor=None),
                name="ticket_of_a_person_or_a_vendor",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.WAITING) & ~Q(wait_cause="")
                | ~Q(state=TicketState.WAITING) & Q(wait_cause=""),
                name="waiting_ticket_has_a_cause",
            ),
            models.CheckConstraint(
                condition=~Q(state=TicketState.CANCELLED) | ~Q(cancel_reason=""),
                name="cancelled_ticket_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_ticket_change", args=[self.pk])

    @property
    def subject(self) -> Camera | Uplink:
        """What is to be mended."""
        subject = self.camera or self.uplink
        assert subject is not None  # a constraint says so
        return subject

    @property
    def number(self) -> str:
        """What people call it: TP-00042 (tiket perbaikan)."""
        return f"TP-{self.pk:05d}" if self.pk else "TP"

    @property
    def is_open(self) -> bool:
        return TicketState(self.state).is_open

    @property
    def state_in_words(self) -> str:
        """The state; of a waiting ticket also what it waits for."""
        words = str(self.get_state_display())
        return f"{words}: {self.get_wait_cause_display()}" if self.wait_cause else words

    def is_overdue(self, now: datetime) -> bool:
        """As `TicketQuerySet.overdue` says."""
        return self.is_open and bool(self.is_unanswered(now) or self.is_unrepaired(now))

    def is_unanswered(self, now: datetime) -> bool:
        """Whether nobody has answered although somebody should have."""
        due = self.response_due_at
        return self.responded_at is None and due is not None and due < now

    def is_unrepaired(self, now: datetime) -> bool:
        """Whether its repair is late."""
        is_repaired = self.state == TicketState.AWAITING_VERIFICATION
        return not is_repaired and self.repair_due_at is not None and self.repair_due_at < now


class TicketIncident(models.Model):
    """An incident that a ticket is about. An incident belongs to one ticket, for good."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="links", verbose_name=_("ticket")
    )
    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, related_name="ticket_link", verbose_name=_("incident")
    )

    class Meta:
        verbose_name = _("incident of a ticket")
        verbose_name_plural = _("incidents of a ticket")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.ticket} ← {self.incident_id}"
