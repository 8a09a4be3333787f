"""The ledger: every movement of money on a budget line, written once and never changed.

Written only by `maintenance.ledger`; the database refuses to change or delete an entry, and to
add one that spends more than there is (`maintenance.guards`).
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from maintenance.fields import RupiahField
from maintenance.models.budget import BudgetLine

__all__ = ["DocumentKind", "EntryKind", "LedgerEntry"]


class EntryKind(models.TextChoices):
    ALLOCATION = "allocation", _("allocation")
    REVISION = "revision", _("revision")
    RESERVATION = "reservation", _("reservation")
    COMMITMENT = "commitment", _("commitment")
    ADDENDUM = "addendum", _("addendum")
    REALISATION = "realisation", _("realisation")
    RELEASE = "release", _("release")
    REVERSAL = "reversal", _("reversal")

    @property
    def colour(self) -> str:
        """The name of unfold's label colour."""
        return {"allocation": "success", "realisation": "info", "reversal": "danger"}.get(
            self.value, "warning" if self.value in ("commitment", "addendum") else "default"
        )


class DocumentKind(models.TextChoices):
    DPA = "dpa", _("DPA (budget document)")
    SHIFT = "pergeseran", _("pergeseran (shift)")
    APBD_P = "apbd-p", _("APBD-P (revised budget)")
    HPS = "hps", _("HPS (owner's estimate)")
    CONTRACT = "kontrak", _("contract")
    SPK = "spk", _("SPK (order letter)")
    PURCHASE_ORDER = "surat-pesanan", _("surat pesanan (purchase order)")
    ADDENDUM = "adendum", _("addendum")
    SP2D = "sp2d", _("SP2D (disbursement)")
    RECEIPT = "kuitansi", _("receipt (petty cash)")
    HANDOVER = "bast", _("BAST (hand-over)")
    TERMINATION = "pemutusan", _("contract termination")
    MINUTES = "berita-acara", _("minutes")
    OTHER = "lainnya", _("other")


_ZERO = Q(ceiling_rupiah=0, reserved_rupiah=0, committed_rupiah=0, realised_rupiah=0)


def _moves(kind: EntryKind, **columns: Any) -> Q:
    """What an entry of this kind does to the four sums; those not named stay as they are."""
    still = {
        f"{name}_rupiah": 0
        for name in ("ceiling", "reserved", "committed", "realised")
        if not any(column.startswith(name) for column in columns)
    }
    return Q(kind=kind, **columns, **still)


_AMOUNT = F("amount_rupiah")
# Positive amounts, and where they go. A revision and an addendum may also lower.
_MOVEMENTS = (
    _moves(EntryKind.ALLOCATION, ceiling_rupiah=_AMOUNT) & Q(amount_rupiah__gt=0)
    | _moves(EntryKind.REVISION, ceiling_rupiah=_AMOUNT) & ~Q(amount_rupiah=0)
    | _moves(EntryKind.RESERVATION, reserved_rupiah=_AMOUNT) & Q(amount_rupiah__gt=0)
    | _moves(EntryKind.COMMITMENT, committed_rupiah=_AMOUNT, reserved_rupiah__lte=0)
    & Q(amount_rupiah__gt=0)
    & (Q(reserved_rupiah=0) | Q(reservation__isnull=False))
    | _moves(EntryKind.ADDENDUM, committed_rupiah=_AMOUNT)
    & ~Q(amount_rupiah=0)
    & Q(commitment__isnull=False)
    | _moves(EntryKind.REALISATION, realised_rupiah=_AMOUNT) & Q(amount_rupiah__gt=0)
    | _moves(EntryKind.RELEASE, reserved_rupiah=-_AMOUNT)
    & Q(amount_rupiah__gt=0, reservation__isnull=False)
    | _moves(EntryKind.RELEASE, committed_rupiah=-_AMOUNT)
    & Q(amount_rupiah__gt=0, commitment__isnull=False)
    | Q(kind=EntryKind.REVERSAL, reverses__isnull=False) & ~_ZERO
)


class LedgerEntry(models.Model):
    """One movement. The four `…_rupiah` columns say what it adds to the line's sums.

    A commitment adds its amount to `committed` and takes what is left of its reservation from
    `reserved`; a reversal is the opposite of the entry that it reverses. What a line has is the
    sum over its entries and is stored nowhere.
    """

    line = models.ForeignKey(
        BudgetLine, on_delete=models.PROTECT, related_name="entries", verbose_name=_("budget line")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind)
    amount_rupiah = RupiahField(_("amount"), min_value=None)

    ceiling_rupiah = RupiahField(_("ceiling"), default=0, min_value=None)
    reserved_rupiah = RupiahField(_("reserved"), default=0, min_value=None)
    committed_rupiah = RupiahField(_("committed"), default=0, min_value=None)
    realised_rupiah = RupiahField(_("realised"), default=0, min_value=None)

    reservation = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="uses",
        verbose_name=_("reservation"),
        help_text=_("The reservation that this entry uses up, frees, or reverses."),
    )
    commitment = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name=_("commitment"),
        help_text=_("The contract that this entry pays, changes, frees, or reverses."),
    )
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    document_kind = models.CharField(_("document"), max_length=16, choices=DocumentKind)
    document_number = models.CharField(_("document number"), max_length=100)
    document_date = models.DateField(_("document date"))
    ends_on = models.DateField(
        _("work ends"), null=True, blank=True, help_text=_("The contract's last day.")
    )
    ppn_rupiah = RupiahField(_("PPN (VAT)"), default=0, help_text=_("Inside the amount."))
    pph_rupiah = RupiahField(_("PPh (income tax)"), default=0, help_text=_("Withheld."))

    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
        help_text=_("Empty: the system itself."),
    )
    entered_at = models.DateTimeField(_("entered"))
    reason = models.TextField(_("reason"), blank=True)
    key = models.CharField(
        _("key"),
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text=_("Whoever repeats a deed with the same key gets the entry of the first time."),
    )

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=_MOVEMENTS, name="entry_moves_what_its_kind_says"),
            models.CheckConstraint(
                condition=Q(ppn_rupiah__gte=0, pph_rupiah__gte=0), name="taxes_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | Q(kind=EntryKind.REVERSAL),
                name="only_reversals_reverse",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("The ledger is only ever added to; correct by a reversal.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The ledger is only ever added to; correct by a reversal.")

    @property
    def number(self) -> str:
        """What people call it: BK-00042 (buku kendali)."""
        return f"BK-{self.pk:05d}" if self.pk else "BK"
