"""Amounts of money in models and forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from maintenance.rupiah import RupiahError, format_rupiah, parse_rupiah

__all__ = ["RupiahField", "RupiahFormField", "RupiahInput"]


class RupiahInput(UnfoldAdminTextInputWidget):
    """A text field that shows `Rp 750.000.000`; what was typed wrongly is shown as it was typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "text", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return format_rupiah(value) if isinstance(value, int) else super().format_value(value)


class RupiahFormField(forms.Field):
    """Reads what `parse_rupiah` reads; gives whole rupiah as an int, or None when left empty.

    `min_value` is 0 unless told; None allows negative amounts.
    """

    widget = RupiahInput
    default_error_messages = {"minimum": _("The amount must be at least %(least)s.")}

    def __init__(self, *, min_value: int | None = 0, **kwargs: Any) -> None:
        self.min_value = min_value
        kwargs.setdefault("help_text", _("As 750.000.000, 750 juta or 1,2 miliar."))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            rupiah = parse_rupiah(value if isinstance(value, int) else str(value))
        except RupiahError as error:
            raise ValidationError(str(error), code="invalid") from None
        if self.min_value is not None and rupiah < self.min_value:
            message = self.error_messages["minimum"] % {"least": format_rupiah(self.min_value)}
            raise ValidationError(message, code="min_value")
        return rupiah

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class RupiahField(models.BigIntegerField):
    """Whole rupiah in the database; `Rp 750 juta` in forms. `min_value` as in RupiahFormField."""

    def __init__(self, *args: Any, min_value: int | None = 0, **kwargs: Any) -> None:
        self.min_value = min_value
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.min_value != 0:
            kwargs["min_value"] = self.min_value
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        # The admin offers its widget for big integers; amounts have one of their own.
        kwargs.pop("widget", None)
        kwargs |= {"form_class": RupiahFormField, "min_value": self.min_value}
        if not self.help_text:
            kwargs.pop("help_text", None)
        return models.Field.formfield(self, **kwargs)
