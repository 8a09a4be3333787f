"""Comments on tickets, and who is mentioned in them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from maintenance.models.tickets import Ticket

__all__ = ["CommentMention", "TicketComment"]


class TicketComment(models.Model):
    """What somebody said about a ticket; said once, never changed."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="comments", verbose_name=_("ticket")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("time"))
    text = models.TextField(_("comment"))
    key = models.CharField(max_length=100, unique=True, null=True, editable=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.text[:40]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("Comments are only ever added.")
        super().save(*args, **kwargs)


class CommentMention(models.Model):
    """Somebody who is mentioned in a comment, and the mail about it: claimed, then sent."""

    comment = models.ForeignKey(
        TicketComment, on_delete=models.CASCADE, related_name="mentions", verbose_name=_("comment")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("mentioned"),
    )
    due_at = models.DateTimeField(_("mail due"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="one_mention_a_person")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None), name="mention_to_be_mailed")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} → {self.user}"
