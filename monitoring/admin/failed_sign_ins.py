"""Failed sign-ins of the last minutes: whom they lock out, until when, and the release."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from monitoring.admin.shared import ReadOnlyAdmin
from monitoring.signin import lockout
from monitoring.signin.models import FailedSignIn


@admin.register(FailedSignIn)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Deleting the rows is the release: nothing else is kept of them here."""

    list_display = ["name", "address", "failures", "at", "locked"]
    search_fields = ["username", "ip_address"]
    search_help_text = _("User name or address")
    fields = ["name", "address", "failures", "at", "locked", "browser"]
    readonly_fields = fields
    list_filter: list[Any] = []
    actions = ["release"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # What is older counts no more, and goes with the next sign-in.
        recent = timezone.now() - lockout.cool_off()
        return super().get_queryset(request).filter(attempt_time__gte=recent)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        _note_locks(shown.result_list)
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        _note_locks([found] if found else [])
        return found

    @admin.display(description=_("user name"), ordering="username")
    def name(self, row: FailedSignIn) -> str:
        return row.username or "—"

    @admin.display(description=_("address"), ordering="ip_address")
    def address(self, row: FailedSignIn) -> str:
        return row.ip_address or "—"

    @admin.display(description=_("failures"), ordering="failures_since_start")
    def failures(self, row: FailedSignIn) -> int:
        return row.failures_since_start

    @admin.display(description=_("last one"), ordering="attempt_time")
    def at(self, row: FailedSignIn) -> Any:
        return row.attempt_time

    @display(description=_("locked until"), label="danger")
    def locked(self, row: FailedSignIn) -> str | None:
        until = row.lock_ends
        return date_format(timezone.localtime(until), "H:i:s") if until else None

    @admin.display(description=_("browser"))
    def browser(self, row: FailedSignIn) -> str:
        # What the library writes when the browser did not say.
        return "—" if row.user_agent == "<unknown>" else row.user_agent

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("signin.delete_failedsignin")

    @admin.action(description=_("Release: forget these failures"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for name, address in lockout.release(queryset):
            words = _("Released: %(name)s at %(address)s") % {"name": name, "address": address}
            messages.success(request, words)


def _note_locks(rows: Iterable[Any]) -> None:
    ends = lockout.locks()
    for row in rows:
        row.lock_ends = ends.get(row.pk)
