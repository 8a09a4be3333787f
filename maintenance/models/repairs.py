"""Repairs: what was done on a ticket, by whom, what it cost, and the photographs of it.

Rows are only ever added, as in the ledger (repair_guards.py): what is wrong is voided with a reason
and entered again. Once the ticket is closed, nothing is entered but such a correction.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from maintenance.fields import RupiahField
from maintenance.models.tickets import Ticket
from maintenance.models.vendors import Vendor

__all__ = [
    "Repair",
    "RepairPart",
    "RepairPhoto",
    "RepairQuerySet",
    "RepairVoid",
    "RepairWork",
]


class RepairWork(models.TextChoices):
    CLEANING = "cleaning", _("cleaning")
    AIMING = "aiming", _("re-aiming")
    FOCUS = "focus", _("focus adjusted")
    CABLE = "cable", _("cable or connector")
    POWER = "power", _("power supply")
    NETWORK = "network", _("network equipment")
    SETTINGS = "settings", _("settings or firmware")
    HOUSING = "housing", _("housing, bracket or pole")
    REPLACEMENT = "replacement", _("camera replaced")
    INSPECTION = "inspection", _("inspection only")
    OTHER = "other", _("other work")


class RepairQuerySet(models.QuerySet["Repair"]):
    def valid(self) -> "RepairQuerySet":
        """Those that were not voided."""
        return self.filter(void=None)

    def with_totals(self) -> "RepairQuerySet":
        """Each with `parts_rupiah` and `total_rupiah`."""
        parts = (
            RepairPart.objects.filter(repair=OuterRef("pk"))
            .order_by()
            .values("repair")
            .annotate(sum=Sum(F("quantity") * F("unit_rupiah")))
        )
        return self.annotate(
            parts_rupiah=Coalesce(
                Subquery(parts.values("sum"), output_field=models.BigIntegerField()), 0
            ),
            total_rupiah=F("labour_rupiah") + F("parts_rupiah"),
        )


class Repair(models.Model):
    """One piece of work on a ticket. Its parts are fixed with it: `part_lines` says how many."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="repairs", verbose_name=_("ticket")
    )
    camera = models.ForeignKey(
        Camera,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repairs",
        verbose_name=_("camera"),
        help_text=_("The unit that was worked on, also after it was replaced."),
    )
    work = models.CharField(_("what was done"), max_length=12, choices=RepairWork)
    at = models.DateTimeField(_("done at"), default=timezone.now)
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repairs",
        verbose_name=_("by our staff"),
    )
    vendor = models.ForeignKey(
        Vendor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="repairs",
        verbose_name=_("by a vendor"),
    )
    under_warranty = models.BooleanField(
        _("under warranty"), default=False, help_text=_("Then its costs are not the city's.")
    )
    labour_rupiah = RupiahField(_("labour"), default=0)
    note = models.TextField(_("note"), blank=True)
    part_lines = models.PositiveSmallIntegerField(_("number of parts"), default=0, editable=False)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrected_by",
        verbose_name=_("corrects"),
    )
    key = models.CharField(max_length=100, unique=True, null=True, editable=False)

    objects = RepairQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        ordering = ["at", "pk"]
        permissions = [
            ("void_repair", _("Can void a repair that was entered wrongly")),
            ("replace_camera", _("Can replace the camera of a ticket")),
        ]
        indexes = [models.Index(fields=["vendor", "at"], name="repair_by_vendor")]
        constraints = [
            models.CheckConstraint(
                condition=Q(by_user=None, vendor__isnull=False)
                | Q(by_user__isnull=False, vendor=None),
                name="repair_by_staff_or_vendor",
                violation_error_message=_("Say who did it: one of our staff, or a vendor."),
            ),
            models.CheckConstraint(
                condition=Q(labour_rupiah__gte=0), name="labour_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.get_work_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("Repairs are only ever added.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_repair_change", args=[self.pk])

    @property
    def by_whom(self) -> str:
        """The vendor, or the member of staff."""
        if self.vendor:
            return self.vendor.name
        assert self.by_user is not None  # a constraint says so
        return self.by_user.get_full_name() or self.by_user.get_username()

    @property
    def is_void(self) -> bool:
        return hasattr(self, "void")


class RepairPart(models.Model):
    """A part that was put in."""

    repair = models.ForeignKey(
        Repair, on_delete=models.PROTECT, related_name="parts", verbose_name=_("repair")
    )
    line = models.PositiveSmallIntegerField(_("line"), editable=False)
    name = models.CharField(_("part"), max_length=150)
    serial_number = models.CharField(_("serial number"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(_("pieces"), default=1)
    unit_rupiah = RupiahField(_("each"), default=0)

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["repair", "line"]
        constraints = [
            models.UniqueConstraint(fields=["repair", "line"], name="one_part_a_line"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_rupiah__gte=0),
                name="part_has_quantity_and_price",
                violation_error_message=_("A part has a quantity of at least 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("Parts of repairs are only ever added.")
        super().save(*args, **kwargs)

    @property
    def total_rupiah(self) -> int:
        return self.quantity * self.unit_rupiah


class RepairVoid(models.Model):
    """That a repair was entered wrongly, and why: it counts no more, and stays to be seen."""

    repair = models.OneToOneField(
        Repair, on_delete=models.PROTECT, related_name="void", verbose_name=_("repair")
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("voided repair")
        verbose_name_plural = _("voided repairs")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="voided_repair_says_why")
        ]

    def __str__(self) -> str:
        return str(self.repair)


def _stored_as(photo: "RepairPhoto", filename: str) -> str:
    """A name that nobody can guess or choose."""
    return f"repairs/{timezone.now():%Y/%m}/{uuid.uuid4()}.jpg"


class RepairPhoto(models.Model):
    """A photograph of a repair, drawn anew from what was uploaded (photographs.py)."""

    repair = models.ForeignKey(
        Repair, on_delete=models.PROTECT, related_name="photos", verbose_name=_("repair")
    )
    file = models.FileField(_("file"), upload_to=_stored_as, max_length=200)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("photograph of a repair")
        verbose_name_plural = _("photographs of a repair")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.repair_id}/{self.pk}"
