"""Incidents, with the pictures that prove them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from monitoring.admin.shared import ReadOnlyAdmin, picture_tag, snapshot_url
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import Incident, SnapshotKind
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


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["thumbnail", "camera", "fault", "began_at", "confirmed_at", "ended"]
    list_display_links = ["thumbnail", "camera"]
    list_filter = [RunningFilter, "verdict", "camera__site__kind", "camera__agency"]
    list_select_related = ["camera"]
    search_fields = ["camera__code", "camera__name", "camera__site__name"]
    date_hierarchy = "began_at"
    fields = ["camera", "verdict", "reason", "began_at", "confirmed_at", "ended"]
    readonly_fields = ["ended"]
    change_form_before_template = "admin/monitoring/evidence.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("snapshots")

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
            "pictures": [
                {
                    "title": kind.label,
                    "kind": kind.value,
                    "snapshot": (kept := incident.snapshot(kind)),
                    "url": snapshot_url(kept) if kept else None,
                }
                for kind in SnapshotKind
                if kind is not SnapshotKind.AFTER or incident.ended_at
            ],
        }
        for incident in incidents
    ]
