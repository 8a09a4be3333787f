"""Numbers out of addresses, where anybody may write anything."""

__all__ = ["whole_number"]

_MOST_DIGITS = 18  # all of so many fit into the databases' whole numbers


def whole_number(text: str | None) -> int | None:
    """The number that a text is; None for anything else, and for what no database keeps.

    `isdigit` alone would not do: it lets through "²", which `int` refuses.
    """
    if text and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None
