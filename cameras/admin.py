"""The registry in the admin. Higher floors extend the camera's pages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminPasswordWidget

from cameras.importing.pages import RegistryPages
from cameras.importing.resources import (
    AgencyResource,
    AreaResource,
    CameraResource,
    SiteResource,
    UplinkResource,
)
from cameras.models import Agency, Area, Camera, Site, Uplink
from cameras.onvif.pages import FindPages
from cameras.passwords import PasswordAction
from cameras.reached_admin import ReachedAdmin
from cameras.searching import by_host


@admin.register(Area)
class AreaAdmin(RegistryPages, ReachedAdmin, ModelAdmin):
    resource_classes = [AreaResource]
    list_display = ["name", "code", "parent"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]


@admin.register(Agency)
class AgencyAdmin(RegistryPages, ReachedAdmin, ModelAdmin):
    resource_classes = [AgencyResource]
    list_display = ["name", "code", "email"]
    search_fields = ["code", "name"]


@admin.register(Site)
class SiteAdmin(RegistryPages, ReachedAdmin, ModelAdmin):
    resource_classes = [SiteResource]
    list_display = ["name", "code", "kind", "area", "agency", "importance"]
    list_filter = ["kind", "importance", "agency"]
    list_select_related = ["area", "agency"]
    search_fields = ["code", "name", "address"]
    autocomplete_fields = ["area", "agency"]


@admin.register(Uplink)
class UplinkAdmin(RegistryPages, ReachedAdmin, ModelAdmin):
    resource_classes = [UplinkResource]
    list_display = ["name", "code", "kind", "parent", "site", "worker_zone"]
    list_filter = ["kind", "worker_zone"]
    list_select_related = ["parent", "site"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "site"]


class CameraForm(forms.ModelForm):
    """The password can be written and never read: an empty field keeps the present one."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Never shown. Leave empty to keep the present one."),
    )

    class Meta:
        model = Camera
        exclude: list[str] = []  # every field; the page is laid out by the admin

    def _get_validation_exclusions(self) -> set[str]:
        # The model's own checks would read it, too, and it has none of its own.
        return {*super()._get_validation_exclusions(), "password"}  # type: ignore[misc]

    def clean_password(self) -> str:
        # Handed on as it stands, not read: its key may be lost.
        return self.cleaned_data["password"] or self.instance.__dict__["password"]


@admin.register(Camera)
class CameraAdmin(FindPages, PasswordAction, RegistryPages, ReachedAdmin, ModelAdmin):
    resource_classes = [CameraResource]
    form = CameraForm
    list_display = ["code", "name", "site", "area", "agency", "is_monitored"]
    list_filter = ["site__kind", "agency", "is_monitored"]
    search_fields = [
        "code",
        "name",
        "serial_number",
        "site__name",
        "site__code",
        "site__address",
    ]
    search_help_text = _("Code, name, site, street, or the host of an address as 10.1.2.3")
    autocomplete_fields = ["site", "uplink", "agency"]
    readonly_fields = ["replaces", "retired_at"]
    fieldsets = [
        (None, {"fields": ["code", "name", "site", "uplink", "agency"]}),
        (
            _("Picture"),
            {"fields": ["stream_url", "substream_url", "snapshot_url", "username", "password"]},
        ),
        (_("Probing"), {"fields": ["is_monitored", "interval_seconds", "sees_at_night"]}),
        (
            _("Device"),
            {
                "fields": [
                    ("vendor", "model"),
                    ("serial_number", "installed_on"),
                    ("replaces", "retired_at"),
                    "notes",
                ]
            },
        ),
    ]

    @admin.display(description=_("area"), ordering="site__area__name")
    def area(self, camera: Camera) -> str:
        return camera.site.area.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("site__area", "agency", "uplink", "replaces")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        host = by_host(search_term)
        if host is None:
            return found, may_repeat
        return found | queryset.filter(host), may_repeat
