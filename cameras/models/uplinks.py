"""Uplinks: what cameras are reached through. They form a tree."""

from collections.abc import Iterable

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.addresses import validate_host_and_port
from cameras.models.circles import refuse_circle
from cameras.models.codes import CodeField
from cameras.models.sites import Site
from cameras.trees import Tree

__all__ = ["Uplink", "UplinkKind", "UplinkQuerySet"]


class UplinkKind(models.TextChoices):
    PROVIDER = "provider", _("provider link")
    SWITCH = "switch", _("switch")
    NVR = "nvr", _("NVR")


class UplinkQuerySet(models.QuerySet["Uplink"]):
    def tree(self) -> Tree:
        """Who stands under whom. Reads two numbers of every uplink."""
        return Tree.of(self.order_by().values_list("pk", "parent_id"))

    def zones(self, keys: Iterable[int]) -> dict[int, str]:
        """The worker zones of these uplinks: their own, else the nearest above. Without one: "".

        Reads only these and those above them, a query a level, and one in all where there are
        no zones: the scheduler asks every other second.
        """
        zones = dict.fromkeys(keys, "")
        if not zones or not self.exclude(worker_zone="").exists():
            return zones
        rows: dict[int, tuple[str, int | None]] = {}
        wanted = set(zones)
        while wanted:
            found = self.filter(pk__in=wanted).values_list("pk", "worker_zone", "parent_id")
            new = {key: (zone, parent) for key, zone, parent in found}
            rows |= new
            wanted = {parent for zone, parent in new.values() if parent and not zone} - rows.keys()
        tree = Tree({key: parent for key, (_zone, parent) in rows.items()})
        for key in zones:
            above = (rows[each][0] for each in tree.upwards(key) if each in rows)
            zones[key] = next((zone for zone in above if zone), "")
        return zones


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
    address = models.CharField(
        _("address"),
        max_length=250,
        blank=True,
        validators=[validate_host_and_port],
        help_text=_(
            "Host and port of the device itself, for example 10.1.2.3:8000. If given, it is "
            "tested by a plain connection as often as the cameras are."
        ),
    )
    worker_zone = models.CharField(
        _("worker zone"),
        max_length=40,
        blank=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]*$",
                _("Use small letters, digits and hyphens only, as in jakarta-utara."),
            )
        ],
        help_text=_(
            "Cameras behind this uplink are probed only by workers of this zone. Empty: as the "
            "uplink above. Fill it in only when such a worker runs: see docs/deploy."
        ),
    )

    objects = UplinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("uplink")
        verbose_name_plural = _("uplinks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that is this uplink itself or stands behind it."""
        refuse_circle(self, _("An uplink cannot be reached through itself."))
