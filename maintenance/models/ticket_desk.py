"""What helps staff to work through the tickets: views of the list that they saved, and mails."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Agency

__all__ = ["OverdueMail", "SavedView"]


class SavedView(models.Model):
    """A way of looking at the list of tickets: filters, search and order, as one saved them."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="ticket_views",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("saved view of the tickets")
        verbose_name_plural = _("saved views of the tickets")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name_a_person")
        ]

    def __str__(self) -> str:
        return self.name


class OverdueMail(models.Model):
    """That an agency is told of its overdue tickets, once a day.

    The row is the claim: one worker's insert succeeds. `claimed_at` grows old when its holder
    died, and another sends; `sent_at` says that the mail server has taken it.
    """

    agency = models.ForeignKey(
        Agency, on_delete=models.CASCADE, related_name="overdue_mails", verbose_name=_("agency")
    )
    day = models.DateField(_("day"))
    tickets = models.PositiveIntegerField(_("tickets"))
    claimed_at = models.DateTimeField(editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail about overdue tickets")
        verbose_name_plural = _("mails about overdue tickets")
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "day"], name="one_mail_an_agency_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.day}"
