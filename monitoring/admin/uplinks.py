"""The uplinks' pages with their outages, and what is known of their own addresses."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cameras.admin import UplinkAdmin
from cameras.models import Uplink
from monitoring.admin.shared import ReadOnlyAdmin
from monitoring.choices import VERDICT_COLOURS
from monitoring.models import Incident, UplinkHealth

admin.site.unregister(Uplink)


@admin.register(Uplink)
class MonitoredUplinkAdmin(UplinkAdmin):
    list_display = [*UplinkAdmin.list_display, "outage"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        running = Exists(Incident.objects.running().filter(uplink=OuterRef("pk")))
        return super().get_queryset(request).annotate(has_outage=running)

    @display(description=_("outage"), label={"yes": "danger"})
    def outage(self, uplink: Any) -> tuple[str, Any] | str:
        return ("yes", _("outage")) if uplink.has_outage else "–"


@admin.register(UplinkHealth)
class UplinkHealthAdmin(ReadOnlyAdmin):
    list_display = [
        "uplink",
        "address",
        "state",
        "since",
        "probed_at",
        "due_at",
        "technical_detail",
    ]
    list_filter = ["verdict", "reason"]
    list_select_related = ["uplink"]
    search_fields = ["uplink__code", "uplink__name"]

    @admin.display(description=_("address"))
    def address(self, health: UplinkHealth) -> str:
        return health.uplink.address

    @admin.display(description=_("technical detail"))
    def technical_detail(self, health: UplinkHealth) -> str:
        """In the words of the network, which are English."""
        return format_html('<span lang="en">{}</span>', health.detail) if health.detail else "–"

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="verdict")
    def state(self, health: UplinkHealth) -> tuple[str, str]:
        return health.verdict, health.in_words
