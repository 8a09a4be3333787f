"""What each person reaches, and which groups are the roles: rows that administrators give."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models.agencies import Agency
from cameras.models.areas import Area

__all__ = ["Reach", "RoleGroup"]


class Reach(models.Model):
    """A part of the city that a person reaches; several rows add up. cameras/reach.py applies it.

    With an agency and an area, only what belongs to both: Satpol PP's cameras in Jakarta Utara.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="reaches",
        verbose_name=_("person"),
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
        help_text=_("Empty: of every agency in the area."),
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("With all its parts. Empty: of the agency in the whole city."),
    )
    everything = models.BooleanField(
        _("everything"), default=False, help_text=_("The whole city, of every agency.")
    )

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reaches")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(everything=True, agency=None, area=None)
                | Q(everything=False) & ~Q(agency=None, area=None),
                name="reach_is_a_part_or_everything",
                violation_error_message=_("Choose an agency, an area, or both; or “everything”."),
            )
        ]

    def __str__(self) -> str:
        if self.everything:
            return gettext("everything")
        return " · ".join(str(part) for part in (self.agency, self.area) if part is not None)

    def clean(self) -> None:
        if self.everything and (self.agency_id or self.area_id):
            raise ValidationError(
                {"everything": _("Choose an agency, an area, or both; or “everything”.")}
            )


class RoleGroup(models.Model):
    """The group that is a role, whatever it is called by now, and what it was once given.

    What an administrator took away from it was offered before, and is not given again.
    """

    role = models.CharField(_("role"), max_length=20, unique=True)
    group = models.OneToOneField(
        Group, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("group")
    )
    offered: Any = models.JSONField(_("rights offered"), default=list)

    class Meta:
        verbose_name = _("group of a role")
        verbose_name_plural = _("groups of roles")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.role
