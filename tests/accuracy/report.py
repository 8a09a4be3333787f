"""The figures, as a text that people read and docs/eye.md quotes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.accuracy.plain import TOOLS
from tests.accuracy.results import CameraResult

__all__ = ["BARS", "Figures", "figures", "in_words", "shortcomings"]

# Issue 8: found after confirmation, at least; false alarms after confirmation, at most.
BARS = {
    "black": 0.99,
    "frozen": 0.99,
    "signal_lost": 0.99,
    "corrupt": 0.99,
    "covered": 0.95,
    "defocused": 0.95,
    "moved": 0.95,
    "washed_out": 0.95,
}
MOST_FALSE = 1 / 10_000
FEWER_THAN_PLAIN = 10  # times, false alarms after confirmation


@dataclass
class Figures:
    cameras: int = 0
    probes: int = 0
    false_probes: Counter[str] = field(default_factory=Counter)
    false_alarms: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    fault_probes: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    by_variant: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    mistaken: Counter[tuple[str, str]] = field(default_factory=Counter)
    plain_false: Counter[str] = field(default_factory=Counter)
    plain_alarms: Counter[str] = field(default_factory=Counter)
    plain_found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def rate(self, fault: str) -> float:
        return self.found[fault] / max(self.cases[fault], 1)


def figures(results: Iterable[CameraResult]) -> Figures:
    total = Figures()
    for result in results:
        total.cameras += 1
        total.probes += result.healthy.probes
        for _number, verdict, _why in result.healthy.false_probes:
            total.false_probes[verdict] += 1
        for _number, verdict in result.healthy.false_alarms:
            total.false_alarms[verdict] += 1
        for case in result.faults:
            total.cases[case.fault] += 1
            total.found[case.fault] += case.is_found
            total.fault_probes[case.fault] += len(case.verdicts)
            total.seen[case.fault] += sum(case.fits(verdict) for verdict in case.verdicts)
            variant = total.by_variant[f"{case.fault}: {case.variant}"]
            variant[0] += case.is_found
            variant[1] += 1
            if not case.is_found:
                total.mistaken[case.fault, str(case.confirmed)] += 1
        total.plain_false += result.plain_false
        total.plain_alarms += result.plain_alarms
        total.plain_found += result.plain_found
    return total


def in_words(total: Figures) -> str:
    """The whole report."""
    false = total.false_alarms.total()
    lines = [
        f"{total.cameras} cameras, {total.probes:,} healthy probes, "
        f"{total.cases.total():,} cases of faults",
        "",
        f"{'fault':<14}{'cases':>7}{'per probe':>12}{'confirmed':>12}{'bar':>8}   "
        f"{'false: probes':>14}{'alarms':>8}",
    ]
    for fault, bar in BARS.items():
        lines.append(
            f"{fault:<14}{total.cases[fault]:>7}"
            f"{_percent(total.seen[fault], total.fault_probes[fault]):>12}"
            f"{_percent(total.found[fault], total.cases[fault]):>12}{bar:>8.0%}   "
            f"{total.false_probes[fault]:>14}{total.false_alarms[fault]:>8}"
        )
    other = total.false_probes.total() - sum(total.false_probes[fault] for fault in BARS)
    lines += [
        f"{'other':<14}{'':>42}{other:>14}",
        "",
        f"False alarms after confirmation: {false} in {total.probes:,} healthy probes "
        f"(at most 1 in 10,000); false verdicts per probe: {total.false_probes.total()}",
        "",
        f"{'tool':<18}{'false probes':>14}{'false alarms':>14}   found after confirmation",
        f"{'the eye':<18}{total.false_probes.total():>14}{false:>14}",
    ]
    for tool in TOOLS:
        found = ", ".join(
            f"{fault} {_percent(total.plain_found[tool, fault], total.cases[fault])}"
            for fault in BARS
            if total.plain_found[tool, fault]
        )
        lines.append(
            f"{tool:<18}{total.plain_false[tool]:>14}{total.plain_alarms[tool]:>14}   {found}"
        )
    together = total.plain_alarms.total()
    lines += ["", f"False alarms of the plain tools together: {together}; of the eye: {false}"]
    lines += ["", "By variant (found / cases):"]
    lines += [
        f"  {name:<28}{found:>5} / {cases}"
        for name, (found, cases) in sorted(total.by_variant.items())
    ]
    if total.mistaken:
        lines += ["", "Not found, and what was confirmed instead:"]
        lines += [
            f"  {fault:<14}{said:<14}{count:>5}"
            for (fault, said), count in sorted(total.mistaken.items())
        ]
    return "\n".join(lines)


def shortcomings(total: Figures) -> list[str]:
    """Each bar that was missed."""
    missed = [
        f"{fault}: {total.rate(fault):.1%} found, {bar:.0%} wanted"
        for fault, bar in BARS.items()
        if total.cases[fault] and total.rate(fault) < bar
    ]
    if total.false_alarms.total() > MOST_FALSE * total.probes:
        missed.append(f"{total.false_alarms.total()} false alarms in {total.probes:,} probes")
    if total.false_alarms.total() * FEWER_THAN_PLAIN > total.plain_alarms.total():
        missed.append(f"not {FEWER_THAN_PLAIN} times fewer false alarms than the plain tools make")
    return missed


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"
