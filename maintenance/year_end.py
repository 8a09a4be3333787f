"""What a budget line will have spent by 31 December if its packages go on as they now look."""

from dataclasses import dataclass
from datetime import datetime

from maintenance import ledger
from maintenance.models import BudgetLine, PackageState
from maintenance.package_progress import Progress, progress_of_all

__all__ = ["YearEnd", "year_end"]


@dataclass(frozen=True)
class YearEnd:
    """Whole rupiah. `in_time` and `too_late`: what packages still have to pay, by whether the
    payment is expected within the year; `lapses`: what is then left of the ceiling.
    """

    ceiling: int
    realised: int
    in_time: int
    too_late: int

    @property
    def lapses(self) -> int:
        return self.ceiling - self.realised - self.in_time


def year_end(line: BudgetLine, now: datetime | None = None) -> YearEnd:
    """How the line stands on 31 December, as it looks at `now`."""
    balance = ledger.balance(line)
    packages = line.packages.live().select_related("line__year", "reservation", "commitment")
    in_time = too_late = 0
    for progress in progress_of_all(packages, now).values():
        left = _to_pay(progress)
        if progress.fits_into_year:
            in_time += left
        else:
            too_late += left
    return YearEnd(balance.ceiling, balance.realised, in_time, too_late)


def _to_pay(progress: Progress) -> int:
    package = progress.package
    if package.state in (PackageState.PLANNED, PackageState.RUNNING):
        return ledger.standing(package.reservation).left
    return ledger.standing(package.commitment).left if package.commitment else 0
