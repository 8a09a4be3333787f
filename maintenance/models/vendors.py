"""Vendors (penyedia): who repairs when it is not our own staff."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

__all__ = ["Vendor", "VendorContact", "VendorContract"]


class Vendor(models.Model):
    """A firm that tickets are assigned to. One that is no longer active keeps its record."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Tickets may be assigned to it.")
    )

    class Meta:
        verbose_name = _("vendor")
        verbose_name_plural = _("vendors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:maintenance_vendor_change", args=[self.pk])


class VendorContact(models.Model):
    """A person whom one calls there."""

    vendor = models.ForeignKey(
        Vendor, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("vendor")
    )
    person = models.CharField(_("contact person"), max_length=150)
    role = models.CharField(
        _("role"), max_length=100, blank=True, help_text=_("For example: technician on call.")
    )
    phone = models.CharField(
        _("phone"),
        max_length=30,
        blank=True,
        validators=[
            RegexValidator(
                r"^\+?[0-9][0-9 ()/-]{4,}$", _("Use digits, as in 0812-3456-7890 or +62 21 384123.")
            )
        ],
    )
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["person", "pk"]

    def __str__(self) -> str:
        return self.person


class VendorContract(models.Model):
    """A procurement package that this vendor won. A package has one vendor."""

    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("vendor")
    )
    package = models.OneToOneField(
        "maintenance.Package",
        on_delete=models.PROTECT,
        related_name="vendor_link",
        verbose_name=_("procurement package"),
        error_messages={"unique": _("This package is linked to a vendor already.")},
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-package__signed_on", "-pk"]

    def __str__(self) -> str:
        return str(self.package)
