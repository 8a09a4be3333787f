"""For admins of rows that deeds move: a form saves what was changed in it, and nothing else."""

from typing import Any

from django.http import HttpRequest

__all__ = ["SavesChangedFields"]


class SavesChangedFields:
    """Mixed into a ModelAdmin. The rest of the row may have moved since the form read it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)  # type: ignore[misc]
