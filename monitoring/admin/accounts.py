"""Users and groups, in the look of the rest."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from monitoring.admin.people import GroupsByReach, PeopleByReach
from monitoring.admin.second_factors import SecondFactorColumn

admin.site.unregister(User)
admin.site.unregister(Group)


# Django writes the names of its own permissions into the database in English, for all languages.
_DEEDS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}
# Tables of libraries, which nobody is given a right to: what they hold has pages of our own.
_INNER = ("axes", "otp_static", "otp_totp", "contenttypes", "sessions")


class _PermissionsInWords:
    """Shows each permission to choose from in the reader's language."""

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(*args, **kwargs)  # type: ignore[misc]
        if getattr(field, "queryset", None) is not None and field.queryset.model is Permission:
            field.queryset = field.queryset.exclude(content_type__app_label__in=_INNER)
            field.label_from_instance = permission_in_words
        return field


def permission_in_words(permission: Permission) -> str:
    """As "Registry | camera | change"; a permission of ours has a sentence of its own."""
    kind = permission.content_type
    deed, _underscore, model = permission.codename.partition("_")
    words = _DEEDS.get(deed) if model == kind.model else None
    return f"{kind} | {words or gettext(permission.name)}"


@admin.register(User)
class AccountAdmin(SecondFactorColumn, PeopleByReach, _PermissionsInWords, UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class RoleAdmin(GroupsByReach, _PermissionsInWords, GroupAdmin, ModelAdmin):
    pass
