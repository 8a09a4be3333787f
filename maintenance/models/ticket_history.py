"""What is kept of a ticket: every step of it, and the pictures before and after."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from maintenance.models.ticket_words import TicketDeed, TicketState, WaitCause
from maintenance.models.tickets import Ticket
from maintenance.models.vendors import Vendor

__all__ = ["PictureKind", "TicketEvent", "TicketPicture"]


class TicketEvent(models.Model):
    """One step in a ticket's history; written once, never changed: the database refuses it.

    `cause`, `assignee` and `vendor` are those that hold after the step. `changes` has what else
    changed, by the field's name: what it was, and what it is, in words.
    """

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
    deed = models.CharField(_("what"), max_length=16, choices=TicketDeed)
    from_state = models.CharField(_("from"), max_length=16, choices=TicketState, blank=True)
    to_state = models.CharField(_("to"), max_length=16, choices=TicketState)
    cause = models.CharField(_("waits for"), max_length=16, choices=WaitCause, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    vendor = models.ForeignKey(
        Vendor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ticket_events",
        verbose_name=_("vendor"),
    )
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["ticket", "at"], name="ticket_event_by_time")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_deed_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("A ticket's history is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("A ticket's history is only ever added to.")


class PictureKind(models.TextChoices):
    BEFORE = "before", _("before the repair")
    AFTER = "after", _("after the repair")


class TicketPicture(models.Model):
    """A camera's picture kept for a ticket: as it was reported, and as it was when proven.

    What proves an incident is kept with the incident: see monitoring.models.Snapshot.
    """

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="pictures", verbose_name=_("ticket")
    )
    camera = models.ForeignKey(
        Camera, on_delete=models.PROTECT, related_name="+", verbose_name=_("camera")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=PictureKind)
    taken_at = models.DateTimeField(_("taken"))
    file = models.CharField(_("file"), max_length=200, unique=True, editable=False)

    class Meta:
        verbose_name = _("picture of a ticket")
        verbose_name_plural = _("pictures of a ticket")
        ordering = ["taken_at", "pk"]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.get_kind_display()}"
