"""What an import writes: all at its end, in bulk, when every row is known to be right."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cameras.audit.recording import added_many, before_of, changed_many
from cameras.bulk import update_each
from cameras.importing.cells import Secret

__all__ = ["BulkWriting", "overtaken"]


class BulkWriting:
    """Mixed into a resource, in place of the library's ways of writing."""

    # The library's names.
    _meta: Any
    fields: dict[str, Any]
    create_instances: list[Any]
    update_instances: list[Any]
    handle_import_error: Any
    # Numbers of the rows whose secrets change.
    secrets_changed: set[int]

    def bulk_create(
        self,
        using_transactions: bool,
        dry_run: bool,
        raise_errors: bool,
        batch_size: int | None = None,
        result: Any = None,
    ) -> None:
        """New rows, those first that others of them are reached through."""
        waiting, self.create_instances = self.create_instances, []
        if dry_run or self._has_failed(result):
            return
        try:
            while waiting:
                ready = [each for each in waiting if not _waits(each)]
                written = ready or waiting
                self._meta.model._default_manager.bulk_create(written)
                added_many(written)
                waiting = [each for each in waiting if _is_new(each)]
        except IntegrityError:
            self.handle_import_error(result, overtaken(), raise_errors)

    def bulk_update(
        self,
        using_transactions: bool,
        dry_run: bool,
        raise_errors: bool,
        batch_size: int | None = None,
        result: Any = None,
    ) -> None:
        """Changed rows; secrets only where they changed, for the key of others may be lost."""
        changed, self.update_instances = self.update_instances, []
        if dry_run or self._has_failed(result):
            return
        plain = [
            name
            for name, field in self.fields.items()
            if not isinstance(field.widget, Secret) and name != "code"
        ]
        secret = [name for name, field in self.fields.items() if isinstance(field.widget, Secret)]
        for each in changed:
            each._prepare_related_fields_for_save(operation_name="bulk_update")
        with_secret = [each for each in changed if each.pk in self.secrets_changed]
        try:
            with transaction.atomic():
                before = before_of(changed)
                update_each(changed, plain)
                update_each(with_secret, secret)
                changed_many(before, changed, plain)
                changed_many(before, with_secret, secret)
        except IntegrityError:
            self.handle_import_error(result, overtaken(), raise_errors)

    @staticmethod
    def _has_failed(result: Any) -> bool:
        return bool(result.has_errors() or result.has_validation_errors())


def overtaken() -> ValidationError:
    """What a person is told whom another change was quicker than."""
    return ValidationError(
        _(
            "The registry changed while the file was being imported, or it holds rows that you "
            "may not see. Nothing was written: import the file again."
        )
    )


def _is_new(instance: Any) -> bool:
    return instance.pk is None


def _waits(instance: Any) -> bool:
    parent = getattr(instance, "parent", None)
    return parent is not None and _is_new(parent)
