"""What changed between two states of a row, in values that can be kept and read later."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.fields.files import FieldFile

__all__ = ["changes_of", "plain_fields"]

Change = list[Any] | None
_LONGEST_TEXT = 500
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def plain_fields(model: type[models.Model], ignored: Collection[str]) -> list[Any]:
    """The fields that are recorded: not the number, nor what the program writes by itself."""
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and field.name not in ignored
        and not getattr(field, "auto_now", False)
        and not isinstance(field, models.BinaryField)
    ]


def changes_of(
    pairs: Sequence[tuple[models.Model | None, models.Model | None]],
    fields: Iterable[Any],
    secret: Collection[str],
) -> list[dict[str, Change]]:
    """For each (before, after): field → [before, after], or None where it is a secret.

    None in place of a row: it is new, or gone; then only what has a value is told. Rows that fields
    refer to are named; one query for each such field, however many the pairs.
    """
    found: list[dict[str, Change]] = [{} for _pair in pairs]
    for field in fields:
        if field.name in secret:
            for told, (before, after) in zip(found, pairs, strict=True):
                if not _is_same_secret(field, before, after):
                    told[field.name] = None
            continue
        differing = {
            at: values
            for at, pair in enumerate(pairs)
            if (values := [_value(field, row) for row in pair])[0] != values[1]
        }
        if field.is_relation and differing:
            names = _names(field, {key for values in differing.values() for key in values})
            differing = {
                at: [names.get(key, key) for key in values] for at, values in differing.items()
            }
        for at, values in differing.items():
            if None in pairs[at] and all(value in _EMPTY for value in values):
                continue
            found[at][field.name] = values
    return found


def _value(field: Any, row: models.Model | None) -> Any:
    if row is None:
        return None
    value = getattr(row, field.attname)
    if isinstance(value, FieldFile):
        return value.name
    if isinstance(value, str):
        # What a form or a file gave may not be a number yet, which it is in the database.
        value = field.to_python(value) if not field.is_relation else value
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return value[:_LONGEST_TEXT] + "…"
    return value


def _names(field: Any, keys: Collection[Any]) -> dict[Any, str]:
    manager = field.related_model._base_manager
    target = field.target_field.attname
    wanted = [key for key in keys if key is not None]
    names: dict[Any, str] = defaultdict(str)
    for start in range(0, len(wanted), 500):
        rows = manager.filter(**{f"{target}__in": wanted[start : start + 500]})
        names |= {getattr(row, target): str(row) for row in rows}
    return dict(names)


def _is_same_secret(field: Any, before: models.Model | None, after: models.Model | None) -> bool:
    old, new = (row.__dict__.get(field.attname) if row else None for row in (before, after))
    if old == new or (old in _EMPTY and new in _EMPTY):
        return True
    if before is None or after is None:
        return False
    try:
        return bool(getattr(before, field.attname) == getattr(after, field.attname))
    except ImproperlyConfigured:  # the key is lost: it cannot be told
        return False
