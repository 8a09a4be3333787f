"""What several admin pages of this floor show alike."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from cameras.models import Camera
from cameras.reached_admin import ReachedAdmin
from monitoring import sentences
from monitoring.models import CameraHealth, Snapshot

__all__ = [
    "ReadOnlyAdmin",
    "health_of",
    "latest_url",
    "may_teach",
    "picture_tag",
    "snapshot_url",
    "why",
]


class ReadOnlyAdmin(ReachedAdmin, ModelAdmin):
    """For what the system observed by itself: to be looked at, not to be edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def health_of(camera: Camera) -> CameraHealth | None:
    """The camera's health row; None before the scheduler has seen the camera."""
    return getattr(camera, "health", None)


def latest_url(health: CameraHealth | None, which: str = "latest") -> str | None:
    """Where the latest, `healthy` or `faulty` picture is shown; None when there is none."""
    if health is None:
        return None
    at = {"healthy": health.healthy_picture_at, "faulty": health.faulty_picture_at}.get(
        which, health.picture_at
    )
    if at is None:
        return None
    # The moment in the address lets browsers keep the picture, and fetch the next one.
    return f"{reverse('latest-picture', args=[health.pk, which])}?v={at.timestamp():.0f}"


def snapshot_url(snapshot: Snapshot) -> str:
    """Where a kept picture is shown."""
    return reverse("snapshot-picture", args=[snapshot.pk])


def may_teach(request: HttpRequest) -> bool:
    """Whether this person may tell the eye that it was wrong."""
    return request.user.has_perm("monitoring.teach_eye")


def why(measurements: Mapping[str, Any]) -> dict[str, Any]:
    """What `why.html` shows: the sentence, how sure, and the numbers."""
    return {
        "why": sentences.sentence(measurements),
        "sure": sentences.confidence(measurements),
        "table": sentences.table(measurements),
    }


def picture_tag(url: str | None, alt: str) -> SafeString:
    """A thumbnail, or a sign that there is no picture."""
    if url is None:
        return format_html('<span class="thumb thumb-none">{}</span>', _("no picture"))
    small = f"{url}{'&' if '?' in url else '?'}size=thumb"
    return format_html(
        '<img class="thumb" src="{}" alt="{}" width="96" height="54" loading="lazy">', small, alt
    )
