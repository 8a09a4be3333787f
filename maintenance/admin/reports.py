"""Reports in the admin: subscriptions, what was sent, and a look at it before it is."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminEmailInputWidget

from cameras.reached_admin import ReachedAdmin
from maintenance.admin import report_pages
from maintenance.models import (
    MailState,
    Report,
    ReportDelivery,
    ReportFile,
    ReportSubscription,
    UrgentMail,
)
from maintenance.report import delivery, keeping
from maintenance.report.weeks import Week
from maintenance.report.words import week_in_words
from monitoring.admin.shared import ReadOnlyAdmin

STATE_COLOURS = {state.value: state.colour for state in MailState}


@admin.register(ReportSubscription)
class ReportSubscriptionAdmin(ReachedAdmin, ModelAdmin):
    list_display = ["who", "about", "wants_weekly", "wants_urgent", "is_active", "last_sent"]
    list_filter = ["is_active", "wants_weekly", "wants_urgent", "agency"]
    list_select_related = ["user", "agency", "area"]
    search_fields = ["email", "user__username", "user__email"]
    fields = ["user", "email", "agency", "area", "wants_weekly", "wants_urgent", "is_active"]
    autocomplete_fields = ["user", "area"]
    actions_detail = ["preview"]

    def has_preview_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        may_see = self.has_view_permission(request)
        return may_see and request.user.has_perm("maintenance.view_report")

    @display(description=_("recipient"))
    def who(self, subscription: ReportSubscription) -> str:
        return subscription.address or str(subscription.user)

    @display(description=_("scope"))
    def about(self, subscription: ReportSubscription) -> str:
        return keeping.scope_of(subscription).title

    @display(description=_("last sent"))
    def last_sent(self, subscription: Any) -> Any:
        return subscription.last_sent_at

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(last_sent_at=Max("deliveries__sent_at"))

    @action(description=_("Look at the next report"), icon="visibility", permissions=["preview"])
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        subscription = get_object_or_404(ReportSubscription, pk=object_id)
        return report_pages.preview_of(request, subscription)


class DeliveryInline(TabularInline):
    model = ReportDelivery
    fields = ["address", "status", "sent_at", "attempts", "next_try_at", "problem", "sent_by"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    tab = False
    verbose_name_plural = _("sent to")

    @display(description=_("state"), label=STATE_COLOURS)
    def status(self, each: ReportDelivery) -> tuple[str, str]:
        return each.state, each.get_state_display()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SendForm(BaseDialogForm):
    """Asked before a report is sent to somebody."""

    address = forms.EmailField(label=_("Address"), widget=UnfoldAdminEmailInputWidget())


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["week", "about", "headline", "deliveries_sent", "made_at"]
    list_filter = ["agency", "area"]
    list_select_related = ["agency", "area"]
    search_fields = ["headline", "deliveries__address"]
    date_hierarchy = "monday"
    fields = ["subject", "made_at"]
    inlines = [DeliveryInline]
    view_on_site = False
    change_form_before_template = "admin/maintenance/report.html"
    actions_detail = ["send_to", "send_again"]

    def has_send_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.send_report")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sent = Count("deliveries", filter=Q(deliveries__state=MailState.SENT))
        found = (
            super().get_queryset(request).annotate(all_deliveries=Count("deliveries"), sent=sent)
        )
        return found.defer("html", "text")

    @display(description=_("week"), ordering="monday")
    def week(self, report: Report) -> str:
        return week_in_words(Week(report.monday))

    @display(description=_("scope"), ordering="scope")
    def about(self, report: Report) -> str:
        return keeping.scope_of(report).title

    @display(description=_("sent"))
    def deliveries_sent(self, report: Any) -> str:
        return gettext("%(sent)s of %(all)s") % {"sent": report.sent, "all": report.all_deliveries}

    def get_urls(self) -> list[Any]:
        own = [
            path(
                "preview/", self.admin_site.admin_view(report_pages.preview), name="report_preview"
            ),
            path(
                "preview/page/",
                self.admin_site.admin_view(report_pages.preview_page),
                name="report_preview_page",
            ),
            path(
                "<int:report_id>/page/",
                self.admin_site.admin_view(report_pages.kept_page),
                name="report_page",
            ),
            path(
                "<int:report_id>/text/",
                self.admin_site.admin_view(report_pages.kept_text),
                name="report_text",
            ),
            path(
                "files/<int:file_id>/",
                self.admin_site.admin_view(report_pages.file),
                name="report_file",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        files = ReportFile.objects.filter(report__pk=object_id, content_id="").defer("content")
        context = {**(extra_context or {}), "report_id": object_id, "report_files": files}
        return super().change_view(request, object_id, form_url, context)

    @action(
        description=_("Send to somebody"),
        icon="forward_to_inbox",
        permissions=["send"],
        dialog={
            "title": _("Send this report to somebody"),
            "description": _("It goes out as it was kept, with its PDF and workbook."),
            "form_class": SendForm,
            "form_submit_text": _("Send"),
        },
    )
    def send_to(self, request: HttpRequest, form: SendForm, object_id: int) -> HttpResponse:
        report = get_object_or_404(Report, pk=object_id)
        _send(request, report, [form.cleaned_data["address"]])
        return HttpResponse(headers={"HX-Redirect": report.get_absolute_url()})

    @action(
        description=_("Send again to all"),
        icon="send",
        permissions=["send"],
        dialog={
            "title": _("Send this report again?"),
            "description": _("Everybody to whom it was sent gets it once more."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Send again"),
        },
    )
    def send_again(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        report = get_object_or_404(Report, pk=object_id)
        addresses = report.deliveries.exclude(address="").values_list("address", flat=True)
        _send(request, report, sorted(set(addresses)))
        return HttpResponse(headers={"HX-Redirect": report.get_absolute_url()})


@admin.register(ReportDelivery)
class ReportDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["address", "report", "status", "sent_at", "attempts", "next_try_at", "problem"]
    list_filter = ["state", "is_repeat"]
    list_select_related = ["report"]
    search_fields = ["address"]
    date_hierarchy = "created_at"
    fields = [
        "report",
        "address",
        "state",
        "created_at",
        "sent_at",
        "attempts",
        "next_try_at",
        "problem",
        "is_repeat",
        "sent_by",
    ]
    actions_detail = ["try_again"]

    def has_send_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("maintenance.send_report")

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def status(self, each: ReportDelivery) -> tuple[str, str]:
        return each.state, each.get_state_display()

    @action(
        description=_("Try again now"),
        icon="refresh",
        permissions=["send"],
        dialog={
            "title": _("Try to send this mail again now?"),
            "description": _("A mail that was sent is not sent again: do that from its report."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Try again"),
        },
    )
    def try_again(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        mail = get_object_or_404(ReportDelivery, pk=object_id)
        delivery.revive(mail)
        mail.refresh_from_db()
        _say(request, mail)
        address = reverse("admin:maintenance_reportdelivery_change", args=[mail.pk])
        return HttpResponse(headers={"HX-Redirect": address})


@admin.register(UrgentMail)
class UrgentMailAdmin(ReadOnlyAdmin):
    list_display = ["address", "about", "status", "sent_at", "attempts", "problem"]
    list_filter = ["state"]
    search_fields = ["address"]
    date_hierarchy = "created_at"
    fields = ["address", "state", "created_at", "sent_at", "attempts", "next_try_at", "problem"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        matters = ["matters__incident__camera", "matters__incident__uplink"]
        return super().get_queryset(request).prefetch_related(*matters)

    @display(description=_("subject"))
    def about(self, mail: UrgentMail) -> str:
        return ", ".join(each.incident.subject.code for each in mail.matters.all())

    @display(description=_("state"), label=STATE_COLOURS, ordering="state")
    def status(self, each: UrgentMail) -> tuple[str, str]:
        return each.state, each.get_state_display()


def _send(request: HttpRequest, report: Report, addresses: list[str]) -> None:
    for address in addresses:
        by: Any = request.user
        _say(request, delivery.send_by_hand(report, address, by))


def _say(request: HttpRequest, mail: ReportDelivery) -> None:
    told = {"address": mail.address, "problem": mail.problem}
    if mail.state == MailState.SENT:
        messages.success(request, gettext("Sent to %(address)s.") % told)
    else:
        words = gettext("Not sent to %(address)s: %(problem)s It is tried again by itself.")
        messages.error(request, words % told)
