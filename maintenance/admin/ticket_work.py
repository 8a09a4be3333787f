"""What a ticket's page shows of the work: repairs and costs, work orders, comments."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cameras.reach import narrow, owns, reach_of, seen_or_404
from maintenance import comments
from maintenance.admin.ticket_bulk import BULK
from maintenance.admin.ticket_page import PANELS, Panel
from maintenance.comments import CommentError, split_mentions
from maintenance.models import Ticket
from maintenance.repairs import costs_of
from maintenance.work_orders import MOST_STOPS

__all__ = ["link_to", "print_work_orders", "say", "work", "work_context"]


def work_context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """For `ticket_work.html`; a fixed number of queries."""
    may = request.user.has_perm
    reach = reach_of(request.user)
    is_open = ticket.is_open and owns(reach, ticket)
    context: dict[str, Any] = {"ticket": ticket}
    if may("maintenance.view_repair"):
        found = (
            ticket.repairs.with_totals()
            .select_related("vendor", "by_user", "void", "camera")
            .prefetch_related("parts", "photos")
        )
        done = list(found)
        context |= {
            "repairs": done,
            "costs": costs_of(done),
            "may_repair": is_open and may("maintenance.add_repair"),
            "may_replace": is_open
            and ticket.camera_id is not None
            and may("maintenance.replace_camera"),
            "shows_repairs": True,
        }
    if may("maintenance.view_workorder"):
        orders = narrow(ticket.work_orders.all(), reach).select_related("issued_by", "vendor")
        context |= {
            "work_orders": orders.annotate(stops_number=Count("stops")),
            "may_order": is_open and may("maintenance.print_workorder"),
            "shows_orders": True,
        }
    if may("maintenance.view_ticketcomment"):
        said = ticket.comments.select_related("author")
        context |= {
            "comments": [
                {"comment": one, "pieces": list(split_mentions(one.text))} for one in said
            ],
            "may_say": may("maintenance.add_ticketcomment"),
            "comment_key": f"form:{uuid.uuid4()}",
            "people": _people() if may("maintenance.add_ticketcomment") else [],
            "shows_comments": True,
        }
    return context


def work(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The part of the ticket's page that it fetches after it is shown: so it is shown at once."""
    if not request.user.has_perm("maintenance.view_ticket"):
        raise PermissionDenied
    ticket = seen_or_404(request, Ticket, pk=ticket_id)
    context = {"work": work_context(request, ticket)}
    return render(request, "admin/maintenance/ticket_work.html", context)


def print_work_orders(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """The list's action: ask for what a work order still needs, on a page of its own."""
    keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST_STOPS + 1])
    if len(keys) > MOST_STOPS:
        messages.error(
            request, _("A work order has at most %(most)s tickets.") % {"most": MOST_STOPS}
        )
        return None
    asked = urlencode({"ticket": keys}, doseq=True)
    return redirect(f"{reverse('admin:maintenance_workorder_issue')}?{asked}")


print_work_orders.short_description = gettext_lazy("Print a work order")  # type: ignore[attr-defined]
print_work_orders.allowed_permissions = ("order",)  # type: ignore[attr-defined]

BULK.append(print_work_orders)
PANELS.append(
    Panel(
        "admin/maintenance/ticket_work_place.html",
        lambda request, ticket: {
            "url": reverse("admin:maintenance_ticketcomment_work", args=[ticket.pk])
        },
    )
)


@require_POST
def say(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Add a comment, and tell the author who will hear of it, and who will not."""
    if not request.user.has_perm("maintenance.add_ticketcomment"):
        raise PermissionDenied
    ticket = seen_or_404(request, Ticket, pk=ticket_id)
    author: User = request.user  # type: ignore[assignment]
    try:
        said = comments.say(
            ticket, author, request.POST.get("text", ""), request.POST.get("key") or None
        )
    except CommentError as error:
        messages.error(request, str(error))
    else:
        told = [one.username for one in said.told]
        for level, names, words in (
            (messages.SUCCESS, told, _("Told by mail: %(names)s.")),
            (
                messages.WARNING,
                said.without_address,
                _("Has no e-mail address, and is not told: %(names)s."),
            ),
            (
                messages.WARNING,
                said.beyond_reach,
                _("Does not reach this ticket, and is not told: %(names)s."),
            ),
            (messages.WARNING, said.unknown, _("Nobody here has this name: %(names)s.")),
        ):
            if names:
                messages.add_message(request, level, words % {"names": ", ".join(names)})
    return redirect(f"{ticket.get_absolute_url()}#comments")


def link_to(thing: Any, words: str) -> SafeString:
    """A link to the page of something that has one."""
    return format_html('<a class="underline" href="{}">{}</a>', thing.get_absolute_url(), words)


def _people() -> list[str]:
    """The names that can be mentioned, for the browser to complete."""
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    return list(staff.values_list("username", flat=True)[:200])
