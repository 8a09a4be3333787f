"""What is remembered of a person beside the account, and whom failed sign-ins lock out."""

from axes.models import AccessAttempt
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["FailedSignIn", "Preference"]


class Preference(models.Model):
    """What a person chose; whoever chose nothing has no row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preference",
        verbose_name=_("person"),
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return f"{self.user}: {self.language}"


class FailedSignIn(AccessAttempt):
    """The library's row of failures, under a name that people understand.

    One row a user name, address and browser; deleting it releases whom it locks out.
    """

    class Meta:
        proxy = True
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")

    def __str__(self) -> str:
        return f"{self.username} · {self.ip_address}"
