"""Mails on their way: what all of them have in common, and the urgent ones."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.models import Incident

__all__ = ["MailState", "Outgoing", "UrgentMail", "UrgentMatter"]


class MailState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    GIVEN_UP = "given_up", _("given up")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {"waiting": "warning", "sent": "success", "given_up": "danger"}[self.value]


class Outgoing(models.Model):
    """A mail to one address. Whoever sends it claims it first, by a conditional update.

    `key` makes its Message-ID, the same at every try: should a sender die between the server's
    acceptance and our record, the second mail can be told to be the first once more.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.CharField(_("address"), max_length=254)
    state = models.CharField(
        _("state"), max_length=10, choices=MailState, default=MailState.WAITING
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    problem = models.TextField(_("last problem"), blank=True)

    class Meta:
        abstract = True


class UrgentMail(Outgoing):
    """What cannot wait, grouped: to each address at most one that is still on its way."""

    class Meta:
        verbose_name = _("urgent mail")
        verbose_name_plural = _("urgent mails")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["address", "sent_at"], name="urgent_by_address")]
        constraints = [
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(state=MailState.WAITING),
                name="one_urgent_mail_under_way_an_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_state_display()}"


class UrgentMatter(models.Model):
    """An incident that an address has been told of, or is about to be; once."""

    mail = models.ForeignKey(
        UrgentMail, on_delete=models.CASCADE, related_name="matters", verbose_name=_("urgent mail")
    )
    address = models.CharField(_("address"), max_length=254)
    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="+", verbose_name=_("incident")
    )

    class Meta:
        verbose_name = _("urgent matter")
        verbose_name_plural = _("urgent matters")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["address", "incident"], name="one_urgent_matter_an_address_and_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} ← {self.incident_id}"
