"""Work orders in the admin: issued for chosen tickets, kept, and printed by name."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from cameras.reach import own, reach_of, seen_or_404
from cameras.whole_numbers import whole_number
from maintenance import work_orders
from maintenance.admin.package_forms import DayField, TextField
from maintenance.models import Ticket, Vendor, WorkOrder
from maintenance.work_orders import MOST_STOPS, WorkOrderError
from monitoring.admin.shared import ReadOnlyAdmin


class IssueForm(forms.Form):
    """What a work order needs beside its tickets."""

    person = TextField(
        label=gettext_lazy("person in charge"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Empty, with no vendor either: filled in by pen."),
    )
    vendor = forms.ModelChoiceField(
        label=gettext_lazy("vendor"),
        queryset=Vendor.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label="–",
    )
    work_on = DayField(
        label=gettext_lazy("day of work"), required=False, initial=timezone.localdate
    )
    instruction = TextField(label=gettext_lazy("instruction"), required=False, rows=3)
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vendors = Vendor.objects.filter(active=True)
        self.fields["vendor"].queryset = vendors  # type: ignore[attr-defined]


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "issued_at", "whom", "work_on", "tickets_number", "prints_number"]
    list_filter = ["vendor"]
    search_fields = ["person", "vendor__name", "tickets__camera__code", "serial"]
    date_hierarchy = "issued_at"
    fields = ["number", "issued_at", "issued_by", "whom", "work_on", "instruction"]
    readonly_fields = fields
    change_form_before_template = "admin/maintenance/work_order.html"
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).select_related("vendor", "issued_by")
        return found.annotate(
            stops_number=Count("stops", distinct=True), prints_seen=Count("prints", distinct=True)
        )

    @admin.display(description=gettext_lazy("number"), ordering="serial")
    def number(self, order: WorkOrder) -> str:
        return order.number

    @admin.display(description=gettext_lazy("carried out by"))
    def whom(self, order: WorkOrder) -> str:
        return order.to_whom or "–"

    @admin.display(description=gettext_lazy("tickets"), ordering="stops_number")
    def tickets_number(self, order: Any) -> int:
        return order.stops_number

    @admin.display(description=gettext_lazy("printed"), ordering="prints_seen")
    def prints_number(self, order: Any) -> str:
        return f"{order.prints_seen}×"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        order = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if order is not None:
            context |= {
                "order": order,
                "stops": order.stops.select_related(
                    "ticket__camera__site", "ticket__uplink__site"
                ).order_by("position"),
                "prints": order.prints.select_related("by"),
                "may_print": request.user.has_perm("maintenance.print_workorder"),
            }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("issue/", view(issue_page), name="maintenance_workorder_issue"),
            path("<int:order_id>/sheet.pdf", view(sheet), name="maintenance_workorder_sheet"),
            *super().get_urls(),
        ]


def issue_page(request: HttpRequest) -> HttpResponse:
    """For the tickets in the address: ask for the rest, show the tour, and issue."""
    _expect_print(request)
    asked = (whole_number(key) for key in request.GET.getlist("ticket"))
    keys = [key for key in asked if key is not None][: MOST_STOPS + 1]
    found = own(Ticket.objects.all(), reach_of(request.user)).select_related(
        "camera__site__area", "uplink__site__area", "assignee"
    )
    tickets = work_orders.by_way(list(found.filter(pk__in=keys).order_by("pk")))
    if not tickets:
        raise Http404
    form = IssueForm(
        request.POST or None, initial={"key": f"form:{uuid.uuid4()}", **_assigned(tickets)}
    )
    if form.is_valid():
        try:
            order = work_orders.issue(tickets, request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except WorkOrderError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Work order %(order)s is issued.") % {"order": order})
            return redirect(order.get_absolute_url())
    context = {
        **admin.site.each_context(request),
        "title": _("Issue a work order"),
        "form": form,
        "tickets": tickets,
        "opts": WorkOrder._meta,
    }
    return render(request, "admin/maintenance/work_order_issue.html", context)


def sheet(request: HttpRequest, order_id: int) -> FileResponse:
    """The sheet, to look at or to print; whoever takes it is remembered."""
    _expect_print(request)
    order = work_orders.sheet_of(seen_or_404(request, WorkOrder, pk=order_id))
    work_orders.note_print(order, request.user)  # type: ignore[arg-type]
    answer = FileResponse(
        order.sheet.open("rb"), filename=f"{order.number}.pdf", content_type="application/pdf"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _assigned(tickets: list[Ticket]) -> dict[str, Any]:
    """To whom the tickets are assigned, where it is one and the same."""
    vendors = {each.vendor_id for each in tickets}
    people = {each.assignee for each in tickets}
    person = people.pop() if len(people) == 1 else None
    return {
        "vendor": vendors.pop() if len(vendors) == 1 else None,
        "person": (person.get_full_name() or person.get_username()) if person else "",
    }


def _expect_print(request: HttpRequest) -> None:
    if not request.user.has_perm("maintenance.print_workorder"):
        raise PermissionDenied
