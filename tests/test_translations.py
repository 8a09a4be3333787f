"""Nobody who uses this reads English: every text has its Indonesian, also those of others."""

import re
import string
from collections.abc import Iterable
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polib
import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ExportMixin

from cameras.models import Agency, Uplink
from maintenance import demo, ledger
from maintenance.models import (
    BudgetLine,
    FiscalYear,
    Holiday,
    LedgerEntry,
    Method,
    MethodRule,
    Package,
    RuleSet,
    StageDocument,
    StageTemplate,
    StageTemplateItem,
    Ticket,
)
from tests import catalogues
from tests.catalogues import ALL, BORROWED_CATALOGUE, CATALOGUES, SCRIPTS_CATALOGUE, key, read
from tests.factories import paper
from tests.maintenance.packages import stage
from tests.test_admin import break_camera, mend

each_catalogue = pytest.mark.parametrize(
    "file", ALL, ids=lambda file: f"{file.parts[-5]}/{file.name}"
)


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str, flags: list[str]) -> list[str]:
    if "python-brace-format" in flags:
        return sorted(name for _text, name, _spec, _conv in string.Formatter().parse(text) if name)
    found = re.findall(r"%\(\w+\)[a-z]|%[sd]", text)
    return sorted(found + re.findall(r"\{\w*\}", text))


# --- The catalogues ------------------------------------------------------------------------------


@each_catalogue
def test_a_catalogue_is_complete_and_holds_nothing_else(file: Path) -> None:
    catalogue = read(file)
    assert len(catalogue) > 0
    assert [entry.msgid for entry in catalogue if not all(texts(entry))] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


@each_catalogue
def test_a_translation_has_the_placeholders_of_its_text(file: Path) -> None:
    for entry in read(file):
        for text in texts(entry):
            # A singular may leave its number out; the plural never does.
            original = entry.msgid_plural or entry.msgid
            assert placeholders(text, entry.flags) == placeholders(original, entry.flags), text


@each_catalogue
def test_a_compiled_catalogue_is_that_of_its_source(file: Path) -> None:
    def content(catalogue: polib.POFile | polib.MOFile) -> dict[object, list[str]]:
        return {key(entry): texts(entry) for entry in catalogue}

    compiled = polib.mofile(str(file.with_suffix(".mo")))
    assert content(compiled) == content(read(file))
    assert compiled.metadata == read(file).metadata


@each_catalogue
def test_a_catalogue_names_no_person_and_no_date(file: Path) -> None:
    metadata = read(file).metadata
    assert metadata["Language"] == "id"
    assert not {"Last-Translator", "POT-Creation-Date", "PO-Revision-Date"} & set(metadata)


def test_a_text_reads_the_same_wherever_it_is_used() -> None:
    # Django looks a text up in all catalogues together: of two translations, one never shows.
    readings = {
        (entry.msgctxt, entry.msgid): texts(entry) for entry in catalogues.django_texts().values()
    }
    readings |= {(entry.msgctxt, entry.msgid): texts(entry) for entry in read(BORROWED_CATALOGUE)}
    for file in CATALOGUES:
        for entry in read(file):
            shown = readings.setdefault((entry.msgctxt, entry.msgid), texts(entry))
            assert texts(entry) == shown, entry.msgid


# --- What others say -----------------------------------------------------------------------------


def test_all_that_borrowed_packages_say_is_translated() -> None:
    ours = read(BORROWED_CATALOGUE)
    from_django = catalogues.django_texts()
    said = catalogues.borrowed_texts()
    assert len(said) > 150  # the reader of its files has not gone blind
    missing = {one for one in said if (one[0], one[1]) not in from_django}
    assert missing - {key(entry) for entry in ours} == set()
    known = said | {key(entry) for entry in from_django.values()}
    assert {key(entry) for entry in ours} - known == set()


@pytest.mark.parametrize("part", ["conf", "contrib/contenttypes", "contrib/auth", "contrib/admin"])
def test_all_that_django_says_is_translated(part: str) -> None:
    said = {(entry.msgctxt, entry.msgid) for entry in catalogues.django_catalogue(part, "en")}
    ours = {(entry.msgctxt, entry.msgid) for entry in read(BORROWED_CATALOGUE)}
    assert said - catalogues.django_texts().keys() - ours == set()


def test_all_that_the_scripts_of_the_admin_say_is_translated() -> None:
    django = catalogues.django_catalogue("contrib/admin", "id", "djangojs")
    translated = {entry.msgid for entry in django if entry.translated()}
    said = {e.msgid for e in catalogues.django_catalogue("contrib/admin", "en", "djangojs")}
    assert said | catalogues.borrowed_script_texts() <= translated
    # Ours only mends; what Django drops has to go here, too.
    assert {key(entry) for entry in read(SCRIPTS_CATALOGUE)} <= {key(entry) for entry in django}


