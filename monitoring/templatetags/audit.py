"""What people did to a row, for its history page."""

from typing import Any

from django import template
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from cameras.audit.models import AuditEntry, Deed
from monitoring import audit_words

register = template.Library()

_MOST = 200


@register.simple_tag
def audit_of(row: Any) -> list[dict[str, Any]]:
    """The latest entries about this row, the newest first, with the reasons that people gave."""
    kind = ContentType.objects.get_for_model(type(row))
    entries = AuditEntry.objects.filter(kind=kind, row=str(row.pk))[:_MOST]
    # The admin's own log: what is not in its own words ("[…]") was written by a deed of ours.
    notes = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    notes = notes.exclude(change_message="").exclude(change_message__startswith="[")
    told: list[dict[str, Any]] = [
        {
            "at": entry.at,
            "who": entry.person_name or "—",
            "deed": entry.get_deed_display(),
            "colour": Deed(entry.deed).colour,
            "address": entry.address,
            "changes": list(audit_words.told(entry)),
        }
        for entry in entries
    ]
    told += [
        {
            "at": note.action_time,
            "who": note.user.get_username(),
            "deed": str(Deed.CHANGED.label),
            "colour": Deed.CHANGED.colour,
            "note": note.change_message,
        }
        for note in notes.select_related("user")[:_MOST]
    ]
    return sorted(told, key=lambda one: one["at"], reverse=True)
