"""Rows that stand below others of their kind: never, by way of these, below themselves."""

from typing import Any

from django.core.exceptions import ValidationError

__all__ = ["refuse_circle"]


def refuse_circle(row: Any, said: Any) -> None:
    """Raise a ValidationError of the field `parent` when that is the row itself or below it."""
    above, passed = row.parent, set()
    while above is not None and _name(above) not in passed:  # others' circles are not ours to end
        passed.add(_name(above))
        if above is row or (above.pk is not None and above.pk == row.pk):
            raise ValidationError({"parent": said}, code="circle")
        above = above.parent


def _name(row: Any) -> tuple[bool, int]:
    """What tells a row from others. An import brings several at once that have no number yet."""
    return (True, id(row)) if row.pk is None else (False, row.pk)
