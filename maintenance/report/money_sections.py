"""Budget, absorption and packages, put into words and tables."""

from django.utils.translation import gettext as _

from maintenance.report.figures import BudgetRow, Figures, PackageRow
from maintenance.report.parts import Cell, Column, Section
from maintenance.report.words import and_more, number
from maintenance.rupiah import format_rupiah, short_rupiah

__all__ = ["budget", "packages"]

MOST_LINES = 15
MOST_PACKAGES = 20


def budget(figures: Figures) -> Section | None:
    """The lines of the year, and how far they are."""
    found = figures.budget
    if found is None:
        return None
    largest = sorted(found.rows, key=lambda row: -row.ceiling)[:MOST_LINES]
    rows = [_line(each) for each in found.rows if each in largest]
    if len(found.rows) > 1:
        rows.append(_line(found.total))
    told = {
        "realised": format_rupiah(found.total.realised),
        "ceiling": format_rupiah(found.total.ceiling),
        "year": found.year,
        "percent": number(found.total.absorption_percent, 1),
        "planned": number(found.planned_percent, 1),
        "paid": format_rupiah(found.paid_in_week),
    }
    return Section(
        "budget",
        _("Budget and absorption %(year)s") % told,
        _(
            "%(realised)s of %(ceiling)s are paid (%(percent)s %%); by the end of this month "
            "%(planned)s %% were planned. In this week %(paid)s were paid."
        )
        % told,
        [
            Column(_("budget line")),
            Column(_("ceiling"), numeric=True),
            Column(_("paid"), numeric=True),
            Column(_("bound by contracts"), numeric=True, roomy=True),
            Column(_("available"), numeric=True),
        ],
        rows,
        plot="absorption",
        plot_alt=_(
            "Paid until now: %(percent)s %% of the ceiling; planned by the end of this "
            "month: %(planned)s %%"
        )
        % told,
        foot=" ".join(filter(None, [_whose(figures), and_more(len(found.rows) - len(largest))])),
    )


def _whose(figures: Figures) -> str:
    if not figures.scope_key.startswith("area:"):
        return ""
    return _("Budgets are kept by agency: this is that of the whole city.")


def _line(each: BudgetRow) -> list[Cell]:
    return [
        Cell(each.name, note=each.code),
        Cell(short_rupiah(each.ceiling)),
        Cell(short_rupiah(each.realised), note=f"{number(each.absorption_percent, 1)} %"),
        Cell(short_rupiah(each.outstanding)),
        Cell(short_rupiah(each.available)),
    ]


def packages(figures: Figures) -> Section | None:
    """Packages by stage, and by how much they are late."""
    found = figures.packages
    if not found:
        return None
    late = sum(each.days_late > 0 for each in found)
    return Section(
        "packages",
        _("Procurement packages by stage"),
        _("%(late)s of %(all)s packages are late.")
        % {"late": number(late), "all": number(len(found))},
        [
            Column(_("package")),
            Column(_("stage")),
            Column(_("late"), numeric=True),
            Column(_("camera-days"), numeric=True, roomy=True),
        ],
        [_package(each) for each in found[:MOST_PACKAGES]],
        foot=and_more(len(found) - MOST_PACKAGES),
    )


def _package(each: PackageRow) -> list[Cell]:
    if each.days_late:
        late = Cell(
            _("%(days)s working days") % {"days": number(each.days_late)},
            "danger",
            note="" if each.fits_into_year is not False else _("not within the year"),
        )
    else:
        late = Cell(_("on time"), "success")
    return [
        Cell(each.code, note=each.name),
        Cell(each.stage, note=each.phase),
        late,
        Cell(number(each.camera_days, 1)),
    ]
