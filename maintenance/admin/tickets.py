"""Repair tickets: the list that staff work through, and the page with the proof."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from maintenance import tickets
from maintenance.admin import ticket_packages
from maintenance.admin.first_page_filters import AgeFilter, ProcurementFilter
from maintenance.models import Ticket, TicketIncident, TicketState
from monitoring.admin.incidents import evidence, parts_of
from monitoring.admin.shared import ReadOnlyAdmin, picture_tag, snapshot_url
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import Incident, SnapshotKind

STATE_COLOURS = {state.value: state.colour for state in TicketState}


class UnclosedFilter(admin.SimpleListFilter):
    title = _("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("all that are not closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.unclosed() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


class VerifyForm(BaseDialogForm):
    """Asked before a ticket is closed."""

    note = forms.CharField(
        label=_("Note"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = ["thumbnail", "number", "subject", "fault", "status", "opened_at", "site"]
    list_display_links = ["thumbnail", "number"]
    list_filter = [
        UnclosedFilter,
        "state",
        AgeFilter,
        ProcurementFilter,
        "camera__site__kind",
        "camera__agency",
    ]
    list_per_page = 50
    show_full_result_count = False
    search_fields = [
        "camera__code",
        "camera__name",
        "camera__site__name",
        "uplink__code",
        "uplink__name",
    ]
    date_hierarchy = "opened_at"
    fields = ["subject", "site", "state", "opened_at", "recovered_at", "closed_at"]
    readonly_fields = ["subject", "site"]
    change_form_before_template = "admin/monitoring/evidence.html"
    change_form_after_template = "admin/maintenance/ticket_history.html"
    actions = ["put_into_package"]
    actions_detail = ["verify"]
    view_on_site = False  # its page is this one

    def has_package_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("maintenance.run_package")

    @action(description=_("Put into a package"), permissions=["package"])
    def put_into_package(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return ticket_packages.put_into_package(self, request, queryset)

    def has_verify_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.verify_ticket")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        incidents = Incident.objects.prefetch_related("snapshots").select_related(
            "camera", "uplink", "lesson"
        )
        links = TicketIncident.objects.prefetch_related(Prefetch("incident", incidents))
        return (
            super()
            .get_queryset(request)
            .select_related("camera__site", "uplink__site")
            .prefetch_related(Prefetch("links", links))
        )

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
        incidents = incidents_of(ticket)
        return (incidents[0].verdict, incidents[0].in_words) if incidents else "–"

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def status(self, ticket: Ticket) -> tuple[str, str]:
        return ticket.state, ticket.get_state_display()

    @admin.display(description=_("site"), ordering="camera__site__name")
    def site(self, ticket: Ticket) -> str:
        return ticket.subject.site.name if ticket.subject.site else "–"

    @action(
        description=_("Repair verified, close"),
        icon="verified",
        permissions=["verify"],
        dialog={
            "title": _("Is the repair verified?"),
            "description": _(
                "Compare the picture after recovery with the last healthy one. "
                "The closed ticket keeps your name and your note."
            ),
            "form_class": VerifyForm,
            "form_submit_text": _("Close the ticket"),
        },
    )
    def verify(self, request: HttpRequest, form: VerifyForm, object_id: int) -> HttpResponse:
        ticket = get_object_or_404(Ticket, pk=object_id)
        try:
            tickets.verify(ticket, request.user, form.cleaned_data["note"])  # type: ignore[arg-type]
        except tickets.TicketError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Ticket %(ticket)s is closed.") % {"ticket": ticket})
        return HttpResponse(headers={"HX-Redirect": ticket.get_absolute_url()})

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Offer to close only what can be closed now."""
        ticket = self.get_object(request, str(object_id))
        if ticket is None or ticket.state != TicketState.AWAITING_VERIFICATION:
            return []
        return super().get_actions_detail(request, object_id)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        ticket = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if ticket is not None:
            context["evidence"] = evidence(incidents_of(ticket))
            context["parts"] = parts_of(incidents_of(ticket))
            context["events"] = ticket.events.select_related("actor")
        return super().change_view(request, object_id, form_url, context)


def incidents_of(ticket: Ticket) -> list[Incident]:
    """Its incidents, the latest first; from what `get_queryset` has fetched."""
    return [link.incident for link in ticket.links.all()]
