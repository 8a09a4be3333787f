"""Work orders (surat perintah kerja): numbered sheets that send somebody to one site or several."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from maintenance.models.tickets import Ticket
from maintenance.models.vendors import Vendor

__all__ = ["WorkOrder", "WorkOrderPrint", "WorkOrderStop"]


def _stored_as(order: "WorkOrder", filename: str) -> str:
    return f"work_orders/{order.year}/{uuid.uuid4()}.pdf"


class WorkOrder(models.Model):
    """One work order; its sheet is kept as it was issued."""

    year = models.PositiveSmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("number in the year"))
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("issued by"),
    )
    vendor = models.ForeignKey(
        Vendor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="work_orders",
        verbose_name=_("vendor"),
    )
    person = models.CharField(_("person in charge"), max_length=150, blank=True)
    work_on = models.DateField(_("day of work"), null=True, blank=True)
    instruction = models.TextField(_("instruction"), blank=True)
    sheet = models.FileField(_("sheet"), upload_to=_stored_as, max_length=200, editable=False)
    tickets = models.ManyToManyField(
        Ticket, through="WorkOrderStop", related_name="work_orders", verbose_name=_("tickets")
    )
    key = models.CharField(max_length=100, unique=True, null=True, editable=False)

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        ordering = ["-year", "-serial"]
        permissions = [("print_workorder", _("Can issue and print work orders"))]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="work_order_numbers_are_unique")
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_workorder_change", args=[self.pk])

    @property
    def number(self) -> str:
        """What people call it: SPK-2026-0042."""
        return f"SPK-{self.year}-{self.serial:04d}"

    @property
    def to_whom(self) -> str:
        """Who is sent; "" leaves a line on the sheet to be filled in."""
        return ", ".join(filter(None, [self.person, self.vendor.name if self.vendor else ""]))


class WorkOrderStop(models.Model):
    """A ticket of a work order; `position` is its turn on the tour."""

    order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="stops", verbose_name=_("work order")
    )
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="stops", verbose_name=_("ticket")
    )
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("stop of a work order")
        verbose_name_plural = _("stops of a work order")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "ticket"], name="a_ticket_once_a_work_order"),
            models.UniqueConstraint(fields=["order", "position"], name="one_stop_a_position"),
            models.CheckConstraint(condition=Q(position__gt=0), name="stops_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.position}: {self.ticket}"


class WorkOrderPrint(models.Model):
    """That somebody took the sheet of a work order to print it."""

    order = models.ForeignKey(
        WorkOrder, on_delete=models.PROTECT, related_name="prints", verbose_name=_("work order")
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("print of a work order")
        verbose_name_plural = _("prints of a work order")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.order} {self.at}"
