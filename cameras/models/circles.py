"""Rows that stand below others of their kind: never, by way of these, below themselves."""

from typing import Any

from django.core.exceptions import ValidationError

__all__ = ["refuse_circle"]


def refuse_circle(row: Any, said: Any) -> None:
    """Raise a ValidationError of the field `parent` when that is the row itself or below it."""
    above, passed = row.parent, set()
    while above is not None and above.pk not in passed:  # a circle of others is not ours to end
        passed.add(above.pk)
        if above is row or (above.pk is not None and above.pk == row.pk):
            raise ValidationError({"parent": said}, code="circle")
        above = above.parent
