"""What budget lines will have spent by 31 December if their packages go on as they now look."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from maintenance.models import BudgetLine, LedgerEntry, Package
from maintenance.package_progress import Progress, progress_of_all

__all__ = ["YearEnd", "year_end", "year_ends"]


@dataclass(frozen=True)
class YearEnd:
    """Whole rupiah. `in_time` and `too_late`: what packages still have to pay, by whether the
    payment is expected within the year; what has not started is too late. `lapses`: what is then
    left of the ceiling.
    """

    line: BudgetLine
    ceiling: int
    realised: int
    in_time: int
    too_late: int

    @property
    def lapses(self) -> int:
        return self.ceiling - self.realised - self.in_time


def year_end(line: BudgetLine, now: datetime | None = None) -> YearEnd:
    """How the line stands on 31 December, as it looks at `now`."""
    packages = line.packages.live().select_related("line__year")
    found = year_ends([line.pk], progress_of_all(packages, now).values())
    return found[line.pk]


def year_ends(line_ids: Iterable[int], progress: Iterable[Progress]) -> dict[int, YearEnd]:
    """How lines stand on 31 December, by their ids, given how far their live packages are.

    Two queries for all of them.
    """
    known = list(progress)
    left = _left_to_pay([each.package for each in known])
    sums: dict[tuple[int, bool], int] = defaultdict(int)
    for each in known:
        sums[each.package.line_id, bool(each.fits_into_year)] += left[each.package.pk]
    lines = BudgetLine.objects.filter(pk__in=list(line_ids)).select_related("year").with_balance()
    return {
        line.pk: YearEnd(
            line,
            line.ceiling,  # type: ignore[attr-defined]
            line.realised,  # type: ignore[attr-defined]
            sums[line.pk, True],
            sums[line.pk, False],
        )
        for line in lines
    }


def _left_to_pay(packages: list[Package]) -> dict[int, int]:
    """What each still has to pay: its HPS until it is signed, then what is left of the contract."""
    contracts = {package.commitment_id for package in packages if package.commitment_id}
    entries = (
        LedgerEntry.objects.annotate(contract=Coalesce("commitment_id", "pk"))
        .filter(contract__in=contracts)
        .order_by()
        .values_list("contract")
        .annotate(left=Sum(F("committed_rupiah") - F("realised_rupiah")))
    )
    left: dict[int, int] = dict(entries)
    return {
        package.pk: left[package.commitment_id] if package.commitment_id else package.hps_rupiah
        for package in packages
    }
