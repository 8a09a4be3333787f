"""Judging: from measurements to a verdict. Pure, and every threshold in one place."""

from dataclasses import dataclass

from monitoring.looking import Look
from monitoring.verdicts import Verdict


@dataclass(frozen=True)
class Thresholds:
    """Grey levels are 0 … 255, shares 0 … 1.

    A black picture is dark (`dark_below`) and shows nothing (`least_structure`), whatever its
    noise. A night picture is as dark, but lamps and their reflections stand out in it. Frozen
    leaves room for a running clock (`most_change`: three rows of a clock are 6 % of the tiles).
    """

    dark_below: float = 40.0
    least_structure: float = 0.04
    most_change: float = 0.08


DEFAULT = Thresholds()


def judge(look: Look, changed: float | None, thresholds: Thresholds = DEFAULT) -> Verdict:
    """The verdict on one picture.

    `changed` is the share of tiles that differ from a picture of the same camera taken at
    another moment; None when there is none to compare with, and then nothing is called frozen.
    """
    if look.brightness < thresholds.dark_below and look.structure < thresholds.least_structure:
        return Verdict.BLACK
    if changed is not None and changed <= thresholds.most_change:
        return Verdict.FROZEN
    return Verdict.HEALTHY


def judge_burst(
    looks: list[Look], changes: list[float], thresholds: Thresholds = DEFAULT
) -> Verdict | None:
    """The verdict on a burst: a fault only if every picture shows it; None if it cannot tell.

    `changes` are those between neighbouring pictures: one fewer than looks.
    """
    verdicts = [judge(look, None, thresholds) for look in looks]
    if all(verdict is Verdict.BLACK for verdict in verdicts):
        return Verdict.BLACK
    if not changes:
        return None
    if all(change <= thresholds.most_change for change in changes):
        return Verdict.FROZEN
    return Verdict.HEALTHY
