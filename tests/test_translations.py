"""Nobody who uses this reads English: every text has its Indonesian, also those of others."""

import re
import string
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from cameras.models import Agency, Uplink
from tests import catalogues
from tests.catalogues import ALL, CATALOGUES, SCRIPTS_CATALOGUE, UNFOLD_CATALOGUE, key, read
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
    readings |= {(entry.msgctxt, entry.msgid): texts(entry) for entry in read(UNFOLD_CATALOGUE)}
    for file in CATALOGUES:
        for entry in read(file):
            shown = readings.setdefault((entry.msgctxt, entry.msgid), texts(entry))
            assert texts(entry) == shown, entry.msgid


# --- What others say -----------------------------------------------------------------------------


def test_all_that_unfold_says_is_translated() -> None:
    ours = read(UNFOLD_CATALOGUE)
    from_django = catalogues.django_texts()
    said = catalogues.unfold_texts()
    assert len(said) > 150  # the reader of its files has not gone blind
    missing = {one for one in said if (one[0], one[1]) not in from_django}
    assert missing - {key(entry) for entry in ours} == set()
    known = said | {key(entry) for entry in from_django.values()}
    assert {key(entry) for entry in ours} - known == set()


@pytest.mark.parametrize("part", ["conf", "contrib/contenttypes", "contrib/auth", "contrib/admin"])
def test_all_that_django_says_is_translated(part: str) -> None:
    said = {(entry.msgctxt, entry.msgid) for entry in catalogues.django_catalogue(part, "en")}
    ours = {(entry.msgctxt, entry.msgid) for entry in read(UNFOLD_CATALOGUE)}
    assert said - catalogues.django_texts().keys() - ours == set()


def test_all_that_the_scripts_of_the_admin_say_is_translated() -> None:
    django = catalogues.django_catalogue("contrib/admin", "id", "djangojs")
    translated = {entry.msgid for entry in django if entry.translated()}
    said = {e.msgid for e in catalogues.django_catalogue("contrib/admin", "en", "djangojs")}
    assert said | catalogues.unfold_script_texts() <= translated
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
    forbidden | found | server | error
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


def admin_pages() -> list[str]:
    """The address of every page there is for every model."""
    pages = ["/admin/", reverse("admin:password_change"), "/admin/search/?s=kamera&extended=1"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
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


@pytest.mark.django_db
def test_no_page_of_the_admin_shows_english(chief: Client) -> None:
    agency = Agency.objects.create(code="SATPOL-PP", name="Satpol PP")
    Uplink.objects.create(code="NVR-1", name="NVR 1", kind="nvr")
    Group.objects.create(name="Petugas")
    break_camera(agency=agency)
    ticket = mend(break_camera())
    addresses = [*admin_pages(), reverse("admin:maintenance_ticket_verify", args=[ticket.pk])]
    addresses.append(reverse("admin:auth_user_password_change", args=[User.objects.get().pk]))
    found = {
        address: left
        for address in addresses
        if (left := english(chief.get(address).content.decode()))
    }
    assert found == {}


@pytest.mark.django_db
def test_no_refused_form_answers_in_english(chief: Client) -> None:
    forms = [
        reverse(f"admin:{name}_add")
        for name in ("cameras_camera", "cameras_site", "auth_user", "auth_group")
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
    monkeypatch.setattr("monitoring.dashboard.counts", lambda: 1 / 0)
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
