"""The admin's page for finding cameras: search the network, see who answers, register some.

Between the two steps nothing is kept on the server: what was found, and the password that was used,
travel encrypted through the form.
"""

import json
from dataclasses import asdict
from typing import Any

from cryptography.fernet import InvalidToken
from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from cameras.models import Camera, Site
from cameras.onvif.description import Device
from cameras.onvif.discovery import search
from cameras.onvif.registering import as_camera, registered_hosts
from cameras.reach import Reached, narrow, owns, reach_of
from cameras.reached_admin import beyond_reach
from cameras.secrets import decrypt, encrypt

__all__ = ["FindPages"]

# A camera whose clock is further off stamps its pictures wrongly, and may refuse to be asked.
CLOCK_OFF_SECONDS = 60

_PROBLEMS = {
    "silent": _("does not answer"),
    "unauthorised": _("refuses this user name and password"),
    "other": _("gives an answer that cannot be understood"),
}


class SearchForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    seconds = forms.IntegerField(
        label=_("Seconds to wait for answers"),
        min_value=1,
        max_value=15,
        initial=4,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class SiteForm(forms.Form):
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Site of the cameras"), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, reach: Reached, *args: Any) -> None:
        super().__init__(*args)
        self.fields["site"].queryset = narrow(Site.objects.all(), reach)  # type: ignore[attr-defined]
        self.reach = reach

    def clean_site(self) -> Site:
        """The cameras become the site's: it must be the person's own."""
        site: Site = self.cleaned_data["site"]
        if not owns(self.reach, site):
            raise ValidationError(beyond_reach())
        return site


class FindPages:
    """Mixed into the camera's admin."""

    actions_list = ["find_cameras"]

    @action(description=_("Find cameras"), icon="wifi_find", permissions=["find"])
    def find_cameras(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:cameras_camera_find")

    def has_find_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_add_permission(request))  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("find/", wrap(self.find_view), name="cameras_camera_find"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_find_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": _("Find cameras"),
            "opts": Camera._meta,
            "form": SearchForm(),
        }
        if "kept" in request.POST:
            return self._register(request, context)
        if request.method == "POST":
            context["form"] = form = SearchForm(request.POST)
            if form.is_valid():
                # Its libraries for SOAP are many, and few ever search.
                from cameras.onvif.device import look_at_all

                login = form.cleaned_data["username"], form.cleaned_data["password"]
                found = look_at_all(search(form.cleaned_data["seconds"]), *login)
                context |= _found(found, *login) | {"site_form": SiteForm(reach_of(request.user))}
        return TemplateResponse(request, "admin/cameras/find.html", context)

    def _register(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        try:
            kept = json.loads(decrypt(request.POST["kept"]))
        except (ImproperlyConfigured, InvalidToken, ValueError):
            messages.error(request, gettext("This page is too old: search again."))
            return redirect("admin:cameras_camera_find")
        login = kept["username"], kept["password"]
        devices = [Device(**each) for each in kept["devices"]]
        context |= _found(devices, *login, request.POST)
        context["site_form"] = site_form = SiteForm(reach_of(request.user), request.POST)
        chosen = [row for row in context["rows"] if row["chosen"]]
        if not chosen:
            messages.warning(request, gettext("Tick the cameras that are to be registered."))
        elif site_form.is_valid() and self._save(chosen, site_form.cleaned_data["site"], login):
            messages.success(
                request,
                ngettext(
                    "%(count)s camera is registered and will be probed within seconds.",
                    "%(count)s cameras are registered and will be probed within seconds.",
                    len(chosen),
                )
                % {"count": len(chosen)},
            )
            return redirect(reverse("admin:cameras_camera_changelist"))
        return TemplateResponse(request, "admin/cameras/find.html", context)

    @staticmethod
    def _save(chosen: list[dict[str, Any]], site: Site, login: tuple[str, str]) -> bool:
        """All or none; what is wrong stands at its row."""
        try:
            with transaction.atomic():
                for row in chosen:
                    camera = as_camera(row["device"], row["code"], row["name"], site, *login)
                    try:
                        camera.full_clean()
                        camera.save()
                    except ValidationError as error:
                        row["errors"] = error.messages
                if any(row["errors"] for row in chosen):
                    raise ValidationError("")
        except ValidationError:
            return False
        return True


def _found(
    devices: list[Device], username: str, password: str, given: Any = None
) -> dict[str, Any]:
    known = registered_hosts()
    rows = []
    for number, device in enumerate(devices):
        ahead_s = device.clock_ahead_s
        rows.append(
            {
                "number": number,
                "device": device,
                "problem": _PROBLEMS.get(device.problem, ""),
                "is_registered": device.host in known,
                "clock_is_off": ahead_s is not None and abs(ahead_s) > CLOCK_OFF_SECONDS,
                "clock_ahead_s": round(ahead_s) if ahead_s is not None else None,
                "can_be_chosen": bool(
                    device.stream_url or device.substream_url or device.snapshot_url
                ),
                "chosen": bool(given) and f"choose-{number}" in given,
                "code": (given or {}).get(f"code-{number}", ""),
                "name": (given or {}).get(f"name-{number}", f"{device.vendor} {device.host}"),
                "errors": [],
            }
        )
    kept = {"username": username, "password": password, "devices": [asdict(d) for d in devices]}
    return {"rows": rows, "searched": True, "kept": encrypt(json.dumps(kept))}
