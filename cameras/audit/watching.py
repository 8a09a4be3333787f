"""Which models are recorded, and the recording of rows that are saved or deleted one by one."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import AppConfig
from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from cameras.audit.acting import actor
from cameras.audit.changes import plain_fields

__all__ = ["Watched", "watch", "watch_app", "watched"]


@dataclass(frozen=True)
class Watched:
    """How a model is recorded."""

    model: type[models.Model]
    secret: frozenset[str]
    ignored: frozenset[str]
    has_sign_in: bool = False

    @cached_property
    def fields(self) -> list[Any]:
        return plain_fields(self.model, self.ignored)


_watched: dict[type[models.Model], Watched] = {}
_tables_between: dict[type[models.Model], tuple[type[models.Model], str]] = {}


def watch(
    model: type[models.Model],
    secret: Collection[str] = (),
    ignored: Collection[str] = (),
    has_sign_in: bool = False,
) -> None:
    """Record this model from now on: of secrets only that they changed, of ignored nothing."""
    _watched[model] = Watched(model, frozenset(secret), frozenset(ignored), has_sign_in)
    for field in model._meta.local_many_to_many:
        between: Any = field.remote_field.through
        _tables_between[between] = (model, field.name)


def watch_app(config: AppConfig, but: Collection[str] = ()) -> None:
    """Record all models of an app, except those named and those recorded in a way of their own."""
    for model in config.get_models():
        if model._meta.object_name not in but and model not in _watched:
            watch(model)


def watched(model: type[models.Model]) -> Watched | None:
    """How this model is recorded; None when it is not."""
    return _watched.get(model)


def _is_watched(sender: Any) -> bool:
    # In this order: the program's own writes end at the first look.
    serving = actor()
    return serving is not None and sender in _watched and serving.user is not None


@receiver(pre_save)
def remember(sender: Any, instance: Any, raw: bool = False, **_kwargs: Any) -> None:
    """Before a row is saved: how it stands in the database."""
    if raw or not _is_watched(sender):
        return
    instance._stood = (
        None if instance._state.adding else sender._base_manager.filter(pk=instance.pk).first()
    )


@receiver(post_save)
def saved(
    sender: Any,
    instance: Any,
    created: bool,
    raw: bool = False,
    update_fields: Any = None,
    **_kwargs: Any,
) -> None:
    """After it: what is different."""
    if raw or not _is_watched(sender):
        return
    from cameras.audit.models import Deed
    from cameras.audit.recording import record

    before = instance.__dict__.pop("_stood", None)
    if created:
        record(Deed.ADDED, [(None, instance)])
    elif before is not None:
        record(Deed.CHANGED, [(before, instance)], tuple(update_fields or ()))


@receiver(post_delete)
def deleted(sender: Any, instance: Any, **_kwargs: Any) -> None:
    """A row is gone: what it was."""
    if not _is_watched(sender):
        return
    from cameras.audit.models import Deed
    from cameras.audit.recording import record

    record(Deed.DELETED, [(instance, None)])


@receiver(m2m_changed)
def linked(
    sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **_kwargs: Any
) -> None:
    """Rows were linked or unlinked: groups of a person, rights of a group."""
    serving = actor()
    if serving is None or sender not in _tables_between or serving.user is None:
        return
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    from cameras.audit.models import Deed
    from cameras.audit.recording import note

    _owner, name = _tables_between[sender]
    if action == "pre_clear":
        rows = model._base_manager.filter(**{_back(sender, model, instance): instance.pk})
    else:
        rows = model._base_manager.filter(pk__in=pk_set)
    names = sorted(map(str, rows))
    if names:
        change = [[], names] if action == "post_add" else [names, []]
        note(Deed.CHANGED, instance, changes={name: change})


def _back(between: Any, model: Any, instance: Any) -> str:
    """The way from `model` through the table in between to the number of `instance`."""
    towards = next(f for f in between._meta.fields if f.related_model is model)
    own = next(f for f in between._meta.fields if f.related_model is type(instance))
    return f"{towards.related_query_name()}__{own.name}"
