"""Tables to take home: what they have in common."""

from typing import Any

from import_export.resources import ModelResource

from cameras.formulae import defused

__all__ = ["PlainResource"]


class PlainResource(ModelResource):
    """Columns and choices in the words of the screen, not of the database.

    And rows without formulae: what somebody typed must not run in the spreadsheet of another.
    (The library's own setting for that turns every number into a text.)
    """

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Any:
        field = super().field_from_django_field(field_name, django_field, readonly)
        field.column_name = django_field.verbose_name
        return field

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        in_words = getattr(instance, f"get_{field.attribute}_display", None)
        if in_words is not None:
            return str(in_words())
        return defused(super().export_field(field, instance, **kwargs))
