"""The audit trail in words: what an entry says in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.admin.utils import display_for_value
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cameras.audit.models import AuditEntry

__all__ = ["Told", "in_one_line", "kind_in_words", "told"]

_NOTHING = "—"


@dataclass(frozen=True)
class Told:
    """One field that changed. `is_secret`: what was and what is are not kept."""

    field: str
    before: str
    after: str
    is_secret: bool = False


def told(entry: AuditEntry) -> Iterator[Told]:
    """What changed, field by field."""
    kind = entry.kind_id and ContentType.objects.get_for_id(entry.kind_id)
    model = kind.model_class() if kind else None
    for name, change in entry.changes.items():
        field = _field(model, name)
        words = capfirst(str(getattr(field, "verbose_name", name)))
        if change is None:
            yield Told(words, "", _("changed; not kept here"), is_secret=True)
        else:
            before, after = (_value(field, value) for value in change)
            yield Told(words, before, after)


def in_one_line(entry: AuditEntry, most: int = 3) -> str:
    """The first changes, for a list."""
    parts: list[str] = []
    for each in told(entry):
        if len(parts) == most:
            parts.append("…")
            break
        if each.is_secret or each.before == _NOTHING:
            parts.append(f"{each.field}: {each.after}")
        else:
            parts.append(f"{each.field}: {each.before} → {each.after}")
    return "; ".join(parts)


def kind_in_words(entry: AuditEntry) -> str:
    """What kind of row it is about."""
    if not entry.kind_id:
        return ""
    kind = ContentType.objects.get_for_id(entry.kind_id)
    model = kind.model_class()
    return capfirst(str(model._meta.verbose_name)) if model else kind.model


def _field(model: Any, name: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _value(field: Any, value: Any) -> str:
    if value is None or value == "" or value == []:
        return _NOTHING
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    choices = dict(getattr(field, "flatchoices", None) or ())
    if choices:
        return str(choices.get(value, value))
    kind = field.get_internal_type() if hasattr(field, "get_internal_type") else ""
    if kind == "DateTimeField" and isinstance(value, str):
        moment = parse_datetime(value)
        return _moment(moment) if moment else value
    if kind == "DateField" and isinstance(value, str):
        day = parse_date(value)
        return _moment(day) if day else value
    if isinstance(value, int) and not isinstance(value, bool):
        amount = number_format(value, force_grouping=field is None or "year" not in field.name)
        return f"Rp {amount}" if getattr(field, "name", "").endswith("_rupiah") else amount
    return str(display_for_value(value, _NOTHING)) if isinstance(value, bool) else str(value)


def _moment(value: date) -> str:
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return date_format(value, "DATE_FORMAT")
