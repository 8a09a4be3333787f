"""Views of the list that people saved, the counts on top of it, and the pictures of tickets."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from cameras.reach import narrow, reach_of, seen_or_404
from cameras.whole_numbers import whole_number
from maintenance.models import SavedView, Ticket, TicketPicture, TicketState
from maintenance.models.tickets import late
from monitoring.pictures import folder

__all__ = ["counts_on_top", "picture", "save_view", "views_of"]

_MOST_VIEWS = 20
_NOT_SAVED = {"p", "e"}  # the page one is on, and Django's sign of an error


def counts_on_top(request: HttpRequest) -> list[dict[str, Any]]:
    """How many tickets there are by state, and how many are overdue; one query."""
    now = timezone.now()
    mine = narrow(Ticket.objects.unclosed(), reach_of(request.user))
    rows = mine.order_by().values_list("state")
    found = {
        state: (count, overdue)
        for state, count, overdue in rows.annotate(
            count=Count("pk"), overdue=Count("pk", filter=late(now))
        )
    }
    chosen, address = request.GET, reverse("admin:maintenance_ticket_changelist")
    shown = [
        {
            "label": state.label,
            "colour": state.colour,
            "number": found.get(state.value, (0, 0))[0],
            "url": f"{address}?{_with(chosen, 'state', state.value)}",
            "is_chosen": chosen.get("state") == state.value,
        }
        for state in TicketState
        if state.is_open
    ]
    overdue = {
        "label": _("overdue"),
        "colour": "danger",
        "number": sum(number for _all, number in found.values()),
        "url": f"{address}?{_with(chosen, 'overdue', 'yes')}",
        "is_chosen": "overdue" in chosen,
    }
    return [overdue, *shown]


def views_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The person's saved views, each with its address."""
    address = reverse("admin:maintenance_ticket_changelist")
    now = _kept(request.GET.urlencode())
    return [
        {"view": view, "url": f"{address}?{view.query}", "is_chosen": view.query == now}
        for view in SavedView.objects.filter(owner=request.user.pk)
    ]


@require_POST
@permission_required("maintenance.view_ticket", raise_exception=True)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep filters, search and order under a name; or, with `forget`, forget a view."""
    address = reverse("admin:maintenance_ticket_changelist")
    mine = SavedView.objects.filter(owner=request.user.pk)
    if forgotten := request.POST.get("forget"):
        mine.filter(pk=whole_number(forgotten) or 0).delete()
        return redirect(address)
    name, query = request.POST.get("name", "").strip()[:60], _kept(request.POST.get("query", ""))
    if not name:
        messages.error(request, _("A saved view needs a name."))
    elif len(query) > 1000:
        messages.error(request, _("There is too much to filter by to save it."))
    elif mine.count() >= _MOST_VIEWS and not mine.filter(name=name).exists():
        messages.error(request, _("Forget another view first: no more than 20 are kept."))
    else:
        SavedView.objects.update_or_create(
            owner_id=request.user.pk, name=name, defaults={"query": query}
        )
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": name})
    return redirect(f"{address}?{query}")


@permission_required("maintenance.view_ticket", raise_exception=True)
@cache_control(private=True, max_age=24 * 3600)
def picture(request: HttpRequest, picture_id: int) -> HttpResponse:
    """A picture that is kept with a ticket."""
    if not request.user.has_perm("monitoring.view_snapshot"):
        raise Http404
    kept = seen_or_404(request, TicketPicture, pk=picture_id)
    try:
        jpeg = (folder() / kept.file).read_bytes()
    except OSError:
        raise Http404 from None
    return HttpResponse(jpeg, content_type="image/jpeg")


def _kept(query: str) -> str:
    """A query string without what belongs to the moment, always in the same order."""
    return urlencode(
        sorted((key, value) for key, value in parse_qsl(query) if key not in _NOT_SAVED)
    )


def _with(chosen: QueryDict, key: str, value: str) -> str:
    """The present filters with another value of one; chosen again, it is taken away."""
    new = chosen.copy()
    new.pop("p", None)
    if chosen.get(key) == value:
        del new[key]
    else:
        new[key] = value
    return new.urlencode()
