"""What the deeds of a package share: its lock, its state, its history."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import Deed, Package, PackageEvent, PackageState
from maintenance.procurement_rules import ProcurementError

__all__ = ["expect_state", "locked", "tell"]


def locked(package: Package, *expected: PackageState) -> Package:
    """The package as it is now, held until the transaction ends; its line is at hand.

    Raises ProcurementError when it is in none of the expected states.
    """
    found = (
        Package.objects.select_for_update(of=("self",))
        .select_related("line__year", "rule_set", "reservation", "commitment")
        .get(pk=package.pk)
    )
    if expected:
        expect_state(found, expected)
    return found


def expect_state(package: Package, expected: Collection[PackageState]) -> None:
    """ProcurementError unless the package is in one of these states."""
    if PackageState(package.state) not in expected:
        raise ProcurementError(
            gettext(
                "Package %(package)s is “%(state)s”; this is possible only while it is: %(ok)s."
            )
            % {
                "package": package.code,
                "state": package.get_state_display(),
                "ok": ", ".join(f"“{state.label}”" for state in expected),
            }
        )


def tell(package: Package, deed: Deed, actor: User | None, note: str = "") -> None:
    """Write a line of the package's history."""
    PackageEvent.objects.create(
        package=package, at=timezone.now(), actor=actor, deed=deed, note=note
    )
