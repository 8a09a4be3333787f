"""Health, spans and snapshots as they stand in the database."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from monitoring import retention
from monitoring.admin.shared import ReadOnlyAdmin, latest_url, picture_tag, snapshot_url
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import CameraHealth, HealthSpan, Snapshot


@admin.register(CameraHealth)
class CameraHealthAdmin(ReadOnlyAdmin):
    list_display = ["picture", "camera", "state", "since", "probed_at", "due_at", "duration_ms"]
    list_display_links = ["picture", "camera"]
    list_filter = ["verdict", "reason", "is_flapping"]
    list_select_related = ["camera"]
    search_fields = ["camera__code", "camera__name"]

    @display(description=_("picture"))
    def picture(self, health: CameraHealth) -> SafeString:
        return picture_tag(latest_url(health), health.camera.code)

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="verdict")
    def state(self, health: CameraHealth) -> tuple[str, str]:
        return health.verdict, health.in_words


@admin.register(HealthSpan)
class HealthSpanAdmin(ReadOnlyAdmin):
    list_display = ["camera", "state", "began_at", "ended_at", "probes"]
    list_filter = ["verdict"]
    list_select_related = ["camera"]
    search_fields = ["camera__code", "camera__name"]
    date_hierarchy = "began_at"

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="verdict")
    def state(self, span: HealthSpan) -> tuple[str, str]:
        return span.verdict, span.in_words


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["picture", "camera", "kind", "state", "taken_at", "incident"]
    list_display_links = ["picture", "camera"]
    list_filter = ["kind", "verdict"]
    list_select_related = ["camera", "incident__camera", "incident__uplink"]
    search_fields = ["camera__code", "camera__name"]
    date_hierarchy = "taken_at"
    list_before_template = "admin/monitoring/retention.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {**(extra_context or {}), "retention_rule": retention.rule()}
        return super().changelist_view(request, context)

    @display(description=_("picture"))
    def picture(self, snapshot: Snapshot) -> SafeString:
        return picture_tag(snapshot_url(snapshot), snapshot.camera.code)

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="verdict")
    def state(self, snapshot: Snapshot) -> tuple[str, str]:
        return snapshot.verdict, snapshot.get_verdict_display()
