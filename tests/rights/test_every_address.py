"""Every address of the admin, visited as every role with every reach: what is another's is not
there, and its names appear nowhere. An address that the table does not know fails.
"""

import io
import logging
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from cameras.reach import is_for_roles, rule_of
from cameras.reached_admin import ReachedAdmin
from cameras.roles import Role
from tests.rights.expectations import MODELS, PAGES, Page, Table, letter
from tests.rights.world import FAR, FOREIGN, MINE, Half, furnish, make_person

pytestmark = pytest.mark.django_db

_PARTS = ("agency and area", "agency", "area")
_OF_EVERY_MODEL = ("changelist", "add", "history", "delete", "change")


def names_of(model: Any, model_admin: Any) -> Iterator[str]:
    """The names of the model's own addresses, without those that every model has."""
    prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
    usual = {f"{prefix}{name}" for name in _OF_EVERY_MODEL}
    for pattern in model_admin.get_urls():
        name = getattr(pattern, "name", None)
        if name and name not in usual:
            yield name


def site_names() -> Iterator[str]:
    for pattern in admin.site.get_urls():
        name = getattr(pattern, "name", None)
        if name and name not in ("autocomplete", "app_list"):
            yield name


def test_the_tables_know_every_model_and_every_address_and_no_others() -> None:
    registered = {model._meta.label_lower: made for model, made in admin.site._registry.items()}
    assert set(MODELS) == set(registered)
    known = {
        name for model, made in admin.site._registry.items() for name in names_of(model, made)
    } | set(site_names())
    assert known - set(PAGES) == set(), "addresses that expectations.py does not know"
    assert set(PAGES) - known == set(), "addresses that are no more"


@pytest.mark.parametrize("label", sorted(MODELS))
def test_every_admin_class_narrows_and_every_model_says_how(label: str) -> None:
    model = apps.get_model(label)
    assert isinstance(admin.site._registry[model], ReachedAdmin)
    rule = rule_of(model)  # raises for what nobody declared
    assert (rule is None) == is_for_roles(model)
    assert (rule is None) == ("nothing" in MODELS[label].reached)


def test_every_inline_with_a_choice_among_what_is_reached_narrows_it() -> None:
    from cameras.reached_admin import ReachedFields

    for made in admin.site._registry.values():
        for inline in made.inlines:
            choices = [
                each.name
                for each in inline.model._meta.fields
                if each.is_relation
                and each.editable
                and each.name in (inline.fields or [each.name])
                and each.related_model is not made.model
                and not is_for_roles(each.related_model)
            ]
            assert not choices or issubclass(inline, ReachedFields), inline


