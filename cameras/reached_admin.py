"""The admin of what people reach: mixed into every ModelAdmin, and into inlines with choices.

Lists, searches, autocompletes, exports and bulk actions begin with `get_queryset`; forms offer and
take only what is seen, and save only what is owned afterwards; what is not seen is not there: 404.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from cameras.reach import Reached, narrow, owns, reach_of, rule_of

__all__ = [
    "ReachedAdmin",
    "ReachedFields",
    "ReachedFilter",
    "ReachedInline",
    "beyond_reach",
    "without_reach",
]

# Views that look up their row by `get_object`, which knows what is seen.
_LOOKING_THEMSELVES = ("change", "history", "delete")


def beyond_reach() -> str:
    """What a person is told whose row would belong to others."""
    return _(
        "This would belong to an area or an agency that you do not reach. An administrator can "
        "change what you reach."
    )


class ReachedFields:
    """Choices of forms: what the person sees. Whatever else is sent is no valid choice."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        self._narrow_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        self._narrow_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _narrow_choices(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        related = db_field.remote_field.model
        if rule_of(related) is None:
            return
        rows = kwargs.get("queryset")
        if rows is None:
            rows = self.get_field_queryset(kwargs.get("using"), db_field, request)  # type: ignore[attr-defined]
        if rows is None:
            rows = related._default_manager.all()
        kwargs["queryset"] = narrow(rows, reach_of(request.user))


class ReachedInline(ReachedFields):
    """Mixed into an inline whose rows lead to more than the page's own: shows what is seen."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return narrow(super().get_queryset(request), reach_of(request.user))  # type: ignore[misc]


class ReachedFilter(admin.RelatedFieldListFilter):
    """A filter by a foreign key that offers what the person sees."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows = narrow(field.related_model._default_manager.all(), reach_of(request.user))
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": rows.values("pk")}
        )


class _OwnedForm:
    """Mixed into the form of a model: what is saved must be the person's own."""

    reach = Reached()
    instance: Any

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and not owns(self.reach, self.instance):  # type: ignore[attr-defined]
            self.add_error(None, beyond_reach())  # type: ignore[attr-defined]


class ReachedAdmin(ReachedFields, ModelAdmin):
    """For every model that said how it belongs to the city, or that it is for roles alone."""

    def __init__(self, model: type[Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self.form: Any = type(self.form)(self.form.__name__, (_OwnedForm, self.form), {})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return narrow(super().get_queryset(request), reach_of(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_own(request, obj)

    def _is_own(self, request: HttpRequest, obj: Any) -> bool:
        reach = reach_of(request.user)
        if obj is None or reach.everything:
            return True
        if not isinstance(obj, Model):  # unfold asks by the number
            obj = self.get_object(request, str(obj))
        return obj is not None and owns(reach, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.reach = reach_of(request.user)  # a class of this request alone
        return form

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [self._reached(each) for each in super().get_list_filter(request)]

    def _reached(self, each: Any) -> Any:
        if not isinstance(each, str):
            return each
        related = _related_model(self.model, each)
        return (each, ReachedFilter) if related and rule_of(related) is not None else each

    def get_urls(self) -> list[URLPattern]:
        found: list[Any] = super().get_urls()
        if rule_of(self.model) is None:
            return found
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        looking = {f"{prefix}{name}" for name in _LOOKING_THEMSELVES}
        for pattern in found:
            named = getattr(pattern, "name", None)
            takes_a_row = "object_id" in pattern.pattern.converters
            if takes_a_row and named and named not in looking:
                pattern.callback = self._guarded(pattern.callback)
        return found

    def _guarded(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A button's view: only for a row that is the person's own."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.admin_site.has_permission(request):
                found = self.get_object(request, str(kwargs["object_id"]))
                if found is None:
                    raise Http404
                if not owns(reach_of(request.user), found):
                    raise PermissionDenied(beyond_reach())
            return view(request, *args, **kwargs)

        return guarded

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> Any:
        """What is not seen, and what never was: the same answer."""
        raise Http404

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Without the names of what others have: then nothing is deleted at all."""
        if _touches_others(objs, reach_of(request.user)):
            return [], {}, set(), [_("Something that you do not reach hangs on it.")]
        return super().get_deleted_objects(objs, request)


def without_reach(request: HttpRequest) -> dict[str, Any]:
    """A context processor: whether to tell the person why every list is empty.

    A callable, so that only a page which shows the banner asks the database.
    """

    def asked() -> bool:
        user = getattr(request, "user", None)
        return user is not None and user.is_staff and reach_of(user).is_nothing

    return {"reaches_nothing": asked}


def _related_model(model: type[Model], path: str) -> type[Model] | None:
    """The model that a filter's field chooses from; None when it is no foreign key."""
    found: Any = model
    for step in path.split("__"):
        try:
            field = found._meta.get_field(step)
        except FieldDoesNotExist:
            return None
        found = field.related_model
        if found is None:
            return None
    return found


def _touches_others(objs: Iterable[Any], reach: Reached) -> bool:
    rows = list(objs)
    if reach.everything or not rows:
        return False
    collector = NestedObjects(using=rows[0]._state.db)
    collector.collect(rows)
    by_model: dict[type[Model], set[Any]] = {}
    for row in [*collector.protected, *(one for found in collector.data.values() for one in found)]:
        by_model.setdefault(type(row), set()).add(row.pk)
    for model, keys in by_model.items():
        try:
            mine = narrow(model._default_manager.filter(pk__in=keys), reach)
        except LookupError:
            return True
        if mine.count() < len(keys):
            return True
    return False
