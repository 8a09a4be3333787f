"""Deeds on many tickets of the list at once: what they need is asked on a page in between.

Each ticket is a step of its own. Those that the rules refuse stay as they are, and are named with
the reason; the others are done. Whoever has something else to do with many tickets, as printing
their work orders, appends an admin action to `BULK`.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cameras.reach import owns, reach_of
from cameras.reached_admin import beyond_reach
from maintenance import ticket_deeds as deeds
from maintenance.admin import ticket_packages
from maintenance.admin.package_forms import DayField, TextField
from maintenance.admin.ticket_forms import assign_fields, until
from maintenance.models import Ticket, TicketDeed
from maintenance.ticket_rules import RULES, TicketError

__all__ = ["BULK"]

_MOST_REASONS = 5


class BulkForm(forms.Form):
    """Fields in the given order, and a note below them."""

    note = TextField(label=gettext_lazy("Note"), required=False, rows=2)

    def __init__(self, fields: dict[str, forms.Field], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        self.fields.update(fields)
        self.fields["note"] = note


def _bulk(
    deed: TicketDeed,
    fields: Callable[[], dict[str, forms.Field]],
    do: Callable[[Ticket, Any, dict[str, Any]], Any],
) -> Any:
    name = f"{deed.value}_many"

    def run(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        if not request.user.has_perm(RULES[deed].codename):
            raise PermissionDenied
        form = BulkForm(fields(), request.POST if "go" in request.POST else None)
        if not form.is_valid():
            return _ask(model_admin, request, queryset, form, name, deed)
        _do_all(request, queryset, lambda ticket: do(ticket, request.user, form.cleaned_data))
        return None

    run.__name__ = name
    run.short_description = capfirst(deed.label)  # type: ignore[attr-defined]
    run.allowed_permissions = (deed.value,)  # type: ignore[attr-defined]
    return run


def _do_all(request: HttpRequest, queryset: QuerySet[Any], do: Callable[[Ticket], Any]) -> None:
    done, refused, reach = 0, [], reach_of(request.user)
    for ticket in queryset.order_by("pk"):
        try:
            if not owns(reach, ticket):  # of an uplink that others hang on, too
                raise TicketError(f"{ticket}: {beyond_reach()}")
            do(ticket)
        except TicketError as error:
            refused.append(str(error))
        else:
            done += 1
    if done:
        words = ngettext("%(count)s ticket is done.", "%(count)s tickets are done.", done)
        messages.success(request, words % {"count": done})
    for reason in refused[:_MOST_REASONS]:
        messages.error(request, reason)
    if more := refused[_MOST_REASONS:]:
        words = ngettext("%(count)s more was refused.", "%(count)s more were refused.", len(more))
        messages.error(request, words % {"count": len(more)})


def _ask(
    model_admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    form: BulkForm,
    name: str,
    deed: TicketDeed,
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": capfirst(deed.label),
        "form": form,
        "tickets": queryset.order_by("pk"),
        "action": name,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "opts": model_admin.model._meta,
        "submit": _("Do it for all of them"),
    }
    return render(request, "admin/maintenance/bulk_deed.html", context)


def put_into_package(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    return ticket_packages.put_into_package(model_admin, request, queryset)


put_into_package.short_description = gettext_lazy("Put into a package")  # type: ignore[attr-defined]
put_into_package.allowed_permissions = ("package",)  # type: ignore[attr-defined]

BULK: list[Any] = [
    _bulk(
        TicketDeed.ACKNOWLEDGE,
        dict,
        lambda ticket, by, given: deeds.acknowledge(ticket, by, given["note"]),
    ),
    _bulk(
        TicketDeed.ASSIGN,
        assign_fields,
        lambda ticket, by, given: deeds.assign(
            ticket, by, person=given["person"], vendor=given["vendor"], note=given["note"]
        ),
    ),
    _bulk(
        TicketDeed.SNOOZE,
        lambda: {"day": DayField(label=gettext_lazy("until"))},
        lambda ticket, by, given: deeds.snooze(ticket, by, until(given["day"]), given["note"]),
    ),
    put_into_package,
]
