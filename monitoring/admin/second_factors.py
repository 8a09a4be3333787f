"""The second factor in the list of accounts: who has one, and its removal when it is lost."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static import admin as admin_of_codes
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp import admin as admin_of_devices
from django_otp.plugins.otp_totp.models import TOTPDevice

from monitoring.signin import second_factor

__all__ = ["SecondFactorColumn"]

# The library's own pages show keys and speak English. They are imported first, or they would be
# registered later.
assert admin_of_codes and admin_of_devices
admin.site.unregister(StaticDevice)
admin.site.unregister(TOTPDevice)


class SecondFactorColumn:
    """Mixed into the admin of accounts."""

    actions: Any = ["remove_second_factor"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_display(request), "has_second_factor"]  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        found: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return found.annotate(second_factor=Exists(devices))

    @admin.display(description=_("Second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(user.second_factor)  # type: ignore[attr-defined]

    @admin.action(
        description=_("Remove the second factor (lost telephone)"), permissions=["change"]
    )
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for user in queryset:
            # Whoever could weaken an account that may do more than he, could take it over.
            if user.is_superuser and not request.user.is_superuser:
                words = _("Only a superuser removes that of %(name)s.")
                messages.error(request, words % {"name": user})
            elif not self.has_change_permission(request, user):  # type: ignore[attr-defined]
                words = _("%(name)s reaches more than you do: ask somebody who reaches as much.")
                messages.error(request, words % {"name": user})
            elif second_factor.remove(user):
                words = _("%(name)s signs in by password alone until a new one is set up.")
                messages.success(request, words % {"name": user})
            else:
                messages.info(request, _("%(name)s has no second factor.") % {"name": user})
