"""Repair tickets: a fault that somebody has to see to, from its opening to its closing."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Uplink
from monitoring.models import Incident

__all__ = ["Ticket", "TicketEvent", "TicketIncident", "TicketQuerySet", "TicketState"]


class TicketState(models.TextChoices):
    NEW = "new", _("new")
    REOPENED = "reopened", _("reopened")
    AWAITING_VERIFICATION = "awaiting", _("recovered, awaiting verification")
    CLOSED = "closed", _("closed")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {"new": "danger", "reopened": "danger", "awaiting": "info", "closed": "success"}[
            self.value
        ]


_OPEN = ~Q(state=TicketState.CLOSED)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def unclosed(self) -> "TicketQuerySet":
        """Those that still want something done."""
        return self.filter(_OPEN)


class Ticket(models.Model):
    """A repair ticket of one camera, or of one uplink whose outage took cameras with it.

    Each has at most one that is not closed.
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
    state = models.CharField(
        _("state"), max_length=16, choices=TicketState, default=TicketState.NEW, db_index=True
    )
    opened_at = models.DateTimeField(_("opened"))
    recovered_at = models.DateTimeField(_("recovered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair ticket")
        verbose_name_plural = _("repair tickets")
        ordering = ["-opened_at", "-pk"]
        permissions = [("verify_ticket", _("Can verify a repair and close its ticket"))]
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


class TicketEvent(models.Model):
    """One step in a ticket's history; written once, never changed."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="events", verbose_name=_("ticket")
    )
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the system itself."),
    )
    from_state = models.CharField(_("from"), max_length=16, choices=TicketState, blank=True)
    to_state = models.CharField(_("to"), max_length=16, choices=TicketState)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.get_to_state_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("A ticket's history is only ever added to.")
        super().save(*args, **kwargs)
