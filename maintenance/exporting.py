"""Tables to take home: what they have in common."""

from typing import Any

from import_export.resources import ModelResource

__all__ = ["PlainResource"]

_BEGIN_FORMULAE = ("=", "+", "-", "@", "\t", "\r")


class PlainResource(ModelResource):
    """Rows without formulae: what somebody typed must not run in the spreadsheet of another.

    (The library's own setting for that turns every number into a text.)
    """

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        value = super().export_field(field, instance, **kwargs)
        if isinstance(value, str) and value.startswith(_BEGIN_FORMULAE):
            return f"'{value}"
        return value
