"""Uplinks: what cameras are reached through. They form a tree."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.codes import CodeField
from cameras.models.sites import Site

__all__ = ["Uplink", "UplinkKind"]


class UplinkKind(models.TextChoices):
    PROVIDER = "provider", _("provider link")
    SWITCH = "switch", _("switch")
    NVR = "nvr", _("NVR")


class Uplink(models.Model):
    """A provider link, a switch or an NVR; when it fails, everything behind it goes dark."""

    code = CodeField()
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=20, choices=UplinkKind)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("reached through"),
    )
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="uplinks",
        verbose_name=_("site"),
    )

    class Meta:
        verbose_name = _("uplink")
        verbose_name_plural = _("uplinks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that is this uplink itself or stands behind it."""
        above, passed = self.parent, set()
        while above is not None and above.pk not in passed:  # a circle of others is not ours to end
            passed.add(above.pk)
            if above.pk is not None and above.pk == self.pk:
                raise ValidationError(
                    {"parent": _("An uplink cannot be reached through itself.")}, code="circle"
                )
            above = above.parent
