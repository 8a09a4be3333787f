"""Incidents, with the pictures that prove them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from cameras.models import Camera, Uplink, of_agency
from cameras.reach import Reached, narrow, reach_of
from monitoring.admin.camera_filters import AgencyFilter
from monitoring.admin.shared import ReadOnlyAdmin, may_teach, picture_tag, snapshot_url, why
from monitoring.choices import VERDICT_COLOURS
from monitoring.feedback import call_false_alarm
from monitoring.models import Incident, Lesson, SnapshotKind
from monitoring.verdicts import Verdict


class RunningFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("running")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(ended_at__isnull=self.value() == "yes")
        return queryset


class WhatFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("outages", _("outages of uplinks")),
            ("own", _("cameras, without those that an outage took")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "outages":
            return queryset.exclude(uplink=None)
        return queryset.filter(uplink=None, part_of=None) if self.value() == "own" else queryset


class ConfirmedFilter(admin.SimpleListFilter):
    title = _("confirmed")
    parameter_name = "confirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("hour", _("within the last hour")), ("day", _("within 24 hours"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        hours = {"hour": 1, "day": 24}.get(self.value() or "")
        if hours is None:
            return queryset
        return queryset.filter(confirmed_at__gt=timezone.now() - timedelta(hours=hours))


class SubjectAgencyFilter(AgencyFilter):
    """By the agency of the camera, or of the uplink's site, as tickets are."""

    def condition(self, agency: int) -> Q:
        cameras = Camera.objects.order_by().filter(of_agency(agency))
        uplinks = Uplink.objects.order_by().filter(site__agency=agency)
        # By their numbers: a join of every incident with its site would be slow.
        return Q(camera__in=cameras.values("pk")) | Q(uplink__in=uplinks.values("pk"))


class FalseAlarmForm(BaseDialogForm):
    """Asked before an incident is called false: the reason teaches whoever reads it later."""

    reason = forms.CharField(label=_("reason"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["thumbnail", "subject", "fault", "began_at", "confirmed_at", "ended", "outage"]
    list_display_links = ["thumbnail", "subject"]
    list_per_page = 50
    show_full_result_count = False
    list_filter = [
        RunningFilter,
        ConfirmedFilter,
        WhatFilter,
        "verdict",
        "camera__site__kind",
        SubjectAgencyFilter,
    ]
    list_select_related = ["camera", "uplink", "part_of__uplink", "lesson"]
    search_fields = [
        "camera__code",
        "camera__name",
        "camera__site__name",
        "uplink__code",
        "uplink__name",
    ]
    date_hierarchy = "began_at"
    fields = ["subject", "verdict", "reason", "began_at", "confirmed_at", "ended", "outage"]
    readonly_fields = ["subject", "ended", "outage"]
    change_form_after_template = "admin/monitoring/parts.html"
    change_form_before_template = "admin/monitoring/evidence.html"
    actions_detail = ["false_alarm"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("snapshots")

    def has_teach_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may_teach(request)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Nothing is called false twice, and of uplinks the eye sees nothing."""
        is_outage = Incident.objects.outages().filter(pk=object_id).exists()
        if is_outage or Lesson.objects.filter(incident=object_id).exists():
            return []
        return super().get_actions_detail(request, object_id)

    @action(
        description=_("False alarm"),
        icon="thumb_down",
        permissions=["teach"],
        dialog={
            "title": _("Is nothing wrong with this camera?"),
            "description": _(
                "The incident is closed and its time counts as healthy. A picture like this one "
                "raises no alarm on this camera again."
            ),
            "form_class": FalseAlarmForm,
            "form_submit_text": _("It was a false alarm"),
        },
    )
    def false_alarm(
        self, request: HttpRequest, form: FalseAlarmForm, object_id: int
    ) -> HttpResponse:
        incident = get_object_or_404(Incident, pk=object_id, uplink=None)
        call_false_alarm(incident.pk, form.cleaned_data["reason"], request.user)  # type: ignore[arg-type]
        messages.success(request, _("Closed as a false alarm, and remembered for this camera."))
        address = reverse("admin:monitoring_incident_change", args=[incident.pk])
        return HttpResponse(headers={"HX-Redirect": address})

    @display(description=_("picture"))
    def thumbnail(self, incident: Incident) -> SafeString:
        shown = incident.snapshot(SnapshotKind.FAULT) or incident.snapshot(SnapshotKind.BEFORE)
        return picture_tag(snapshot_url(shown) if shown else None, incident.subject.code)

    @admin.display(description=_("camera or uplink"))
    def subject(self, incident: Incident) -> str:
        return str(incident.subject)

    @admin.display(description=_("part of the outage"))
    def outage(self, incident: Incident) -> SafeString | str:
        return outage_link(incident.part_of) if incident.part_of else "–"

    @display(description=_("fault"), label=VERDICT_COLOURS, ordering="verdict")
    def fault(self, incident: Incident) -> tuple[str, str]:
        return incident.verdict, incident.in_words

    @admin.display(description=_("ended"), ordering="ended_at")
    def ended(self, incident: Incident) -> str:
        if incident.ended_at is None:
            return gettext("still running")
        return date_format(localtime(incident.ended_at), "DATETIME_FORMAT")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        incident = self.get_object(request, object_id)
        context = {
            **(extra_context or {}),
            "evidence": evidence([incident] if incident else []),
            "parts": parts_of([incident] if incident else [], reach_of(request.user)),
        }
        return super().change_view(request, object_id, form_url, context)


def outage_link(outage: Incident) -> SafeString:
    """The uplink's name, leading to its outage."""
    url = reverse("admin:monitoring_incident_change", args=[outage.pk])
    return format_html('<a href="{}">{}</a>', url, outage.subject)


def parts_of(incidents: list[Incident], reach: Reached) -> list[Incident]:
    """The incidents of cameras that hang under these outages, as `parts.html` lists them.

    An uplink may take cameras of several areas and agencies: each person reads of his own.
    """
    outages = [incident.pk for incident in incidents if incident.uplink_id]
    if not outages:
        return []
    parts = narrow(Incident.objects.filter(part_of__in=outages), reach)
    return list(parts.select_related("camera", "uplink").order_by("began_at", "pk"))


def evidence(incidents: list[Incident]) -> list[dict[str, Any]]:
    """What `evidence.html` shows: the pictures of each incident, side by side."""
    return [
        {
            "incident": incident,
            "colour": VERDICT_COLOURS[Verdict(incident.verdict)],
            "lesson": getattr(incident, "lesson", None),
            "pictures": [
                {
                    "title": kind.label,
                    "kind": kind.value,
                    "snapshot": (kept := incident.snapshot(kind)),
                    "url": snapshot_url(kept) if kept else None,
                    **why(kept.measurements if kept else {}),
                }
                for kind in SnapshotKind
                if kind is not SnapshotKind.AFTER or incident.ended_at
            ],
        }
        for incident in incidents
    ]
