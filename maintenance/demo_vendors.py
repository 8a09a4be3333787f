"""The demo's vendors: those who won its packages, and one that waits for work. All are invented."""

from maintenance.models import Package, Vendor, VendorContact, VendorContract

__all__ = ["load"]

_CONTACTS = {
    "person": "Rudi Hartono",
    "role": "Teknisi siaga",
    "phone": "0812-0000-0000",
    "email": "teknisi@example.id",
}


def load() -> int:
    """Add what is missing; the number of vendors added."""
    added = 0
    signed = Package.objects.exclude(signed_on=None).exclude(vendor_name="").order_by("signed_on")
    for package in signed:
        vendor, is_new = _vendor(package.vendor_name)
        added += is_new
        VendorContract.objects.get_or_create(package=package, defaults={"vendor": vendor})
    return added + _vendor("CV Mata Kota")[1]


def _vendor(name: str) -> tuple[Vendor, bool]:
    vendor, is_new = Vendor.objects.get_or_create(name=name)
    if is_new:
        VendorContact.objects.create(vendor=vendor, **_CONTACTS)
    return vendor, is_new