def test_the_scripts_are_given_our_words(client: Client) -> None:
    assert "Cabut semua %s" in client.get(reverse("admin:jsi18n")).content.decode()


# --- What is seen --------------------------------------------------------------------------------

# Words that no Indonesian sentence has.
ENGLISH = re.compile(
    r"""\b(
    the | and | or | is | are | was | were | not | with | without | this | that | these |
    those | of | from | you | your | yes | none | add | added | change | changed | delete |
    deleted | view | save | saved | select | selected | search | show | remove | user | users
    | password | name | names | group | groups | permission | permissions | camera | cameras |
    incident | incidents | ticket | tickets | site | sites | agency | agencies | uplink |
    uplinks | healthy | faulty | black | frozen | picture | pictures | snapshot | snapshots |
    probe | probed | probes | verdict | reason | since | began | ended | confirmed | next |
    last | latest | history | home | page | more | new | open | opened | closed | close |
    recovered | monitored | unmonitored | running | suspected | measurements | width | height
    | detail | kind | code | address | importance | vendor | brand | notes | state | fault |
    health | span | spans | record | records | object | objects | can | please | required |
    forbidden | found | error | if | what | when | than | by | at | for | as | it
    | package | packages | stage | stages | round | method | rule | rules | contract | work |
    works | late | paid | planned | failed | fits | budget | line | lines | ledger | entry |
    entries | ceiling | reserved | committed | realised | available | absorption | amount |
    document | number | year | month | day | days | date | holiday | holidays | value |
    quantity | start | started | end | import | export | submit | field | fields
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# The name of a language is in that language.
NOT_OURS = {"English"}


class Visible(HTMLParser):
    """Collects what a person sees or is read to, unless it is marked as English."""

    VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
    ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "data-label")

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._hidden: list[bool] = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        icon = "material-symbols-outlined" in (given.get("class") or "")
        hidden = tag in ("script", "style") or icon or given.get("lang") == "en"
        if tag not in self.VOID:
            self._hidden.append(self._hidden[-1] or hidden)
        names = [
            *self.ATTRIBUTES,
            *(["value"] if given.get("type") in ("submit", "button") else []),
        ]
        self.found.update(text for name in names if (text := given.get(name)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and len(self._hidden) > 1:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden[-1] and data.strip():
            self.found.add(" ".join(data.split()))


def english(html: str) -> list[str]:
    """The visible texts that hold an English word."""
    page = Visible()
    page.feed(html)
    return sorted(text for text in page.found - NOT_OURS if ENGLISH.search(text))


def admin_pages(app: str = "") -> list[str]:
    """The address of every page there is for every model, or for every model of one app."""
    pages = ["/admin/", reverse("admin:password_change"), "/admin/search/?s=kamera&extended=1"]
    pages += [reverse(f"admin:maintenance_package_{name}") for name in ("board", "what_if")]
    for model, model_admin in admin.site._registry.items():
        if app not in ("", model._meta.app_label):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if isinstance(model_admin, ExportMixin):
            pages.append(reverse(f"{name}_export"))
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_changelist") + "?q=nihil"]
        pages += [reverse("admin:app_list", args=[model._meta.app_label]), reverse(f"{name}_add")]
        for row in model._default_manager.all()[:3]:
            for page in ("change", "delete", "history"):
                pages.append(reverse(f"{name}_{page}", args=[row.pk]))
    return pages


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def test_the_reader_of_pages_finds_english() -> None:
    page = '<p lang="en">the route</p><i class="material-symbols-outlined">home</i>'
    page += '<a title="Add">Ya</a><img alt="Bold"><b>The end</b><script>the</script>'
    assert english(page) == ["Add", "The end"]


def spoken(client: Client, addresses: Iterable[str]) -> dict[str, list[str]]:
    """The English that these pages show, and the dialogs that their buttons open."""
    found = {}
    waiting, seen = list(addresses), set[str]()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        html = client.get(address).content.decode()
        if left := english(html):
            found[address] = left
        waiting += {unescape(each) for each in re.findall('hx-get="([^"]+)"', html)} - seen
    return found


@pytest.mark.long
@pytest.mark.django_db
def test_no_page_of_the_admin_shows_english(chief: Client) -> None:
    agency = Agency.objects.create(code="SATPOL-PP", name="Satpol PP")
    Uplink.objects.create(code="NVR-1", name="NVR 1", kind="nvr")
    Group.objects.create(name="Petugas")
    break_camera(agency=agency)
    ticket = mend(break_camera())
    addresses = [*admin_pages(), reverse("admin:maintenance_ticket_verify", args=[ticket.pk])]
    addresses.append(reverse("admin:auth_user_password_change", args=[User.objects.get().pk]))
    assert spoken(chief, addresses) == {}


@pytest.mark.long
@pytest.mark.django_db
@time_machine.travel("2026-10-25 10:00+07:00")
def test_no_page_of_budget_and_procurement_shows_english(client: Client) -> None:
    client.force_login(User.objects.create_superuser("kepala"))
    break_camera()
    demo.load()
    package = Package.objects.get(code="CCTV-2026-01")
    assert package.links.exists() and package.rounds.count() == 2
    contract = ledger.commit(package.line, 1_000_000, paper(), User.objects.get(), reason="Uji")
    ledger.reverse(contract, None, reason="Salah")
    ledger.commit(package.line, 2_000_000, paper(ends_on=date(2027, 1, 20)), None)
    StageDocument.objects.create(
        stage=stage(package, "rup"), name="KAK.pdf", size_bytes=9, uploaded_at=timezone.now()
    )
    rows: list[Any] = [*Package.objects.all(), *LedgerEntry.objects.all()]
    rows += [*BudgetLine.objects.all(), *FiscalYear.objects.all(), stage(package, "rup")]
    addresses = [
        *admin_pages("maintenance"),
        *(
            reverse(f"admin:maintenance_{row._meta.model_name}_change", args=[row.pk])
            for row in rows
        ),
    ]
    simulation = reverse("admin:maintenance_package_what_if") + "?work_days=60&kind=services"
    for start, value in (
        ("2013-09-16", "750 juta"),
        ("2026-10-26", "80 juta"),
        ("1999-01-04", "5"),
    ):
        for method in Method.values:
            asked = f"&method={method}&start={start}&value_rupiah={value}"
            addresses.append(simulation + asked)
    assert spoken(client, addresses) == {}
    chosen = {"action": "put_into_package", "_selected_action": [Ticket.objects.first().pk]}
    answer = client.post(reverse("admin:maintenance_ticket_changelist"), chosen)
    assert english(answer.content.decode()) == []


@pytest.mark.django_db
def test_what_a_stage_is_called_and_where_it_is_written_is_indonesian() -> None:
    said = [
        *StageTemplateItem.objects.values_list("name", "note"),
        *StageTemplate.objects.values_list("name", "note"),
        *MethodRule.objects.values_list("note"),
        *RuleSet.objects.values_list("name", "citation", "note"),
        *Holiday.objects.values_list("name", "decree"),
    ]
    months = re.compile("January|February|March|May|June|July|August|October|December")
    found = {text for row in said for text in row if ENGLISH.search(text) or months.search(text)}
    assert found == set()


@pytest.mark.django_db
def test_no_refused_form_answers_in_english(chief: Client) -> None:
    forms = [
        reverse(f"admin:{name}_add")
        for name in (
            "cameras_camera",
            "cameras_site",
            "auth_user",
            "auth_group",
            "maintenance_budgetline",
            "maintenance_package",
            "maintenance_ruleset",
        )
    ]
    for address in [*forms, reverse("admin:password_change")]:
        assert english(chief.post(address, {}).content.decode()) == [], address
    chief.logout()
    answer = chief.post("/admin/login/", {"username": "kepala", "password": "salah"})
    assert english(answer.content.decode()) == []


@pytest.mark.django_db
def test_errors_are_explained_in_indonesian(chief: Client) -> None:
    chief.raise_request_exception = False
    for address, status in (
        ("/admin/nihil/", 404),
        (reverse("admin:monitoring_incident_add"), 403),
    ):
        answer = chief.get(address)
        assert answer.status_code == status
        assert 'lang="id"' in answer.content.decode()
    answer = chief.get("/admin/", headers={"host": "lain.example"})
    assert answer.status_code == 400
    assert "ALLOWED_HOSTS" in answer.content.decode()


@pytest.mark.django_db
def test_an_error_of_ours_is_explained_in_indonesian(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.dashboard.cameras_now", lambda: 1 / 0)
    chief.raise_request_exception = False
    answer = chief.get("/admin/")
    assert answer.status_code == 500
    assert "Terjadi kesalahan" in answer.content.decode()


@pytest.mark.django_db
def test_the_commands_speak_indonesian() -> None:
    with pytest.raises(CommandError, match="Tidak ada kamera dengan kode"):
        call_command("probe", "nihil")
    with pytest.raises(CommandError, match="Alamat harus diawali rtsp://"):
        call_command("probe", "ftp://10.1.2.3/")
    with pytest.raises(CommandError, match=r"Katalog .* tidak dapat dibaca"):
        call_command("load_demo", catalogue=Path("nihil.json"))
