"""From rows to changes: checked without a query a row, written all or none.

The library's own way asks the database several times a row and copies every row to compare it.
Here everything that rows may name is read once, a row is compared by the values it had, and what
has changed is written in bulk, in one transaction, with the rows locked that are changed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ImproperlyConfigured, ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult
from import_export.widgets import Widget

from cameras.importing.cells import CLEAR, Code, Related, Secret
from cameras.importing.reading import LINE
from cameras.importing.results import Change, RegistryResult, shown
from cameras.importing.writing import BulkWriting
from cameras.reach import EVERYTHING, Reached, narrow, owns
from cameras.reached_admin import beyond_reach
from cameras.secrets import Sealed, decrypt

__all__ = ["RegistryField", "RegistryResource", "column"]

_EXAMPLE = "CONTOH-"  # codes of the template's rows
_SAY_EVERY = 100  # rows


class RegistryField(Field):
    """A column. An empty cell leaves the value alone; a hyphen empties it, where it may be."""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        value = row.get(self.column_name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return
        field = instance._meta.get_field(self.attribute)
        if isinstance(value, str) and value.strip() == CLEAR and not isinstance(field, _NEVER):
            if not field.blank:
                raise ValueError(_("This value cannot be emptied."))
            setattr(instance, self.attribute, None if field.null else "")
            return
        setattr(instance, self.attribute, self.widget.clean(value, row=row))


_NEVER = (models.BooleanField,)


def column(name: str, widget: Widget) -> RegistryField:
    """A column for the model's field of this name."""
    return RegistryField(attribute=name, column_name=name, widget=widget)


