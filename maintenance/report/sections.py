"""A report put into words and tables; HTML, text and PDF are made of them and say the same."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.report import money_sections
from maintenance.report.figures import Area, Figures, Outage
from maintenance.report.parts import Card, Cell, Column, Document, Section, Tile
from maintenance.report.words import (
    and_more,
    change,
    hours,
    moment,
    number,
    percent,
    week_in_words,
)
from monitoring.choices import VERDICT_COLOURS, VERDICT_LABELS

__all__ = ["document", "headline"]

MOST_FLOODGATES = 20


def document(figures: Figures) -> Document:
    """All that a report says."""
    period = week_in_words(figures.week)
    sections = [
        _verdicts(figures),
        _floodgates(figures),
        _tickets(figures),
        _outages(figures),
        _areas(figures),
        _causes(figures),
        money_sections.budget(figures),
        money_sections.packages(figures),
        _eye(figures),
    ]
    return Document(
        subject=_subject(figures, period),
        title=_("Weekly status report: %(scope)s") % {"scope": figures.scope_title},
        period=period,
        headline=headline(figures),
        tiles=_tiles(figures),
        sections=[each for each in sections if each is not None],
        made_of=_made_of(figures),
    )


def headline(figures: Figures) -> str:
    """In one sentence what changed."""
    healthy, all_cameras = figures.healthy, len(figures.cameras)
    if not all_cameras:
        return _("No camera is monitored here yet.")
    told = {
        "healthy": number(healthy.now),
        "cameras": number(all_cameras),
        "percent": percent(healthy.now / all_cameras),
        "more": number(abs(healthy.change)),
    }
    if healthy.change > 0:
        words = _(
            "%(healthy)s of %(cameras)s cameras are healthy (%(percent)s), %(more)s more than a "
            "week before"
        )
    elif healthy.change < 0:
        words = _(
            "%(healthy)s of %(cameras)s cameras are healthy (%(percent)s), %(more)s fewer than a "
            "week before"
        )
    else:
        words = _(
            "%(healthy)s of %(cameras)s cameras are healthy (%(percent)s), as many as a week before"
        )
    parts = [words % told]
    if down := len(figures.floodgates_down):
        parts.append(
            ngettext(
                "%(down)s floodgate camera is down",
                "%(down)s floodgate cameras are down",
                down,
            )
            % {"down": number(down)}
        )
    elif figures.floodgates:
        parts.append(_("every floodgate camera sees"))
    parts.append(
        _("%(opened)s tickets were opened and %(closed)s closed")
        % {"opened": number(figures.tickets.opened), "closed": number(figures.tickets.closed)}
    )
    return f"{'; '.join(parts)}."


def _subject(figures: Figures, period: str) -> str:
    told = {
        "scope": figures.scope_title,
        "period": period,
        "healthy": number(figures.healthy.now),
        "cameras": number(len(figures.cameras)),
    }
    return _("Camera report %(period)s, %(scope)s: %(healthy)s of %(cameras)s healthy") % told


def _tiles(figures: Figures) -> list[Tile]:
    down, tickets = len(figures.floodgates_down), figures.tickets
    return [
        Tile(percent(figures.total.availability), _("uptime in the week")),
        Tile(
            number(figures.faulty), _("faulty cameras"), "danger" if figures.faulty else "success"
        ),
        Tile(number(down), _("floodgate cameras down"), "danger" if down else "success"),
        Tile(
            number(tickets.unclosed),
            _("open tickets, %(overdue)s of them overdue") % {"overdue": number(tickets.overdue)},
            "warning" if tickets.overdue else "",
        ),
    ]


def _verdicts(figures: Figures) -> Section:
    rows = [
        [
            Cell(str(VERDICT_LABELS[each.verdict]), _tone_of(each.verdict)),
            Cell(number(each.now)),
            Cell(number(each.before), "muted"),
            Cell(change(each.change)),
        ]
        for each in figures.verdicts
    ]
    return Section(
        "verdicts",
        _("Cameras by verdict"),
        _("At the end of the week, against the end of the week before."),
        [
            Column(_("verdict")),
            Column(_("now"), numeric=True),
            Column(_("before"), numeric=True),
            Column(_("difference"), numeric=True),
        ],
        rows,
    )


def _floodgates(figures: Figures) -> Section | None:
    if not figures.floodgates:
        return None
    down = figures.floodgates_down
    title = _("Floodgates down")
    if not down:
        lead = _("None: every floodgate camera sees.")
        return Section("floodgates", title, lead)
    rows = [
        [
            Cell(each.code, note=each.site),
            Cell(each.in_words, "danger"),
            Cell(moment(each.since)),
            Cell(each.ticket or "–"),
        ]
        for each in down[:MOST_FLOODGATES]
    ]
    return Section(
        "floodgates",
        title,
        _("%(down)s of %(all)s floodgate cameras, the longest down first.")
        % {"down": number(len(down)), "all": number(figures.floodgates)},
        [
            Column(_("camera")),
            Column(_("fault")),
            Column(_("since")),
            Column(_("ticket"), roomy=True),
        ],
        rows,
        foot=and_more(len(down) - MOST_FLOODGATES),
    )


def _tickets(figures: Figures) -> Section:
    found = figures.tickets
    rows = [
        [
            Cell(_("opened in the week")),
            Cell(number(found.opened)),
            Cell(number(found.opened_before), "muted"),
        ],
        [
            Cell(_("closed in the week")),
            Cell(number(found.closed)),
            Cell(number(found.closed_before), "muted"),
        ],
        [Cell(_("open at its end")), Cell(number(found.unclosed)), Cell("")],
        [
            Cell(_("of these overdue"), "danger" if found.overdue else ""),
            Cell(number(found.overdue)),
            Cell(""),
        ],
    ]
    columns = [
        Column(_("tickets")),
        Column(_("this week"), numeric=True),
        Column(_("week before"), numeric=True),
    ]
    return Section("tickets", _("Repair tickets"), columns=columns, rows=rows)


def _outages(figures: Figures) -> Section | None:
    if not figures.outages:
        return Section("outages", _("Longest outages"), _("No camera had a fault in this week."))
    return Section(
        "outages",
        _("Longest outages"),
        _("Of those that ran in this week."),
        cards=[_outage(each) for each in figures.outages],
    )


def _outage(each: Outage) -> Card:
    ended = _("ended %(at)s") % {"at": moment(each.ended)} if each.ended else _("not over yet")
    lines = [
        Cell(each.in_words, "danger"),
        Cell(
            _("%(days)s, since %(began)s; %(ended)s")
            % {"days": hours(each.lasted), "began": moment(each.began), "ended": ended}
        ),
    ]
    if each.cameras:
        told = {"cameras": number(each.cameras)}
        lines.append(Cell(_("Took %(cameras)s cameras with it.") % told))
    if each.ticket:
        lines.append(Cell(_("Ticket %(ticket)s") % {"ticket": each.ticket}, "muted"))
    alt = _("Picture of %(code)s: %(fault)s") % {"code": each.code, "fault": each.in_words}
    return Card(f"{each.code} {each.name}", lines, each.picture, alt)


def _areas(figures: Figures) -> Section | None:
    if not figures.areas:
        return None
    shown = figures.areas_shown
    rows = [_area(each) for each in shown]
    if len(rows) > 1:
        rows.append(_area(figures.total))
    told = [f"{each.name} {percent(each.availability)}" for each in shown]
    return Section(
        "areas",
        _("Uptime and time to repair by area"),
        _(
            "Uptime is the share of the time of which we know. Time to repair: from the ticket to "
            "the recovery, of repairs that ended in this week."
        ),
        [
            Column(_("area")),
            Column(_("cameras"), numeric=True, roomy=True),
            Column(_("uptime"), numeric=True),
            Column(_("before"), numeric=True),
            Column(_("repairs"), numeric=True, roomy=True),
            Column(_("time to repair"), numeric=True),
        ],
        rows,
        foot=and_more(len(figures.areas) - len(shown)),
        plot="areas",
        plot_alt=_("Uptime by area: %(areas)s") % {"areas": ", ".join(told)},
    )


def _area(each: Area) -> list[Cell]:
    return [
        Cell(each.name),
        Cell(number(each.cameras)),
        Cell(percent(each.availability)),
        Cell(percent(each.availability_before), "muted"),
        Cell(number(each.repairs)),
        Cell(hours(each.repair)),
    ]


def _causes(figures: Figures) -> Section:
    rows = [
        [
            Cell(each.label, "warning" if each.is_procurement else ""),
            Cell(number(each.camera_days, 1)),
        ]
        for each in figures.causes
    ]
    told = [f"{each.label} {number(each.camera_days, 1)}" for each in figures.causes]
    return Section(
        "causes",
        _("Downtime by cause"),
        _(
            "The city lost %(days)s camera-days; for %(waiting)s of them the repair waited for "
            "procurement."
        )
        % {
            "days": number(figures.down_camera_days, 1),
            "waiting": number(figures.procurement_camera_days, 1),
        },
        [Column(_("cause")), Column(_("camera-days"), numeric=True)],
        rows,
        plot="causes" if figures.down_camera_days else "",
        plot_alt=_("Camera-days by cause: %(causes)s") % {"causes": ", ".join(told)},
    )


def _eye(figures: Figures) -> Section | None:
    if not figures.eye:
        return None
    found = sum(each.incidents for each in figures.eye)
    false = sum(each.false_alarms for each in figures.eye)
    rows = [
        [
            Cell(str(VERDICT_LABELS[each.verdict])),
            Cell(number(each.incidents)),
            Cell(number(each.false_alarms)),
            Cell(percent(1 - each.false_alarms / each.incidents)),
        ]
        for each in figures.eye
    ]
    return Section(
        "eye",
        _("Quality of the eye"),
        _("Of %(found)s faults confirmed in four weeks, people called %(false)s false alarms.")
        % {"found": number(found), "false": number(false)},
        [
            Column(_("fault")),
            Column(_("confirmed"), numeric=True),
            Column(_("false alarms"), numeric=True),
            Column(_("right"), numeric=True),
        ],
        rows,
    )


def _made_of(figures: Figures) -> str:
    if figures.is_whole:
        return _("Figures of %(period)s, Monday 00.00 to Sunday 24.00 WIB.") % {
            "period": week_in_words(figures.week)
        }
    return _("This week is not over: figures until %(at)s WIB.") % {"at": moment(figures.as_of)}


def _tone_of(verdict: object) -> str:
    """The tone of a verdict, as everywhere else."""
    colour = VERDICT_COLOURS[verdict]  # type: ignore[index]
    return "muted" if colour == "default" else colour
