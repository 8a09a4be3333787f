"""“Probe now” with its answer: the button on a camera's page asks here until the probe is done."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cameras.models import Camera
from cameras.reach import own_or_404
from monitoring.admin.shared import health_of, latest_url, why
from monitoring.admin.verdict_words import verdict_label
from monitoring.choices import VERDICT_COLOURS
from monitoring.scheduling import make_due
from monitoring.verdicts import Verdict

__all__ = ["probe_live"]


@never_cache
def probe_live(request: HttpRequest, camera_id: int) -> JsonResponse:
    """POST: have the camera probed, and say from when on. GET `?since=`: what came of it."""
    if not request.user.has_perm("cameras.change_camera"):
        raise PermissionDenied
    camera = own_or_404(request, Camera.objects.select_related("health", "site"), pk=camera_id)
    if request.method == "POST":
        since = timezone.now()
        if not make_due([camera.pk]):
            problem = _("The camera is not monitored: switch on “monitored” first.")
            return JsonResponse({"problem": problem}, status=409)
        words = _("Waiting for the probe …")
        return JsonResponse({"since": since.isoformat(), "words": words})
    given = parse_datetime(request.GET.get("since", "").replace(" ", "+"))
    if given is None or timezone.is_naive(given):
        return JsonResponse({"problem": _("Ask again by the button.")}, status=400)
    return JsonResponse(_answer(camera, given))


def _answer(camera: Camera, since: Any) -> dict[str, Any]:
    health = health_of(camera)
    if health is None or health.probed_at is None or health.probed_at < since:
        return {"done": False}
    verdict, words = verdict_label(camera)
    at = date_format(localtime(health.probed_at), "H.i.s")
    return {
        "done": True,
        "words": _("Probed at %(at)s WIB: %(verdict)s.") % {"at": at, "verdict": words},
        "verdict": words,
        "colour": VERDICT_COLOURS[Verdict(verdict)],
        "why": why(health.measurements)["why"],
        "picture": latest_url(health),
    }