class RegistryResource(BulkWriting, ModelResource):
    """Rows with a natural key, `code`. `say` is told how many rows of how many are done.

    `reach`: what the person sees may be named and left as it is; what he owns may be changed.
    Without it, for the program itself, that is everything.
    """

    def __init__(
        self,
        say: Callable[[int, int], None] | None = None,
        reach: Reached = EVERYTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._say = say or (lambda done, total: None)
        self._reach = reach
        self._taken: set[str] = set()  # codes of what the person does not see
        self._total = self._done = 0
        self._is_preview = False
        self.create_instances: list[Any] = []  # the library's names
        self.update_instances: list[Any] = []
        self._existing: dict[str, Any] = {}
        self._repeated: set[str] = set()
        self._before: dict[str, Any] = {}
        self._was_own = True
        self._changes: dict[str, Any] = {}
        self.secrets_changed: set[int] = set()
        self._by_number: dict[str, Any] = {}

    # --- What other classes say -------------------------------------------------------------

    def broken_rules(self, instance: Any) -> Iterable[str]:
        """Names of the model's check constraints that this row breaks; no query."""
        return ()

    # --- Columns ----------------------------------------------------------------------------

    def label(self, name: str) -> str:
        """A column's name in the language of the moment."""
        return str(self._meta.model._meta.get_field(name).verbose_name)

    def get_export_fields(self, selected_fields: Any = None) -> list[Any]:
        fields = super().get_export_fields(selected_fields)
        return [field for field in fields if not isinstance(field.widget, Secret)]

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        return [self.label(field.attribute) for field in self.get_export_fields(selected_fields)]

    def get_user_visible_headers(self) -> list[str]:
        return [self.label(field.attribute) for field in self.get_import_fields()]

    def _names(self) -> dict[str, str]:
        """What a column may be called, in any language, and which it then is."""
        names = {name: name for name in self.fields}
        for language in ("id", "en"):
            with translation.override(language):
                names |= {self.label(name).casefold(): name for name in self.fields}
        return names

    def _rename(self, table: tablib.Dataset) -> None:
        known = self._names()
        renamed: list[str] = []
        unknown: list[str] = []
        for place, header in enumerate(table.headers):
            name = LINE if header == LINE else known.get(str(header).casefold())
            if name is None and not header and not any(table.get_col(place)):
                name = f"({place})"
            if name is None:
                unknown.append(header or f"({place})")
            else:
                renamed.append(name)
        if unknown:
            raise ValidationError(
                _("Unknown columns: %(unknown)s. Known are: %(known)s.")
                % {
                    "unknown": ", ".join(unknown),
                    "known": ", ".join(self.get_user_visible_headers()),
                }
            )
        twice = [self.label(name) for name, count in Counter(renamed).items() if count > 1]
        if twice:
            raise ValidationError(
                _("These columns stand there twice: %(columns)s.") % {"columns": ", ".join(twice)}
            )
        if "code" not in renamed:
            raise ValidationError(
                _("The column “%(code)s” is missing.") % {"code": self.label("code")}
            )
        table.headers = renamed

    # --- The whole table --------------------------------------------------------------------

    def get_result_class(self) -> Any:
        return partial(RegistryResult, self)

    def get_diff_headers(self) -> list[str]:
        return []

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> Any:
        """A dry run holds no transaction: SQLite would let nobody else write meanwhile."""
        self._is_preview = dry_run
        if not dry_run:
            kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
            return super().import_data(dataset, dry_run=False, **kwargs)
        for needless in ("use_transactions", "rollback_on_validation_errors"):
            kwargs.pop(needless, None)
        raise_errors = kwargs.pop("raise_errors", False)
        collect = kwargs.pop("collect_failed_rows", False)
        return self.import_data_inner(dataset, True, raise_errors, False, collect, **kwargs)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self._rename(dataset)
        self._total = len(dataset)
        codes = [self._code_of(row["code"]) for row in dataset.dict]
        self._repeated = {code for code, count in Counter(codes).items() if code and count > 1}
        rows = self.get_queryset()
        if len(codes) <= 500:
            rows = rows.filter(code__in=codes)
        seen = narrow(rows, self._reach)
        if not self._reach.everything:
            unseen = rows.exclude(pk__in=seen.order_by().values("pk"))
            self._taken = set(unseen.order_by().values_list("code", flat=True))
        if not self._is_preview:
            # Locked alone, not the sites by which they are narrowed; and by all in one order.
            seen = seen.order_by("pk").select_for_update(of=("self",))
        own = {instance.pk: instance for instance in seen}
        self._existing = {instance.code: instance for instance in own.values()}
        self._by_number = self._know_related(own)
        self._parents_first(dataset, codes)

    def _know_related(self, own: dict[int, Any]) -> dict[str, Any]:
        """Column → number → what its cells may name.

        Where that is of the same kind as the rows, those that the file changes are there as
        themselves, so that what a row is checked against is as the file will have it.
        """
        found: dict[str, Any] = {}
        rows: Iterable[Any]
        everyone = dict(own)
        for field in self.get_import_fields():
            if isinstance(field.widget, Related):
                field.widget.by_code.clear()
                rows = narrow(field.widget.model._default_manager.all(), self._reach)
                if field.widget.model is self._meta.model:
                    rows = [own.get(each.pk, each) for each in rows]
                    everyone |= {each.pk: each for each in rows}
                found[field.attribute] = field.widget.know(rows)
        for instance in everyone.values():
            for name, known in found.items():
                key = instance.__dict__.get(f"{name}_id")
                if key in known:
                    setattr(instance, name, known[key])
        return found

    def _parents_first(self, table: tablib.Dataset, codes: list[str]) -> None:
        """Put rows behind those that they name as their parent, so that a file may bring both."""
        if "parent" not in table.headers:
            return
        parents = [self._code_of(row["parent"]) for row in table.dict]
        place = {code: number for number, code in enumerate(codes)}
        order: dict[int, None] = {}
        for number in range(len(codes)):
            chain = [number]
            while (above := place.get(parents[chain[-1]])) is not None and above not in chain:
                if above in order:
                    break
                chain.append(above)
            order |= dict.fromkeys(reversed([each for each in chain if each not in order]))
        headers, rows = table.headers, [table[number] for number in order]
        table.wipe()
        table.headers = headers
        table.extend(rows)

    @staticmethod
    def _code_of(cell: Any) -> str:
        try:
            return str(Code().clean(cell)) if cell is not None else ""
        except ValueError:
            return ""

    # --- One row ----------------------------------------------------------------------------

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        self._done += 1
        if self._done % _SAY_EVERY == 0 or self._done == self._total:
            self._say(self._done, self._total)
        cell = row.get("code")
        if cell is None or not str(cell).strip():
            raise ValidationError({"code": _("The code is missing.")})
        try:
            code = Code().clean(cell)
        except ValueError as error:
            raise ValidationError({"code": str(error)}) from None
        if code in self._taken:
            raise ValidationError({"code": _("This code belongs to what you do not reach.")})
        if code in self._repeated:
            raise ValidationError({"code": _("This code stands in several rows.")})
        if code.startswith(_EXAMPLE):
            raise ValidationError({"code": _("This is a row of the template's: delete it.")})

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        return self._existing.get(self._code_of(row["code"]))

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        self._before = dict(instance.__dict__)
        self._was_own = new or owns(self._reach, instance)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        errors: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict({})
        if hasattr(instance, "move_credentials"):
            instance.move_credentials()
        if errors:
            raise ValidationError(errors)

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        self._changes = self._changed(instance)
        if import_validation_errors:
            return False
        return instance.pk is not None and not self._changes

    def _changed(self, instance: Any) -> dict[str, Any]:
        """Column → what it was; secrets are compared only when the row brings one."""
        changed = {}
        for field in self.get_import_fields():
            name = instance._meta.get_field(field.attribute).attname
            before, after = self._before.get(name), instance.__dict__.get(name)
            if name.endswith("_id") and after is None:
                # A parent that this file brings has no number yet.
                if getattr(instance, field.attribute, None) is not None or before is not None:
                    changed[field.attribute] = before
                continue
            if before is after or _same(before, after):
                continue
            if isinstance(field.widget, Secret) and _same(_opened(before), after):
                instance.__dict__[name] = before
                continue
            changed[field.attribute] = before
        return changed

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """What full_clean checks, without asking the database for every row."""
        errors = dict(import_validation_errors or {})
        related = {field.name for field in instance._meta.concrete_fields if field.is_relation}
        secret = {f.attribute for f in self.get_import_fields() if isinstance(f.widget, Secret)}
        try:
            instance.clean_fields(exclude={*errors, *related, *secret})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for name in related - errors.keys():
            field = instance._meta.get_field(name)
            if not field.null and getattr(instance, field.attname) is None:
                errors[name] = [ValidationError(_("A new row needs this value."))]
        if not errors:
            try:
                instance.clean()
            except ValidationError as error:
                errors = error.update_error_dict(errors)
        # Before and after: nobody takes what is another's, or puts his own beyond his reach.
        if not errors and not (self._was_own and owns(self._reach, instance)):
            errors[NON_FIELD_ERRORS] = [ValidationError(beyond_reach())]
        if not errors:
            broken = set(self.broken_rules(instance))
            said = [
                rule.violation_error_message
                for rule in instance._meta.constraints
                if rule.name in broken
            ]
            if said:
                errors[NON_FIELD_ERRORS] = [ValidationError(sentence) for sentence in said]
        if errors:
            raise ValidationError(errors)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        super().save_instance(instance, is_create, row, **kwargs)
        if is_create:
            for field in self.get_import_fields():
                if isinstance(field.widget, Related) and field.widget.model is type(instance):
                    field.widget.add(instance)
        elif any(isinstance(self.fields[name].widget, Secret) for name in self._changes):
            self.secrets_changed.add(instance.pk)

    def after_import_row(self, row: Any, row_result: RowResult, **kwargs: Any) -> None:
        row_result.line = row.get(LINE)
        row_result.changes = [
            self._change(name, before, row_result.instance)
            for name, before in (() if row_result.is_skip() else self._changes.items())
        ]

    def _change(self, name: str, before: Any, instance: Any) -> Change:
        field = self.fields[name]
        if isinstance(field.widget, Related):
            before = self._by_number[name].get(before)
        if isinstance(field.widget, Secret):
            return Change(self.label(name), "", "•••", is_secret=True)
        after = getattr(instance, name)
        return Change(self.label(name), shown(field.widget, before), shown(field.widget, after))


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return before.replace("\r\n", "\n") == after.replace("\r\n", "\n")
    return bool(before == after)


def _opened(secret: Any) -> Any:
    """What a stored secret says; something like nothing else when its key is lost."""
    try:
        return decrypt(secret) if isinstance(secret, Sealed) else secret
    except ImproperlyConfigured:
        return object()
