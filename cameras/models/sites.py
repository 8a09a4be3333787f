"""Sites: the places at which cameras stand."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.agencies import Agency
from cameras.models.areas import Area
from cameras.models.codes import CodeField

__all__ = ["Importance", "Site", "SiteKind"]


class SiteKind(models.TextChoices):
    FLOODGATE = "floodgate", _("floodgate")
    PUMP_HOUSE = "pump_house", _("pump house")
    RIVER_GAUGE = "river_gauge", _("river gauge")
    JUNCTION = "junction", _("junction")
    LANDMARK = "landmark", _("landmark")
    TERMINAL = "terminal", _("terminal")
    OTHER = "other", _("other")


class Importance(models.IntegerChoices):
    LOW = 1, _("low")
    NORMAL = 2, _("normal")
    HIGH = 3, _("high")
    CRITICAL = 4, _("critical")


class Site(models.Model):
    """A place with one or more cameras, as Pintu Air Manggarai."""

    code = CodeField()
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=20, choices=SiteKind, default=SiteKind.OTHER)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="sites", verbose_name=_("area")
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name=_("agency"),
    )
    address = models.CharField(_("address"), max_length=250, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    importance = models.PositiveSmallIntegerField(
        _("importance"), choices=Importance, default=Importance.NORMAL
    )

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="site_has_both_coordinates_or_none",
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                violation_error_message=_("Give both latitude and longitude, or neither."),
            )
        ]

    def __str__(self) -> str:
        return self.name
