"""Repair tickets: the list that staff work through, and the page with the proof."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from maintenance import ticket_deeds
from maintenance.admin import ticket_views
from maintenance.admin.downtime_page import downtime_page
from maintenance.admin.first_page_filters import AgeFilter, ProcurementFilter
from maintenance.admin.ticket_bulk import BULK
from maintenance.admin.ticket_buttons import TicketButtons
from maintenance.admin.ticket_filters import FILTERS
from maintenance.admin.ticket_forms import TicketForm
from maintenance.admin.ticket_page import incidents_of, page_context
from maintenance.admin.ticket_search import TicketPaginator, found
from maintenance.models import Priority, ReportedFault, Ticket, TicketIncident, TicketState
from maintenance.ticket_rules import TicketError
from monitoring.admin.shared import ReadOnlyAdmin, picture_tag, snapshot_url
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import SnapshotKind

STATE_COLOURS = {state.value: state.colour for state in TicketState}
_PRIORITY_COLOURS = {priority.value: priority.colour for priority in Priority}


@admin.register(Ticket)
class TicketAdmin(TicketButtons, ReadOnlyAdmin):
    form = TicketForm
    list_display = [
        "thumbnail",
        "number",
        "subject",
        "fault",
        "status",
        "urgency",
        "due",
        "holder",
        "opened",
    ]
    list_display_links = ["thumbnail", "number"]
    list_filter = [*FILTERS, AgeFilter, ProcurementFilter]
    list_filter_sheet = True
    list_per_page = 30
    list_select_related = ["camera", "uplink", "site", "assignee", "vendor"]
    list_before_template = "admin/maintenance/ticket_list.html"
    show_full_result_count = False
    ordering = ["-priority", "repair_due_at", "-pk"]
    search_fields = ["pk"]  # shows the box; `ticket_search` does the rest
    paginator = TicketPaginator
    autocomplete_fields = ["camera", "uplink"]
    change_form_before_template = "admin/maintenance/ticket.html"
    change_form_after_template = "admin/maintenance/ticket_history.html"
    actions = BULK
    view_on_site = False  # its page is this one

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.add_ticket")

    def has_package_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.run_package")

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.acknowledge_ticket")

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.assign_ticket")

    def has_order_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.print_workorder")

    def has_snooze_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.snooze_ticket")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A ticket is shown by its templates; only a new one has fields."""
        if obj is not None:
            return []
        return [
            (
                None,
                {
                    "fields": ["camera", "uplink", "reported_fault", "description"],
                    "description": _(
                        "For what no probe sees. Choose a camera, or an uplink; the picture of "
                        "this moment is kept with the ticket."
                    ),
                },
            )
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        links = TicketIncident.objects.select_related(
            "incident__camera", "incident__uplink", "incident__lesson"
        ).prefetch_related("incident__snapshots")
        return super().get_queryset(request).prefetch_related(Prefetch("links", links))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The ticket with all that its page shows; read once a request."""
        kept = getattr(request, "_ticket", None)
        if kept is None or str(kept.pk) != str(object_id):
            related = (
                "camera__site__area",
                "camera__health",
                "uplink__site__area",
                "site__area",
                "agency",
                "assignee",
                "vendor",
                "opened_by",
            )
            try:
                kept = self.get_queryset(request).select_related(*related).get(pk=int(object_id))
            except (Ticket.DoesNotExist, ValueError, OverflowError):
                kept = None
            request._ticket = kept  # type: ignore[attr-defined]
        return kept

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return found(queryset, search_term), False

    @display(description=_("picture"))
    def thumbnail(self, ticket: Ticket) -> SafeString:
        for incident in incidents_of(ticket):
            shown = incident.snapshot(SnapshotKind.FAULT) or incident.snapshot(SnapshotKind.BEFORE)
            if shown:
                return picture_tag(snapshot_url(shown), ticket.subject.code)
        return picture_tag(None, ticket.subject.code)

    @admin.display(description=_("camera or uplink"), ordering="camera__code")
    def subject(self, ticket: Ticket) -> str:
        return str(ticket.subject)

    @admin.display(description=_("ticket"), ordering="pk")
    def number(self, ticket: Ticket) -> str:
        return ticket.number

    @display(description=_("fault"), label=VERDICT_COLOURS)
    def fault(self, ticket: Ticket) -> tuple[str, str] | str:
        if ticket.reported_fault:
            return ("reported", str(ticket.get_reported_fault_display()))
        incidents = incidents_of(ticket)
        return (incidents[0].verdict, incidents[0].in_words) if incidents else "–"

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def status(self, ticket: Ticket) -> tuple[str, str]:
        return ticket.state, ticket.state_in_words

    @display(description=_("priority"), label=_PRIORITY_COLOURS, ordering="priority")
    def urgency(self, ticket: Ticket) -> tuple[int, str]:
        return ticket.priority, str(ticket.get_priority_display())

    @display(description=_("repair due"), label={"late": "danger"}, ordering="repair_due_at")
    def due(self, ticket: Ticket) -> tuple[str, str] | str:
        now = timezone.now()
        due = ticket.repair_due_at
        if ticket.is_open and ticket.is_unanswered(now) and not ticket.is_unrepaired(now):
            due = ticket.response_due_at
        if due is None:
            return "–"
        words = date_format(localtime(due), "SHORT_DATETIME_FORMAT")
        return ("late", words) if ticket.is_overdue(now) else words

    @admin.display(description=_("assigned to"))
    def holder(self, ticket: Ticket) -> str:
        person = ticket.assignee
        if person is not None:
            return person.get_full_name() or person.get_username()
        return ticket.vendor.name if ticket.vendor else "–"

    @admin.display(description=_("opened"), ordering="opened_at")
    def opened(self, ticket: Ticket) -> str:
        return date_format(localtime(ticket.opened_at), "SHORT_DATE_FORMAT")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        given = form.cleaned_data
        opened = ticket_deeds.open_by_hand(
            given["camera"] or given["uplink"],
            ReportedFault(given["reported_fault"]),
            given["description"],
            request.user,  # type: ignore[arg-type]
        )
        obj.__dict__.update(opened.__dict__)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except TicketError as error:  # somebody was quicker than the form
            self.message_user(request, str(error), "ERROR")
            return redirect(request.path)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        self.message_user(request, _("Ticket %(ticket)s is opened.") % {"ticket": obj})
        return redirect(obj.get_absolute_url())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        ticket = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(page_context(request, ticket) if ticket else {})}
        return super().change_view(request, object_id, form_url, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if self.has_view_permission(request) and request.method == "GET":
            context["ticket_counts"] = ticket_views.counts_on_top(request)
            context["saved_views"] = ticket_views.views_of(request)
            context["list_query"] = request.GET.urlencode()
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "picture/<int:picture_id>.jpg",
                view(ticket_views.picture),
                name="maintenance_ticket_picture",
            ),
            path("downtime/", view(downtime_page), name="maintenance_ticket_downtime"),
            path("view/", view(ticket_views.save_view), name="maintenance_ticket_save_view"),
        ]
        return own + super().get_urls()
