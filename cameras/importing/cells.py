"""Cells: one value as it stands in a table, and back. Each refuses in words what it cannot take."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from cameras.formulae import defused, is_formula, restored
from cameras.importing.reading import Odd

__all__ = ["CLEAR", "Choice", "Code", "Coordinate", "Related", "Secret", "Text", "Whole", "YesNo"]

# An empty cell leaves the value alone; this one empties it.
CLEAR = "-"
_LANGUAGES = ("id", "en")
_YES = frozenset({"ya", "y", "yes", "true", "benar", "1"})
_NO = frozenset({"tidak", "t", "n", "no", "false", "salah", "0"})


class Text(Widget):
    """Any text. What a spreadsheet would run is refused, unless we defused it ourselves."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return _plain(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else defused(str(value).replace("\r\n", "\n"))


class Secret(Text):
    """A text that is written and never shown, and may begin with any sign."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Odd):
            raise ValueError(_odd(value))
        return restored(_number_as_text(value))[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ""


class Code(Text):
    """A natural key, in capitals."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError(
                _(
                    "This cell is a number, not a text: %(value)s may stand for %(other)s. "
                    "Give the column the format “Text” and type the code again."
                )
                % {"value": value, "other": f"{value}0"}
            )
        return _plain(value).upper()


class Whole(Widget):
    """A whole number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Odd):
            raise ValueError(_odd(value))
        text = _number_as_text(value)
        if not re.fullmatch(r"\d{1,9}", text):
            raise ValueError(_("“%(value)s” is not a whole number.") % {"value": text[:40]})
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class Coordinate(Widget):
    """Degrees with a comma or a dot: -6,208 or -6.208."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Odd):
            raise ValueError(_odd(value))
        text = _number_as_text(value).replace("\N{MINUS SIGN}", "-")
        if text.count(",") + text.count(".") > 1:
            raise ValueError(_mistaken_degrees(text))
        try:
            degrees = Decimal(text.replace(",", ".")).quantize(Decimal("0.000001"))
        except InvalidOperation:
            raise ValueError(_mistaken_degrees(text)) from None
        if not degrees.is_finite():
            raise ValueError(_mistaken_degrees(text))
        return degrees

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value


class YesNo(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Odd):
            raise ValueError(_odd(value))
        text = _number_as_text(value).casefold()
        if text not in _YES | _NO:
            raise ValueError(_("“%(value)s” is neither yes nor no.") % {"value": text[:40]})
        return text in _YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return _("yes") if value else _("no")


class Choice(Widget):
    """One of a few, by its name on the screen in either language, or as the database has it."""

    def __init__(self, choices: Iterable[tuple[Any, Any]]) -> None:
        super().__init__()
        self.choices = [(value, label) for value, label in choices if value != ""]

    @cached_property
    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for language in _LANGUAGES:
            with translation.override(language):
                known |= {str(label).casefold(): value for value, label in self.choices}
        return known | {str(value).casefold(): value for value, _label in self.choices}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = _plain(value)
        if text.casefold() not in self._known:
            raise ValueError(
                _("“%(value)s” is not known. Choose one of: %(choices)s.")
                % {"value": text[:40], "choices": ", ".join(self.labels())}
            )
        return self._known[text.casefold()]

    def labels(self) -> list[str]:
        """What may be typed, in the language of the moment."""
        return [str(label) for _value, label in self.choices]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(dict(self.choices).get(value, value))


class Related(Widget):
    """Another row of the registry, by its code or, where only one bears it, by its name."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__()
        self.model = model
        self.by_code: dict[str, Any] = {}
        self._by_name: dict[str, list[Any]] = {}

    def know(self, rows: Iterable[Any]) -> Mapping[int, Any]:
        """Read once what cells may name; gives the rows by number."""
        known = list(rows)
        for each in known:
            self.add(each)
        return {each.pk: each for each in known}

    def add(self, one: Any) -> None:
        """One more that cells may name."""
        self.by_code[one.code] = one
        self._by_name.setdefault(one.name.casefold(), []).append(one)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, float) and f"{value}" not in self.by_code:
            return Code().clean(value)
        text = _plain(value)
        if found := self.by_code.get(text.upper()):
            return found
        named = self._by_name.get(text.casefold(), [])
        what = str(self.model._meta.verbose_name)
        if not named:
            raise ValueError(
                _("There is no %(what)s with the code or name “%(value)s”.")
                % {"what": what, "value": text[:60]}
            )
        if len(named) > 1:
            raise ValueError(
                _("Several are named “%(value)s”: give the code, one of %(codes)s.")
                % {"value": text[:60], "codes": ", ".join(each.code for each in named[:5])}
            )
        return named[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.code if value is not None else ""


def _plain(value: Any) -> str:
    if isinstance(value, Odd):
        raise ValueError(_odd(value))
    text, was_defused = restored(_number_as_text(value))
    if not was_defused and is_formula(text):
        raise ValueError(_odd(Odd("formula", text)))
    return text


def _number_as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value).replace("\r\n", "\n").strip()


def _mistaken_degrees(text: str) -> str:
    return _("“%(value)s” is no coordinate; write degrees as in -6.208 or -6,208.") % {
        "value": text[:40]
    }


def _odd(value: Odd) -> str:
    sentences = {
        "formula": _("This cell holds a formula (%(value)s): type its value instead."),
        "date": _("This cell holds a date (%(value)s): give it the format “Text”, type it again."),
        "error": _("This cell holds an error of the spreadsheet (%(value)s)."),
    }
    return sentences[value.kind] % {"value": value.shown[:40]}
