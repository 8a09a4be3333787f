"""What benchmarks give: figures with their bars, as a table for the terminal and for docs/."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """One figure. `bar` is what it must reach, in words; `met` whether it does, None without."""

    benchmark: str
    figure: str
    value: str
    bar: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Options:
    """How long to take: `quick` is for trying the benchmark itself, not for figures to quote."""

    quick: bool = False
    minutes: float = 15
    cameras: int = 1200


def at_most(benchmark: str, figure: str, value: float, bar: float, unit: str = "") -> Result:
    """A figure that must not be larger than its bar."""
    bar_text = f"≤ {_number(bar)} {unit}".strip()
    return Result(benchmark, figure, f"{_number(value)} {unit}".strip(), bar_text, value <= bar)


def at_least(benchmark: str, figure: str, value: float, bar: float, unit: str = "") -> Result:
    """A figure that must not be smaller than its bar."""
    bar_text = f"≥ {_number(bar)} {unit}".strip()
    return Result(benchmark, figure, f"{_number(value)} {unit}".strip(), bar_text, value >= bar)


def stated(benchmark: str, figure: str, value: float, unit: str = "") -> Result:
    """A figure without a bar: a baseline, or something to know."""
    return Result(benchmark, figure, f"{_number(value)} {unit}".strip())


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def save(results: Iterable[Result], file: Path) -> None:
    file.write_text(json.dumps([asdict(each) for each in results]))


def load(file: Path) -> list[Result]:
    return [Result(**each) for each in json.loads(file.read_text())]


def as_table(results: Iterable[Result]) -> str:
    """Markdown, aligned, so that it reads well in a terminal, too."""
    head = ("benchmark", "figure", "value", "bar", "met")
    said = {True: "yes", False: "**no**", None: ""}
    rows = [head, *((r.benchmark, r.figure, r.value, r.bar, said[r.met]) for r in results)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    lines = [
        "| "
        + " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
