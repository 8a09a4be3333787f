"""Days that are not worked, as the yearly joint decree of three ministers lists them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Holiday", "HolidayKind"]


class HolidayKind(models.TextChoices):
    NATIONAL = "national", _("national holiday")
    COLLECTIVE_LEAVE = "leave", _("collective leave")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {"national": "danger", "leave": "warning"}[self.value]


class Holiday(models.Model):
    """What a decree says of one day. It stands over what the library of holidays reckons."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(
        _("kind"), max_length=8, choices=HolidayKind, default=HolidayKind.NATIONAL
    )
    decree = models.CharField(
        _("decree"),
        max_length=300,
        help_text=_(
            "Where it is written, as SKB 3 Menteri 1017/2/2 of 2024. (?): to be confirmed."
        ),
    )
    is_working = models.BooleanField(
        _("worked all the same"),
        default=False,
        help_text=_("Set it when the day is a working day, although it is listed as a holiday."),
    )

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
