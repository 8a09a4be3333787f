"""The camera's pages with what is known of its health."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from cameras.admin import CameraAdmin
from cameras.models import Camera
from monitoring import planned
from monitoring.admin.shared import health_of, latest_url, may_teach, picture_tag, why
from monitoring.choices import VERDICT_COLOURS, in_words
from monitoring.feedback import view_is_right
from monitoring.notes import notes_on, with_notes
from monitoring.scheduling import make_due
from monitoring.verdicts import Verdict

admin.site.unregister(Camera)


class MonitoredCameraAdmin(CameraAdmin):
    list_display = ["thumbnail", "code", "name", "verdict", "since", "site", "area", "agency"]
    list_display_links = ["thumbnail", "code", "name"]
    list_filter = [
        "health__verdict",
        "health__is_flapping",
        "site__kind",
        "site__area",
        "agency",
        "is_monitored",
    ]
    list_per_page = 50
    change_form_before_template = "admin/monitoring/camera_health.html"
    actions_submit_line = ["probe_now"]
    actions_detail = ["view_is_right"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_notes(super().get_queryset(request), timezone.now())

    @display(description=_("picture"))
    def thumbnail(self, camera: Camera) -> SafeString:
        return picture_tag(latest_url(health_of(camera)), camera.code)

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


def verdict_label(camera: Camera) -> tuple[str, str]:
    """(verdict that colours the badge, its words); what is only suspected says so.

    With the notes on a camera that came `with_notes`.
    """
    verdict, words = _verdict_words(camera)
    return verdict, " · ".join([words, *notes_on(camera)])


def _verdict_words(camera: Camera) -> tuple[str, str]:
    health = health_of(camera)
    if health is None:
        return Verdict.PENDING, in_words(Verdict.PENDING)
    if not health.suspected_verdict:
        return health.verdict, health.in_words
    suspected = in_words(health.suspected_verdict, health.suspected_reason)
    # Translators: a verdict that is not confirmed yet, and in how many probes it was seen.
    words = _("%(verdict)s? (seen %(probes)s×)") % {
        "verdict": suspected,
        "probes": health.suspected_probes,
    }
    if health.verdict == Verdict.PENDING:
        return health.suspected_verdict, str(words)
    return health.verdict, f"{health.in_words} → {words}"


def health_context(camera: Camera | None) -> dict[str, Any]:
    """What the camera's page shows of its health."""
    if camera is None:
        return {}
    health = health_of(camera)
    verdict, words = verdict_label(camera)
    return {
        "health": health,
        "verdict_words": words,
        "verdict_colour": VERDICT_COLOURS[Verdict(verdict)],
        "latest_picture": latest_url(health),
        "latest_why": why(health.measurements if health else {}),
        "healthy_picture": latest_url(health, "healthy"),
        "planned_work": planned.works_on(camera, timezone.now()),
        "incidents": camera.incidents.select_related("part_of__uplink")[:10],
    }


admin.site.register(Camera, MonitoredCameraAdmin)
