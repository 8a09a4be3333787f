"""Rupiah: whole numbers, read as people write them, and shown as offices do.

Dots group thousands and a comma begins decimals. What could be read in two ways is refused: the
two readings are a factor of a thousand apart.
"""

import re
from fractions import Fraction

from django.utils.translation import gettext

__all__ = ["LARGEST_RUPIAH", "RupiahError", "format_rupiah", "parse_rupiah", "short_rupiah"]

# Ten times the whole city's yearly budget; a sum of thousands of such still fits 64 bits.
LARGEST_RUPIAH = 999_999_999_999_999

_UNITS = {
    "": 1,
    **dict.fromkeys(("ribu", "rb"), 10**3),
    **dict.fromkeys(("juta", "jt"), 10**6),
    **dict.fromkeys(("miliar", "milyar", "mlr"), 10**9),
    **dict.fromkeys(("triliun", "trilyun"), 10**12),
}
_WRITTEN = re.compile(
    r"(?P<minus>[-−–])?\s*(?:(?:Rp|IDR)\.?)?\s*(?P<minus_after>[-−–])?\s*"
    r"(?P<number>[0-9][0-9.,]*)(?P<none>-)?\s*(?P<unit>[a-z]+)?\.?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,(?P<decimals>[0-9]*))?")


class RupiahError(ValueError):
    """What was written is no amount of whole rupiah; the message says how to write one."""


def parse_rupiah(written: str | int) -> int:
    """Whole rupiah from what a person typed.

    Reads `750.000.000`, `750000000`, `Rp 750 juta`, `750jt`, `1,2 miliar`, `Rp. 1.250.000,00`,
    `Rp 750.000,-`, each also with a minus. Raises RupiahError for parts of a rupiah, for what is
    no amount, for what is too large, and for what could mean two amounts: `1.5 juta`,
    `1.250 juta`, `750,000`, `5 M`.
    """
    if isinstance(written, int):
        return _in_range(written, str(written))
    text = " ".join(written.split())  # also no-break spaces
    match = _WRITTEN.fullmatch(text)
    if match is None or (match["minus"] and match["minus_after"]):
        raise RupiahError(_no_amount(text))
    unit = _unit(match["unit"] or "", text)
    value = _number(match["number"], bool(match["none"]), unit, text)
    if value.denominator != 1:
        raise RupiahError(
            gettext("“%(written)s” is not a whole number of rupiah.") % {"written": text}
        )
    return _in_range(-int(value) if match["minus"] or match["minus_after"] else int(value), text)


def format_rupiah(rupiah: int) -> str:
    """In full: `Rp 750.000.000`; negative amounts begin with a minus: `-Rp 5.000`."""
    return f"{'-' if rupiah < 0 else ''}Rp {abs(rupiah):,}".replace(",", ".")


def short_rupiah(rupiah: int) -> str:
    """For where there is little room: `Rp 750 juta`, `Rp 1,2 miliar`; rounded to two decimals.

    Below a million it is the full amount.
    """
    for unit, word in ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta")):
        hundredths = (abs(rupiah) * 100 + unit // 2) // unit
        if hundredths >= 100:
            whole, rest = divmod(hundredths, 100)
            decimals = f",{rest:02}".rstrip("0").rstrip(",")
            return f"{format_rupiah(-whole if rupiah < 0 else whole)}{decimals} {word}"
    return format_rupiah(rupiah)


def _unit(word: str, text: str) -> int:
    if word.lower() == "m":
        raise RupiahError(
            gettext("“%(written)s” could mean millions or billions: write “juta” or “miliar”.")
            % {"written": text}
        )
    if word.lower() not in _UNITS:
        raise RupiahError(_no_amount(text))
    return _UNITS[word.lower()]


def _number(number: str, none_sign: bool, unit: int, text: str) -> Fraction:
    """The number before the unit, times the unit. `none_sign`: the dash of `750.000,-`."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise _ambiguous(text)
    whole, decimals = match["whole"], match["decimals"]
    if none_sign and decimals != "":
        raise RupiahError(_no_amount(text))
    if decimals == "" and not none_sign:
        raise RupiahError(_no_amount(text))
    # “1,250 juta” and “750,000” may be written by somebody who groups by commas; “1.250 juta” by
    # somebody whose decimals begin with a dot.
    if len(decimals or "") == 3 or (unit > 1 and whole.count(".") == 1):
        raise _ambiguous(text)
    digits = whole.replace(".", "")
    return Fraction(f"{digits}.{decimals or '0'}") * unit


def _ambiguous(text: str) -> RupiahError:
    return RupiahError(
        gettext(
            "“%(written)s” could be read in two ways. Write it in full with dots between "
            "thousands, as 1.250.000.000, or with a comma and a word, as 1,25 miliar."
        )
        % {"written": text}
    )


def _in_range(rupiah: int, text: str) -> int:
    if abs(rupiah) > LARGEST_RUPIAH:
        raise RupiahError(gettext("“%(written)s” is more than can be entered.") % {"written": text})
    return rupiah


def _no_amount(text: str) -> str:
    return gettext("“%(written)s” is not an amount. Write it as 750.000.000 or 750 juta.") % {
        "written": text
    }
