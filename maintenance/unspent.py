"""Where the money of a budget line is that has not been paid: with whom, and what it waits for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.ledger import Balance
from maintenance.models import BudgetLine, LedgerEntry, Package, PackageState
from maintenance.package_progress import Progress, progress_of_all

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True)
class Part:
    """Some of the unpaid money. `tone` is that of a badge: red where it is late."""

    amount_rupiah: int
    words: str
    package: Package | None = None
    note: str = ""
    tone: str = "default"

    @property
    def url(self) -> str:
        return self.package.get_absolute_url() if self.package else ""


def parts_of(line: BudgetLine, balance: Balance, today: date) -> list[Part]:
    """All of it, the largest first; a fixed number of queries."""
    packages = list(line.packages.live().select_related("line__year", "reservation"))
    progress = progress_of_all(packages)
    unpaid = _unpaid([each.commitment_id for each in packages if each.commitment_id])
    parts = [
        _in_procurement(each, progress[each.pk])
        if each.commitment_id is None
        else _under_contract(each, unpaid[each.commitment_id], progress[each.pk], today)
        for each in packages
    ]
    parts = [part for part in parts if part.amount_rupiah > 0]
    bound = sum(part.amount_rupiah for part in parts if part.package and part.package.commitment_id)
    held = sum(part.amount_rupiah for part in parts) - bound
    others = [
        Part(balance.available, _("not planned for anything yet"), tone="danger"),
        Part(balance.outstanding - bound, _("bound by contracts without a package")),
        Part(balance.reserved - held, _("reserved without a package")),
    ]
    parts += [part for part in others if part.amount_rupiah > 0]
    return sorted(parts, key=lambda part: -part.amount_rupiah)


def _unpaid(commitments: list[int]) -> dict[int, int]:
    """What each contract has still to be paid."""
    found: dict[int, int] = defaultdict(int)
    about = Q(pk__in=commitments) | Q(commitment__in=commitments)
    rows = LedgerEntry.objects.filter(about).order_by().values_list("pk", "commitment")
    sums = rows.annotate(bound=Sum("committed_rupiah"), paid=Sum("realised_rupiah"))
    for pk, commitment, bound, paid in sums:
        found[commitment or pk] += bound - paid
    return found


def _in_procurement(package: Package, progress: Progress) -> Part:
    stage = progress.stage_now
    if package.state == PackageState.PLANNED:
        words = _("planned; procurement has not begun")
    elif stage is None:
        words = _("in procurement")
    else:
        words = _("in procurement: %(stage)s, held by %(holder)s") % {
            "stage": stage.name,
            "holder": stage.get_holder_display(),
        }
    return Part(package.hps_rupiah, words, package, *_lateness(progress))


def _under_contract(package: Package, unpaid: int, progress: Progress, today: date) -> Part:
    if package.state == PackageState.ACCEPTED:
        words = _("work accepted, not paid yet")
    elif package.ends_on is not None and package.ends_on < today:
        words = _("under contract; the work was to end on %(day)s") % {"day": _day(package.ends_on)}
    elif package.ends_on is not None:
        words = _("under contract; the work ends on %(day)s") % {"day": _day(package.ends_on)}
    else:
        words = _("under contract")
    return Part(unpaid, words, package, *_lateness(progress))


def _lateness(progress: Progress) -> tuple[str, str]:
    days = progress.days_late
    if days:
        words = ngettext("late by %(days)s working day", "late by %(days)s working days", days)
        return words % {"days": number_format(days)}, "danger"
    if progress.fits_into_year is False:
        return _("will not be paid this year"), "danger"
    return "", "default"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
