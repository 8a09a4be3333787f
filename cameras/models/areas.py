"""Areas: cities and their districts, by the home ministry's code."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.circles import refuse_circle
from cameras.models.codes import CodeField

__all__ = ["Area"]


class Area(models.Model):
    """A city (31.71) or a district of one (31.71.01)."""

    code = CodeField(help_text=_("The home ministry's code, as in 31.71."))
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse to be part of itself, or of what is part of it."""
        refuse_circle(self, _("An area cannot be part of itself."))
