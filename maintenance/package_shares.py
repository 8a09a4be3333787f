"""What was bought for a camera's repairs: the packages that its tickets waited for."""

from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, Subquery

from cameras.models import Camera
from maintenance.models import Package, PackageTicket

__all__ = ["PackageShare", "shares_of"]


@dataclass(frozen=True)
class PackageShare:
    """A package with the camera in it. A contract is for all its tickets, not for one camera."""

    package: Package
    tickets: int

    @property
    def share_rupiah(self) -> int | None:
        """The contract's value, addenda included, divided evenly among its tickets; None before it
        is signed."""
        value = self.package.value_now
        return None if value is None else value // max(1, self.tickets)


def shares_of(camera: Camera) -> list[PackageShare]:
    """The latest ten, by one query; a package that the ticket left before the contract is none."""
    stayed = PackageTicket.objects.filter(
        Q(left_at=None) | Q(left_at__date__gte=F("package__signed_on"))
    )
    together = (
        stayed.filter(package=OuterRef("pk"))
        .order_by()
        .values("package")
        .annotate(number=Count("pk"))
        .values("number")
    )
    found = (
        Package.objects.filter(pk__in=stayed.filter(ticket__camera=camera).values("package"))
        .select_related("line")
        .with_value_now()
        .annotate(in_all=Subquery(together))
        .order_by("-rule_date", "-pk")[:10]
    )
    return [PackageShare(package, package.in_all) for package in found]
