"""Who gives what to whom: a role, a reach, and never more than one has oneself.

A superuser gives everything. An administrator by role gives roles, and what he reaches himself; he
changes neither superusers, nor people who reach more than he does, nor his own account's rights:
else a right to change accounts would be a right to everything.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from cameras.models import Reach
from cameras.reach import covers, reach_of, reached_by
from cameras.reached_admin import ReachedAdmin, ReachedFields

__all__ = ["GroupsByReach", "PeopleByReach", "ReachInline"]

_GIVEN_BY_SUPERUSERS = ("is_superuser", "user_permissions")
_OWN_RIGHTS = ("groups", "is_staff", "is_active")


class ReachFormSet(BaseInlineFormSet):
    """Refuses what the person at the desk does not reach."""

    request: HttpRequest

    def clean(self) -> None:
        super().clean()
        mine = reach_of(self.request.user)
        for form in self.forms:
            row: Any = form.instance
            if not form.has_changed() or form.errors or form.cleaned_data.get("DELETE"):
                continue
            if not covers(mine, reached_by([row])):
                form.add_error(None, _("You cannot give more than you reach yourself."))


class ReachInline(ReachedFields, TabularInline):
    model = Reach
    formset = ReachFormSet
    fields = ["agency", "area", "everything"]
    autocomplete_fields = ["agency", "area"]
    extra = 0
    tab = False
    verbose_name_plural = _("reach: what this person sees and works on")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made: Any = super().get_formset(request, obj, **kwargs)
        made.request = request  # a class of this request alone
        return made


class _WithoutLinks(ReachedAdmin):
    """The page that asks before deleting: without the rows that only link a group to its rights,
    which have no name in any language.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        rows, counts, needed, protected = super().get_deleted_objects(objs, request)
        links = [field.remote_field.through._meta for field in self.opts.many_to_many]
        for link in links:
            counts.pop(link.verbose_name_plural, None)
        begins = tuple(f"{capfirst(link.verbose_name)}: " for link in links)
        return _unlinked(rows, begins), counts, needed, protected


def _unlinked(rows: Iterable[Any], begins: tuple[str, ...]) -> list[Any]:
    kept = [row for row in rows if isinstance(row, list) or not str(row).startswith(begins)]
    nested = [_unlinked(row, begins) if isinstance(row, list) else row for row in kept]
    return [row for row in nested if row != []]


class PeopleByReach(_WithoutLinks):
    """Mixed into the admin of accounts."""

    inlines: Any = [ReachInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_display(request), "roles"]

    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "–"

    roles.short_description = _("roles")  # type: ignore[attr-defined]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A new account is saved first, then given its reach; nobody gives one to himself."""
        if obj is None or (obj == request.user and not _is_superuser(request)):
            return []
        return list(super().get_inlines(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = list(super().get_readonly_fields(request, obj))
        if _is_superuser(request):
            return fixed
        own = _OWN_RIGHTS if obj is not None and obj == request.user else ()
        return [*fixed, *_GIVEN_BY_SUPERUSERS, *own]

    def _is_own(self, request: HttpRequest, obj: Any) -> bool:
        if obj is None or _is_superuser(request) or obj == request.user:
            return True
        # By its rows: an account that is switched off reaches nothing today, and all of it again
        # once somebody has set its password and switched it on.
        held = reached_by(obj.reaches.all())
        return not obj.is_superuser and covers(reach_of(request.user), held)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj != request.user and super().has_delete_permission(request, obj)


class GroupsByReach(_WithoutLinks):
    """Mixed into the admin of groups: what a role may do is for those who reach everything."""

    def _is_own(self, request: HttpRequest, obj: Group | None) -> bool:
        return reach_of(request.user).everything

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and reach_of(request.user).everything


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)
