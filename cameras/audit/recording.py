"""Writing the audit trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models

from cameras.audit.acting import actor
from cameras.audit.changes import Change, changes_of
from cameras.audit.models import AuditEntry, Deed
from cameras.audit.watching import Watched, watched

__all__ = ["added_many", "before_of", "changed_many", "forget_old", "note", "record"]

_AT_ONCE = 500
# Within this time nothing is forgotten, whatever the settings say: guard.py refuses it.
LEAST_DAYS = 365


def note(
    deed: Deed,
    subject: models.Model | None = None,
    *,
    person: Any = None,
    person_name: str = "",
    address: str | None = None,
    name: str = "",
    changes: dict[str, Change] | None = None,
) -> None:
    """Record one deed; without a person, that of who is served now."""
    serving = actor()
    person = person or (serving.user if serving else None)
    AuditEntry.objects.create(
        deed=deed,
        changes=changes or {},
        **_who(person, person_name, address or (serving.address if serving else None)),
        **{**_what(subject), **({"name": name[:200]} if name else {})},
    )


def record(deed: Deed, pairs: Sequence[tuple[Any, Any]], fields: Sequence[str] = ()) -> None:
    """Record what a person did to these rows of one model, given as (before, after).

    `fields`: only these may have changed. Nothing is recorded while nobody acts, nor where nothing
    is different.
    """
    serving = actor()
    rule = watched(type(next(row for row in pairs[0] if row))) if pairs else None
    if serving is None or rule is None or serving.user is None:
        return
    about = [each for each in rule.fields if not fields or each.name in fields]
    who = _who(serving.user, "", serving.address)
    entries = [
        AuditEntry(deed=_deed(deed, rule, told), changes=told, **who, **_what(after or before))
        for (before, after), told in zip(pairs, changes_of(pairs, about, rule.secret), strict=True)
        if told or deed is not Deed.CHANGED
    ]
    AuditEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def added_many(rows: Sequence[models.Model]) -> None:
    """Record rows that were written in bulk, when they have their numbers."""
    record(Deed.ADDED, [(None, row) for row in rows])


def before_of(rows: Sequence[models.Model]) -> dict[Any, models.Model]:
    """How rows that are about to be written in bulk stand now; nothing while nobody acts."""
    serving = actor()
    if not rows or serving is None or serving.user is None:
        return {}
    manager = type(rows[0])._base_manager
    keys = [row.pk for row in rows]
    found: dict[Any, models.Model] = {}
    for start in range(0, len(keys), _AT_ONCE):
        found |= {row.pk: row for row in manager.filter(pk__in=keys[start : start + _AT_ONCE])}
    return found


def changed_many(
    before: dict[Any, models.Model], rows: Sequence[models.Model], fields: Sequence[str]
) -> None:
    """Record rows that were changed in bulk; `before` is what `before_of` gave."""
    pairs = [(before[row.pk], row) for row in rows if row.pk in before]
    record(Deed.CHANGED, pairs, fields)


def forget_old(now: datetime) -> int:
    """Delete what is older than `AUDIT_KEEP_DAYS`; how many entries. A bounded number at a run."""
    days = max(settings.AUDIT_KEEP_DAYS, LEAST_DAYS + 1)
    old = AuditEntry.objects.filter(at__lt=now - timedelta(days=days)).order_by("at")
    count, _kinds = AuditEntry.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:5000])
    ).delete()
    return count


def _deed(deed: Deed, rule: Watched, told: dict[str, Change]) -> Deed:
    is_password = deed is Deed.CHANGED and set(told) == {"password"}
    return Deed.PASSWORD_CHANGED if is_password and rule.has_sign_in else deed


def _who(person: Any, person_name: str, address: str | None) -> dict[str, Any]:
    return {
        "person_id": person.pk if person else None,
        "person_name": (person.get_username() if person else person_name)[:150],
        "address": address,
    }


def _what(subject: models.Model | None) -> dict[str, Any]:
    if subject is None:
        return {}
    return {
        "kind": ContentType.objects.get_for_model(subject),
        "row": str(subject.pk),
        "name": str(subject)[:200],
    }
