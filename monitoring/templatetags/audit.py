"""What people did to a row, for its history page."""

from typing import Any

from django import template
from django.contrib.contenttypes.models import ContentType

from cameras.audit.models import AuditEntry, Deed
from monitoring import audit_words

register = template.Library()

_MOST = 200


@register.simple_tag
def audit_of(row: Any) -> list[dict[str, Any]]:
    """The latest entries about this row, the newest first."""
    kind = ContentType.objects.get_for_model(type(row))
    entries = AuditEntry.objects.filter(kind=kind, row=str(row.pk))[:_MOST]
    return [
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
