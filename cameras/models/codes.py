"""Codes: the natural keys by which people, files and radio calls name things."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

validate_code = RegexValidator(
    r"^[A-Z0-9][A-Z0-9.-]*$",
    _("Use capital letters, digits, dots and hyphens only, as in PA-MGR-01."),
)


class CodeField(models.CharField):
    """A short unique code; typed in any case, kept in capitals."""

    # Of the class: CharField's __init__ already puts the field's validators together.
    default_validators = [validate_code]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("code"))
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("unique", True)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.strip().upper() if isinstance(value, str) else value
