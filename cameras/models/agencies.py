"""Agencies: the offices that own cameras or mend them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.codes import CodeField

__all__ = ["Agency"]


class Agency(models.Model):
    """An office of the city (perangkat daerah), as Satpol PP."""

    code = CodeField()
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("Where the agency wants to be told of overdue work.")
    )

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
