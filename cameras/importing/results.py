"""What came of a table: what each row changes, and which cells cannot be taken."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.formats import localize
from import_export.results import Result
from import_export.widgets import Widget

from cameras.addresses import redact
from cameras.importing.cells import Related, Secret, Text
from cameras.importing.reading import LINE

if TYPE_CHECKING:
    from cameras.importing.resource import RegistryResource

__all__ = ["Change", "RegistryResult", "Wrong", "shown"]


class Change:
    """One value that a row changes, in words; a secret's is not told."""

    __slots__ = ("after", "before", "is_secret", "label")

    def __init__(self, label: str, before: str, after: str, is_secret: bool = False) -> None:
        self.label, self.is_secret = label, is_secret
        self.before, self.after = before, after


class Wrong:
    """One cell that cannot be taken."""

    def __init__(self, line: int, label: str, value: Any, sentence: str) -> None:
        self.line, self.label, self.value, self.sentence = line, label, value, sentence


class RegistryResult(Result):
    """A result whose rows know in which row of the file they stood."""

    def __init__(self, resource: "RegistryResource") -> None:
        super().__init__()
        self._resource = resource
        self.wrong: list[Wrong] = []

    def append_invalid_row(self, number: int, row: Any, validation_error: ValidationError) -> None:
        if self.base_errors:
            return  # the table as a whole is wrong; its rows would only repeat it
        self.invalid_rows.append((number, validation_error))
        line = row.get(LINE, number)
        for name, sentences in _by_column(validation_error).items():
            field = self._resource.fields.get(name)
            label = self._resource.label(name) if field else ""
            value = row.get(name) if field and not isinstance(field.widget, Secret) else None
            shown = "" if value is None else redact(str(value))[:80]
            self.wrong += [Wrong(line, label, shown, sentence) for sentence in sentences]

    def changed_rows(self) -> list[Any]:
        """The rows that change something, in the order of the file."""
        return sorted(
            (row for row in self.valid_rows() if not row.is_skip()), key=lambda row: row.line
        )


def shown(widget: Widget, value: Any) -> str:
    """A value as the preview shows it."""
    if value is None or value == "":
        return ""
    if isinstance(widget, Related):
        return f"{value.code} {value.name}"
    if isinstance(widget, Text):
        return str(value)
    return localize(value) if isinstance(value, Decimal) else str(widget.render(value))


def _by_column(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
