"""Formulae: what somebody typed must not run in the spreadsheet of another. No Django in here."""

import re
from typing import Any

__all__ = ["defused", "is_formula", "restored"]

_BEGINS = re.compile(r"'*[=+\-@\t\r]")
# A telephone number and a lone hyphen begin with a sign, too, and reckon nothing.
_RUNS = re.compile(r"[=@\t\r]|[+-](?![\d\s().,-]*$)")


def defused(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it.

    Numbers stay numbers. `restored` gives back exactly what was there.
    """
    return f"'{value}" if isinstance(value, str) and _BEGINS.match(value) else value


def restored(text: str) -> tuple[str, bool]:
    """(the text as it was before `defused`, whether it had been defused)."""
    if text.startswith("'") and _BEGINS.match(text):
        return text[1:], True
    return text, False


def is_formula(text: str) -> bool:
    """Whether a text that nobody defused would run."""
    return _RUNS.match(text) is not None
