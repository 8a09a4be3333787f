"""The camera's pages with what is known of its health."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList

from cameras.admin import CameraAdmin
from cameras.models import Camera
from monitoring import planned
from monitoring.admin import looking
from monitoring.admin.camera_filters import AgencyFilter, AreaFilter, ConditionFilter
from monitoring.admin.probe_live import probe_live
from monitoring.admin.shared import health_of, latest_url, may_teach, picture_tag, why
from monitoring.admin.strip_pictures import percent, small_strip, week_and_month, wide_rows
from monitoring.admin.verdict_words import verdict_label
from monitoring.choices import VERDICT_COLOURS
from monitoring.day_strips import begins, strips
from monitoring.feedback import view_is_right
from monitoring.notes import with_notes
from monitoring.scheduling import make_due
from monitoring.verdicts import Verdict

admin.site.unregister(Camera)


_SHOWN = ("site__area", "agency", "health")


class StripChangeList(ChangeList):
    """Knows the last days of each camera of the page; a fixed number of queries for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Only keys are sorted and searched for; what is shown of the page's cameras is read after.
        keys: list[int] = list(self.result_list.values_list("pk", flat=True))  # type: ignore[has-type]
        now = timezone.now()
        shown = Camera.objects.select_related(*_SHOWN).filter(pk__in=keys)
        cameras: dict[int, Any] = with_notes(shown, now).order_by().in_bulk()
        found = strips(keys, now)
        for key, camera in cameras.items():
            camera.strip = found[key]
        self.result_list = [cameras[key] for key in keys if key in cameras]


class MonitoredCameraAdmin(CameraAdmin):
    list_display = [
        "thumbnail",
        "code",
        "name",
        "verdict",
        "since",
        "uptime",
        "place",
        "agency",
    ]
    list_display_links = ["thumbnail", "code", "name"]
    list_filter: list[Any] = [
        ConditionFilter,
        "health__verdict",
        "site__kind",
        AreaFilter,
        AgencyFilter,
        "is_monitored",
    ]
    list_per_page = 30  # what one scrolls through; each row costs some milliseconds
    # How many there are without the filters is a second count of everything, and nobody asks.
    show_full_result_count = False
    list_before_template = "admin/monitoring/camera_links.html"
    change_form_before_template = "admin/monitoring/camera_health.html"
    actions_submit_line = ["probe_now"]
    actions_detail = ["view_is_right"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        cameras = super().get_queryset(request)
        match = request.resolver_match
        if match is not None and match.url_name == "cameras_camera_changelist":
            # The list looks up the notes on the cameras of one page, not on all that it sorts.
            return cameras.select_related(*_SHOWN)
        return with_notes(cameras, timezone.now())

    @display(description=_("picture"))
    def thumbnail(self, camera: Camera) -> SafeString:
        return picture_tag(latest_url(health_of(camera)), camera.code)

    @display(description=_("site"), ordering="site__name")
    def place(self, camera: Camera) -> SafeString:
        # With the area below, in one column: the list fits a small screen.
        return format_html(
            '{}<span class="place-area">{}</span>', camera.site, camera.site.area.name
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The camera, read once for a page that is only looked at, whatever floor asks."""
        if request.method != "GET":
            return super().get_object(request, object_id, from_field)
        known: dict[Any, Any] = request.__dict__.setdefault("_cameras_read", {})
        if object_id not in known:
            known[object_id] = super().get_object(request, object_id, from_field)
        return known[object_id]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StripChangeList

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("wall/", guard(looking.wall), name="cameras_camera_wall"),
            path("map/", guard(looking.map_page), name="cameras_camera_map"),
            path("<int:camera_id>/probe/", guard(probe_live), name="cameras_camera_probe"),
            *super().get_urls(),
        ]

    @display(description=_("uptime, 7 · 30 days"))
    def uptime(self, camera: Any) -> SafeString | str:
        strip = getattr(camera, "strip", None)
        return small_strip(strip) if strip else "–"

    @display(description=_("verdict"), label=VERDICT_COLOURS, ordering="health__verdict")
    def verdict(self, camera: Camera) -> tuple[str, str]:
        return verdict_label(camera)

    @display(description=_("since"), ordering="health__since")
    def since(self, camera: Camera) -> str:
        health = health_of(camera)
        since = (health.since or health.suspected_since) if health else None
        return date_format(localtime(since), "SHORT_DATETIME_FORMAT") if since else "–"

    def has_teach_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may_teach(request)

    @action(
        description=_("This view is right"),
        icon="center_focus_strong",
        permissions=["teach"],
        dialog={
            "title": _("Is this what the camera is to show?"),
            "description": _(
                "The camera's usual view and sharpness are learned anew, from what it shows now."
            ),
            "form_class": BaseDialogForm,
            "form_submit_text": _("The view is right"),
        },
    )
    def view_is_right(
        self, request: HttpRequest, form: BaseDialogForm, object_id: int
    ) -> HttpResponse:
        camera = get_object_or_404(Camera, pk=object_id)
        view_is_right(camera.pk)
        messages.success(request, _("The camera's usual view is learned anew."))
        address = reverse("admin:cameras_camera_change", args=[camera.pk])
        return HttpResponse(headers={"HX-Redirect": address})

    @action(description=_("Save and probe now"), permissions=["change"])
    def probe_now(self, request: HttpRequest, camera: Camera) -> None:
        if make_due([camera.pk]):
            messages.success(request, _("The camera will be probed within seconds."))
        else:
            messages.warning(
                request, _("The camera is not monitored: switch on “monitored” first.")
            )

    def response_change(self, request: HttpRequest, obj: Camera) -> HttpResponse:
        if self.get_unfold_action("probe_now").action_name in request.POST:
            return redirect(request.path)  # where the new picture will show
        return super().response_change(request, obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), **health_context(self.get_object(request, object_id))}
        return super().change_view(request, object_id, form_url, context)


def health_context(camera: Camera | None) -> dict[str, Any]:
    """What the camera's page shows of its health."""
    if camera is None:
        return {}
    health, now = health_of(camera), timezone.now()
    verdict, words = verdict_label(camera)
    works = planned.works_on(camera, begins(now))
    times = {camera.pk: [(work.begins_at, work.ends_at) for work in works if work.begins_at < now]}
    strip = strips([camera.pk], now, works=times)[camera.pk]
    week, month = week_and_month(strip)
    return {
        "health": health,
        "verdict_words": words,
        "verdict_colour": VERDICT_COLOURS[Verdict(verdict)],
        "latest_picture": latest_url(health),
        "latest_why": why(health.measurements if health else {}),
        "healthy_picture": latest_url(health, "healthy"),
        "planned_work": [work for work in works if work.ends_at > now],
        "uptime_week": percent(week.availability),
        "uptime_month": percent(month.availability),
        "day_rows": wide_rows(strip),
        "probe_url": reverse("admin:cameras_camera_probe", args=[camera.pk]),
        "incidents": camera.incidents.select_related("part_of__uplink")[:10],
    }


admin.site.register(Camera, MonitoredCameraAdmin)
