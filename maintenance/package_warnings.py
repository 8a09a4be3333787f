"""What a package's page warns of, in words for people."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from maintenance import ledger
from maintenance.models import Outcome, Package, PackageState
from maintenance.package_progress import Progress
from maintenance.rupiah import format_rupiah
from maintenance.splitting import suspicion

__all__ = ["warnings_for"]

_OVER = (PackageState.PAID, PackageState.CANCELLED)


def warnings_for(progress: Progress) -> list[str]:
    """The warnings of one package, the gravest first."""
    package = progress.package
    found: list[str] = []
    if package.state not in _OVER:
        found += _of_the_year(package, progress)
        found += _of_the_ledger(package)
    found += _of_splitting(package)
    failed = sum(each.outcome == Outcome.FAILED for each, _stages in progress.rounds)
    if failed >= 2 and package.state == PackageState.RUNNING:
        found.append(
            gettext(
                "The tender has failed %(times)s times: direct appointment may be allowed, with "
                "the approval that the rules ask for."
            )
            % {"times": failed}
        )
    return found


def _of_the_year(package: Package, progress: Progress) -> list[str]:
    last_day = date(package.line.year.year, 12, 31)
    facts = {"last": date_format(last_day), "hps": format_rupiah(package.hps_rupiah)}
    ends = package.ends_on or progress.work_ends_on
    if ends is not None and ends > last_day:
        text = (
            gettext("The contract ends on %(ends)s, after the budget year ends on %(last)s.")
            if package.is_signed
            else gettext(
                "The contract would end on %(ends)s, after the budget year ends on %(last)s."
            )
        )
        return [text % {**facts, "ends": date_format(ends)}]
    if progress.paid_on is not None and progress.paid_on > last_day:
        return [
            gettext(
                "Too late for this budget year: the payment is expected on %(paid)s, and what is "
                "not paid by %(last)s lapses."
            )
            % {**facts, "paid": date_format(progress.paid_on)}
        ]
    return []


def _of_the_ledger(package: Package) -> list[str]:
    """When somebody released or reversed in the ledger itself what the package rests on."""
    if package.commitment is None:
        left = ledger.standing(package.reservation).left
        if left == package.hps_rupiah:
            return []
        text = gettext(
            "Of the reservation of %(hps)s, the ledger holds only %(left)s. The contract can be "
            "signed up to that; to reserve anew, cancel the package and plan another."
        )
        return [text % {"hps": format_rupiah(package.hps_rupiah), "left": format_rupiah(left)}]
    if ledger.standing(package.commitment).value > 0:
        return []
    return [gettext("The commitment of this package was taken back in the ledger.")]


def _of_splitting(package: Package) -> list[str]:
    found = suspicion(package)
    if found is None:
        return []
    return [
        gettext(
            "This may be one need split to avoid a tender, which is forbidden (%(rule)s): together "
            "with %(others)s it comes to %(sum)s, above the limit of %(limit)s."
        )
        % {
            "rule": found.citation,
            "others": ", ".join(found.others),
            "sum": format_rupiah(found.sum_rupiah),
            "limit": format_rupiah(found.limit_rupiah),
        }
    ]