@pytest.fixture
def quiet() -> Iterator[None]:
    """Every refusal would write its traceback into the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


# With a part of the city, everybody; with nothing, who could see most and who could do most; with
# a whole agency, who sees its money; with a whole area, who may change it.
PEOPLE = [
    *((role, "agency and area") for role in Role),
    *((role, "nothing") for role in (Role.VIEWER, Role.FINANCE, Role.ADMINISTRATOR)),
    *((role, "agency") for role in (Role.OPERATOR, Role.PROCUREMENT, Role.FINANCE)),
    (Role.ADMINISTRATOR, "agency"),
    *((role, "area") for role in (Role.OPERATOR, Role.ADMINISTRATOR)),
]


@pytest.mark.long
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("role", "reach"), PEOPLE)
def test_every_address_answers_as_the_table_says(role: Role, reach: str, client: Client) -> None:
    mine, foreign = furnish(MINE), furnish(FOREIGN)
    client.force_login(make_person(role, reach, mine))
    visit = Visit(client, letter(role), reach, mine, foreign)
    for label, table in MODELS.items():
        visit.lists(label, table)
        visit.rows(label, table)
    for name, page in PAGES.items():
        visit.page(name, page)
    for app in ("cameras", "monitoring", "maintenance", "auth"):
        visit.get(reverse("admin:app_list", args=[app]))
    visit.pictures()
    assert not visit.wrong, "\n".join(visit.wrong)


class Visit:
    """One person's round through all addresses. What is not as expected is noted."""

    def __init__(self, client: Client, who: str, reach: str, mine: Half, foreign: Half) -> None:
        self.client, self.who, self.reach = client, who, reach
        self.mine, self.foreign = mine, foreign
        self.wrong: list[str] = []

    def get(self, address: str, post: bool = False) -> Any:
        answer = self.client.post(address) if post else self.client.get(address)
        body = _read(answer)
        if FOREIGN.encode() in body or (self.reach != "agency" and FAR.encode() in body):
            place = max(body.find(FOREIGN.encode()), body.find(FAR.encode()))
            near = body[max(0, place - 60) : place + 30].decode(errors="replace")
            self.wrong.append(f"{address}: names what is another's: {near!r}")
        return answer

    def expect(self, address: str, status: int, *others: int, post: bool = False) -> Any:
        answer = self.get(address, post)
        if answer.status_code not in (status, *others):
            self.wrong.append(f"{address}: {answer.status_code} instead of {status}")
        return answer

    def lists(self, label: str, table: Table) -> None:
        name = f"admin:{label.replace('.', '_')}"
        sees = self.who in table.view
        address = reverse(f"{name}_changelist")
        answer = self.expect(address, 200 if sees else 403)
        if sees and "nothing" not in table.reached:
            shown = answer.context["cl"].result_count
            if bool(shown) != (self.reach in table.reached):
                self.wrong.append(f"{address}: {shown} rows of what is his")
            self.get(f"{address}?q=a")
        self.expect(reverse(f"{name}_add"), 200 if self.who in table.add else 403)

    def rows(self, label: str, table: Table) -> None:
        model = apps.get_model(label)
        changed_with = table.reached if table.changed_with is None else table.changed_with
        for half in (self.mine, self.foreign):
            row = half.rows.get(model) or model._default_manager.first()
            is_his = (half is self.mine and self.reach in table.reached) or is_for_roles(model)
            for page, roles, with_it in (
                ("change", table.view, table.reached),
                ("history", table.view, table.reached),
                ("delete", table.delete, changed_with),
            ):
                address = reverse(f"admin:{label.replace('.', '_')}_{page}", args=[row.pk])
                if not is_his and self.reach in table.open_with:
                    self.expect(address, 403 if page == "delete" else 200)
                elif not is_his:
                    self.expect(address, 404, *([] if self.who in roles else [403]))
                else:
                    may = self.who in roles and self.reach in with_it
                    self.expect(address, 200 if may else 403)

    def page(self, name: str, page: Page) -> None:
        if not page.of:
            address = self.address(name)
            expected = page.status if self.who in page.roles else 403
            self.expect(address, expected)
            return
        model = apps.get_model(page.of)
        table = MODELS.get(page.of)
        reached = page.reached or (
            table.reached if table else ("agency and area", "agency", "area")
        )
        for half in (self.mine, self.foreign):
            row = half.rows.get(model) or model._default_manager.first()
            address = self.address(name, row.pk)
            is_his = (half is self.mine and self.reach in reached) or is_for_roles(model)
            if self.who not in page.roles:
                hidden = not is_his or name == "maintenance_ticket_picture"
                self.expect(address, 403, *([404] if hidden else []), post=page.post)
            else:
                self.expect(address, page.status if is_his else 404, post=page.post)

    def address(self, name: str, key: int | None = None) -> str:
        if name == "view_on_site":
            return reverse("admin:view_on_site", args=[1, 1])
        if name.endswith("_import_progress"):
            return reverse(f"admin:{name}", args=[uuid.uuid4()])
        if name == "maintenance_workorder_issue":
            return f"{reverse(f'admin:{name}')}?ticket={key}"
        try:
            return reverse(f"admin:{name}", args=[] if key is None else [key])
        except NoReverseMatch:
            raise AssertionError(f"{name}: no address for {key}") from None

    def pictures(self) -> None:
        """Outside the admin: the pictures, and the field that completes what is typed."""
        from cameras.models import Camera
        from monitoring.models import Snapshot

        for half in (self.mine, self.foreign):
            his = half is self.mine and self.reach != "nothing"
            latest = reverse("latest-picture", args=[half[Camera].pk, "latest"])
            kept = reverse("snapshot-picture", args=[half[Snapshot].pk])
            may = self.who in "VOTPA"
            self.expect(latest, 403 if not may else 200 if his else 404)
            self.expect(kept, 403 if not may else 200 if his else 404)
        for app, model, field in (
            ("cameras", "camera", "site"),
            ("cameras", "camera", "uplink"),
            ("cameras", "site", "area"),
            ("cameras", "site", "agency"),
            ("monitoring", "plannedwork", "camera"),
            ("maintenance", "ticket", "camera"),
        ):
            asked = f"?app_label={app}&model_name={model}&field_name={field}&term="
            self.expect(f"{reverse('admin:autocomplete')}{asked}", 200, 403)


def _read(answer: Any) -> bytes:
    """The answer's bytes; of a workbook, those of its parts."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return b"".join(packed.read(name) for name in packed.namelist())
    return bytes(body)
