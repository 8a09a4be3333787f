"""New passwords for many cameras at once: an admin action that writes and never shows."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from cameras.audit.recording import before_of, changed_many
from cameras.bulk import update_each
from cameras.models import Camera

__all__ = ["PasswordAction"]


class NewPasswordForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=100,
        help_text=_("Leave empty to keep each camera's present one."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("password") != given.get("again"):
            raise ValidationError({"again": gettext("The two passwords differ.")})
        return given


class PasswordAction:
    """Mixed into the camera's admin."""

    actions = ["set_password"]

    @admin.action(description=_("Set a new password"), permissions=["change"])
    def set_password(self, request: HttpRequest, queryset: "QuerySet[Camera]") -> Any:
        form = NewPasswordForm(request.POST if "password" in request.POST else None)
        if form.is_valid():
            count = set_passwords(
                queryset,
                form.cleaned_data["password"],
                form.cleaned_data["username"],
                request.user.pk,
            )
            messages.success(
                request,
                ngettext(
                    "The new password is stored for %(count)s camera.",
                    "The new password is stored for %(count)s cameras.",
                    count,
                )
                % {"count": count},
            )
            return None
        return self._ask(request, queryset, form)

    def _ask(self, request: HttpRequest, queryset: Any, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Set a new password"),
            "opts": Camera._meta,
            "form": form,
            "cameras": queryset,
            "checkbox": ACTION_CHECKBOX_NAME,
            # All that the list filters, or those ticked on one page of it.
            "all_of_them": request.POST.get("select_across") == "1",
            "address": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/cameras/set_password.html", context)


def set_passwords(
    cameras: "QuerySet[Camera]", password: str, username: str, user_id: int | None
) -> int:
    """Write one password (and a user name, if given) to all of them; how many they are."""
    fields = ["password", *(["username"] if username else [])]
    with transaction.atomic():
        # Not those joined to them: PostgreSQL locks no row that may be missing.
        chosen = Camera.objects.filter(pk__in=list(cameras.values_list("pk", flat=True)))
        rows = list(chosen.select_for_update())
        before = before_of(rows)
        for row in rows:
            row.password = password
            row.username = username or row.username
        update_each(rows, fields)
        changed_many(before, rows, fields)
        if user_id is not None and rows:
            LogEntry.objects.log_actions(
                user_id,
                rows,
                CHANGE,
                change_message=gettext("New password"),
            )
    return len(rows)
