"""Vendors (penyedia): who repairs when it is not our own staff."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Vendor"]


class Vendor(models.Model):
    """A firm that tickets are assigned to. One that is no longer active keeps its record."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Tickets may be assigned to it.")
    )

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
