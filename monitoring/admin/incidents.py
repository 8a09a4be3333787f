"""Incidents, with the pictures that prove them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

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


class FalseAlarmForm(BaseDialogForm):
    """Asked before an incident is called false: the reason teaches whoever reads it later."""

    reason = forms.CharField(label=_("reason"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["thumbnail", "camera", "fault", "began_at", "confirmed_at", "ended"]
    list_display_links = ["thumbnail", "camera"]
    list_filter = [RunningFilter, "verdict", "camera__site__kind", "camera__agency"]
    list_select_related = ["camera", "lesson"]
    search_fields = ["camera__code", "camera__name", "camera__site__name"]
    date_hierarchy = "began_at"
    fields = ["camera", "verdict", "reason", "began_at", "confirmed_at", "ended"]
    readonly_fields = ["ended"]
    change_form_before_template = "admin/monitoring/evidence.html"
    actions_detail = ["false_alarm"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("snapshots")

    def has_teach_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may_teach(request)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Nothing is called false twice."""
        if Lesson.objects.filter(incident=object_id).exists():
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
        incident = get_object_or_404(Incident, pk=object_id)
        call_false_alarm(incident.pk, form.cleaned_data["reason"], request.user)  # type: ignore[arg-type]
        messages.success(request, _("Closed as a false alarm, and remembered for this camera."))
        address = reverse("admin:monitoring_incident_change", args=[incident.pk])
        return HttpResponse(headers={"HX-Redirect": address})

    @display(description=_("picture"))
    def thumbnail(self, incident: Incident) -> SafeString:
        shown = incident.snapshot(SnapshotKind.FAULT) or incident.snapshot(SnapshotKind.BEFORE)
        return picture_tag(snapshot_url(shown) if shown else None, incident.camera.code)

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
        context = {**(extra_context or {}), "evidence": evidence([incident] if incident else [])}
        return super().change_view(request, object_id, form_url, context)


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
