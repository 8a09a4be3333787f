"""Procurement packages: what is bought, from which line, by which method, and how far it is."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cameras.models.codes import CodeField
from maintenance.fields import RupiahField
from maintenance.models.budget import BudgetLine
from maintenance.models.ledger import LedgerEntry
from maintenance.models.procurement_rules import Kind, Method, RuleSet
from maintenance.models.tickets import Ticket

__all__ = [
    "Deed",
    "Package",
    "PackageEvent",
    "PackageQuerySet",
    "PackageState",
    "PackageTicket",
    "PlannedUpkeep",
]


class PackageState(models.TextChoices):
    PLANNED = "planned", _("planned")
    RUNNING = "running", _("in procurement")
    CONTRACTED = "contracted", _("under contract")
    ACCEPTED = "accepted", _("work accepted")
    PAID = "paid", _("paid")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {
            "planned": "default",
            "running": "warning",
            "contracted": "info",
            "accepted": "info",
            "paid": "success",
            "cancelled": "danger",
        }[self.value]


_UNSIGNED = Q(state__in=[PackageState.PLANNED, PackageState.RUNNING, PackageState.CANCELLED])
_LIVE = ~Q(state__in=[PackageState.PAID, PackageState.CANCELLED])


class PackageQuerySet(models.QuerySet["Package"]):
    def live(self) -> "PackageQuerySet":
        """Those that still want something done."""
        return self.filter(_LIVE)

    def open_for_tickets(self) -> "PackageQuerySet":
        """Those that take up tickets: not signed yet."""
        return self.filter(state__in=[PackageState.PLANNED, PackageState.RUNNING])

    def with_value_now(self) -> "PackageQuerySet":
        """With what `Package.value_now` needs, by one query for all."""
        changes = (
            LedgerEntry.objects.filter(commitment=models.OuterRef("commitment"))
            .order_by()
            .values("commitment")
            .annotate(sum=models.Sum("committed_rupiah"))
            .values("sum")
        )
        return self.annotate(changed_rupiah=Coalesce(models.Subquery(changes), 0))


class Package(models.Model):
    """One procurement package (paket pengadaan), from its plan to its payment.

    Its rule set is the one in force on `rule_date`. The contract's fields are filled when it is
    signed; what was paid stands in the ledger alone.
    """

    code = CodeField()
    name = models.CharField(_("name"), max_length=200)
    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="packages", verbose_name=_("budget line")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SERVICES)
    method = models.CharField(_("method"), max_length=20, choices=Method)
    justification = models.CharField(
        _("justification"),
        max_length=300,
        blank=True,
        help_text=_("For methods allowed in listed cases only: which case it is."),
    )
    rule_date = models.DateField(
        _("date"), help_text=_("The rules in force on this day apply to the package.")
    )
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="packages", verbose_name=_("rules")
    )
    hps_rupiah = RupiahField(
        _("HPS"), min_value=1, help_text=_("Owner's estimate, tax included; reserved on the line.")
    )
    work_days = models.PositiveSmallIntegerField(
        _("work takes"), default=30, help_text=_("Calendar days.")
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=PackageState,
        default=PackageState.PLANNED,
        db_index=True,
    )
    created_at = models.DateTimeField(_("created"))
    reservation = models.OneToOneField(
        LedgerEntry,
        on_delete=models.PROTECT,
        related_name="reserved_package",
        verbose_name=_("reservation"),
    )

    contract_number = models.CharField(_("contract number"), max_length=100, blank=True)
    vendor_name = models.CharField(_("vendor"), max_length=150, blank=True)
    contract_rupiah = RupiahField(_("contract value"), null=True, blank=True, min_value=1)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    ends_on = models.DateField(_("work ends on"), null=True, blank=True)
    commitment = models.OneToOneField(
        LedgerEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="committed_package",
        verbose_name=_("commitment"),
    )
    handover_number = models.CharField(_("BAST number"), max_length=100, blank=True)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("procurement package")
        verbose_name_plural = _("procurement packages")
        ordering = ["-rule_date", "-pk"]
        permissions = [
            ("run_package", _("Can move a procurement on: start, complete stages, new round")),
            ("cancel_package", _("Can cancel a procurement package")),
            ("sign_package", _("Can sign the contract of a procurement package")),
            ("accept_package", _("Can accept the work of a procurement package")),
            ("pay_package", _("Can enter payments of a procurement package")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(hps_rupiah__gt=0, work_days__gt=0), name="package_has_value_and_time"
            ),
            models.CheckConstraint(
                condition=_UNSIGNED
                | Q(
                    contract_rupiah__gt=0,
                    signed_on__isnull=False,
                    ends_on__gte=F("signed_on"),
                    commitment__isnull=False,
                )
                & ~Q(contract_number="")
                & ~Q(vendor_name=""),
                name="signed_package_has_its_contract",
            ),
            models.CheckConstraint(
                condition=Q(contract_rupiah=None) | Q(contract_rupiah__lte=F("hps_rupiah")),
                name="contract_within_the_hps",
                violation_error_message=_("A contract may not exceed the HPS."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PackageState.ACCEPTED, PackageState.PAID])
                | Q(accepted_on__isnull=False) & ~Q(handover_number=""),
                name="accepted_package_has_its_bast",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_package_change", args=[self.pk])

    @property
    def value_now(self) -> int | None:
        """The contract's value with its addenda, less what was released; None before it is signed.

        One query, unless it came `with_value_now`.
        """
        if self.contract_rupiah is None:
            return None
        changed: int | None = getattr(self, "changed_rupiah", None)
        if changed is None:
            movements = LedgerEntry.objects.filter(commitment=self.commitment_id)
            changed = movements.aggregate(sum=models.Sum("committed_rupiah"))["sum"] or 0
        return self.contract_rupiah + changed

    @property
    def is_signed(self) -> bool:
        return self.signed_on is not None


class PackageTicket(models.Model):
    """A ticket that waits, or waited, for a package. A ticket waits for at most one at a time."""

    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, related_name="links", verbose_name=_("package")
    )
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="package_links", verbose_name=_("ticket")
    )
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(
        _("left"),
        null=True,
        blank=True,
        help_text=_("When the work was accepted, the package cancelled, or the ticket taken out."),
    )

    class Meta:
        verbose_name = _("ticket of a package")
        verbose_name_plural = _("tickets of a package")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(left_at=None),
                name="one_live_package_a_ticket",
                violation_error_message=_("This ticket is in a package already."),
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")),
                name="ticket_leaves_after_it_joined",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_id} ← {self.ticket}"


class PlannedUpkeep(models.Model):
    """Upkeep in a package that no ticket asked for, as the yearly cleaning of lenses."""

    package = models.ForeignKey(
        Package, on_delete=models.CASCADE, related_name="upkeep", verbose_name=_("package")
    )
    description = models.CharField(_("description"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_rupiah = RupiahField(_("each"), default=0)

    class Meta:
        verbose_name = _("planned upkeep")
        verbose_name_plural = _("planned upkeep")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"


class Deed(models.TextChoices):
    """What may happen to a package; every one of them leaves an event."""

    PLANNED = "planned", _("planned, HPS reserved")
    METHOD = "method", _("method changed")
    TICKETS = "tickets", _("tickets changed")
    STARTED = "started", _("procurement started")
    STAGE = "stage", _("stage recorded")
    NEEDED = "needed", _("stage added")
    FAILED = "failed", _("tender failed")
    SIGNED = "signed", _("contract signed")
    AMENDED = "amended", _("contract amended")
    ACCEPTED = "accepted", _("work accepted (BAST)")
    PAID = "paid", _("paid (SP2D)")
    REVERSED = "reversed", _("ledger entry reversed")
    CANCELLED = "cancelled", _("cancelled")


class PackageEvent(models.Model):
    """One step in a package's history; written once, never changed."""

    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, related_name="events", verbose_name=_("package")
    )
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the system itself."),
    )
    deed = models.CharField(_("what"), max_length=12, choices=Deed)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("package event")
        verbose_name_plural = _("package events")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.package_id}: {self.get_deed_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("A package's history is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("A package's history is only ever added to.")
