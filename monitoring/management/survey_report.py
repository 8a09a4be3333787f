"""What `manage.py probe --all` shows: a progress bar with its rate, then a table."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from monitoring.choices import VERDICT_LABELS, in_words
from monitoring.surveying import Survey
from monitoring.verdicts import Verdict

# Rich's names of what unfold calls success, danger and warning.
_COLOURS = {Verdict.HEALTHY: "green", Verdict.FROZEN: "yellow"}
_BAD = "red"


class RateColumn(ProgressColumn):
    """Cameras a minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else _("%(rate)d cameras/min") % {"rate": speed * 60})


def with_progress(surveys: Iterator[Survey], total: int, console: Console) -> Iterator[Survey]:
    """Hand the surveys on while a bar shows how far it is; only on a terminal."""
    columns = [
        TextColumn(_("Probing")),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        for one in surveys:
            progress.advance(task)
            yield one


def print_report(found: list[Survey], total: int, seconds: float, console: Console) -> None:
    """How many of each verdict, and the bad ones by name."""
    bad = sorted((one for one in found if not is_healthy(one)), key=lambda one: one.camera.code)
    if bad:
        listed = Table(_("code"), _("name"), _("area"), _("verdict"), _("detail"))
        for one in bad:
            listed.add_row(*map(Text, _row(one)))
        console.print(listed)
    table = Table(_("verdict"))
    table.add_column(_("cameras"), justify="right")
    for verdict, number in counts(found).most_common():
        colour = _COLOURS.get(verdict, _BAD) if verdict else _BAD
        table.add_row(Text(label(verdict), colour), str(number))
    console.print(table)
    console.print(
        _("%(done)d of %(total)d cameras in %(seconds).1f s: %(rate)d a minute.")
        % {
            "done": len(found),
            "total": total,
            "seconds": seconds,
            "rate": len(found) / max(seconds, 0.001) * 60,
        }
    )


def as_dict(found: list[Survey], total: int, seconds: float) -> dict[str, Any]:
    """The same for programs."""
    return {
        "cameras": total,
        "probed": len(found),
        "seconds": round(seconds, 2),
        "verdicts": {str(verdict or "unusable"): n for verdict, n in counts(found).items()},
        "results": [
            {
                "code": one.camera.code,
                "verdict": one.seen.verdict if one.seen else None,
                "reason": one.seen.reason if one.seen else None,
                "detail": one.seen.detail if one.seen else "",
                "timings_ms": one.seen.timings_ms if one.seen else {},
            }
            for one in found
        ],
    }


def counts(found: list[Survey]) -> Counter[Verdict | None]:
    """Cameras by verdict; None: those that could not be probed."""
    return Counter(one.seen.verdict if one.seen else None for one in found)


def is_healthy(one: Survey) -> bool:
    return one.seen is not None and one.seen.verdict is Verdict.HEALTHY


def label(verdict: Verdict | None) -> str:
    return str(VERDICT_LABELS[verdict]) if verdict else _("could not be probed: see the log")


def _row(one: Survey) -> tuple[str, str, str, str, str]:
    camera, seen = one.camera, one.seen
    words = in_words(seen.verdict, seen.reason) if seen else label(None)
    return camera.code, camera.name, camera.site.area.name, words, seen.detail if seen else ""
