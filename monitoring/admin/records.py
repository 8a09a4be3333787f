"""Health, spans and snapshots as they stand in the database."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from monitoring.admin.shared import ReadOnlyAdmin, latest_url, picture_tag, snapshot_url
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import CameraHealth, HealthSpan, Snapshot


@admin.register(CameraHealth)
class CameraHealthAdmin(ReadOnlyAdmin):
    list_display = ["picture", "camera", "state", "since", "probed_at", "due_at", "duration_ms"]
    list_display_links = ["picture", "camera"]
    list_filter = ["verdict", "reason"]
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
    list_select_related = ["camera", "incident__camera"]
    search_fields = ["camera__code", "camera__name"]
    date_hierarchy = "taken_at"

    @display(description=_("picture"))
    def picture(self, snapshot: Snapshot) -> SafeString:
        return picture_tag(snapshot_url(snapshot), snapshot.camera.code)

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="verdict")
    def state(self, snapshot: Snapshot) -> tuple[str, str]:
        return snapshot.verdict, snapshot.get_verdict_display()
