"""Who reads no English finds none: every page of the admin is visited, in a city full of rows.

Two readers look at what is visible. One knows words that no Indonesian sentence has. The other
knows every text of every catalogue, ours and others', and finds those that are shown as they are
although they have an Indonesian form. Both are shown English pages first: they must not be blind.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import axes
import polib
import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from cameras.models import Camera, Uplink
from maintenance import comments, demo, repairs, work_orders
from maintenance.models import CommentMention, ReportSubscription, Ticket, UrgentMail, Vendor
from maintenance.photographs import develop
from maintenance.repairs import Part, Work
from maintenance.report import delivery, urgent
from monitoring.models import PlannedWork
from monitoring.signin.models import Preference
from tests import catalogues
from tests.factories import make_user
from tests.maintenance import report_city
from tests.maintenance.repairing import photo
from tests.test_translations import NOT_OURS, Visible, english

pytestmark = pytest.mark.django_db

PASSWORD = "kamera-di-pintu-air-7"
# Rows of each model that are visited; the first and the last differ most.
_ROWS = 2
# Pages that are no pages: files and pictures, answers to scripts, and what only a POST reaches.
_NO_PAGES = re.compile(
    r"\.pdf$|\.jpg$|ocds\.json$|import/template|import/progress|process_import|/files/|/documents/|/probe/"
)
# More words that no Indonesian sentence has, beside those of tests.test_translations.
_COMMON = re.compile(
    r"""\b(
    who | whom | whose | which | where | why | how | acted | action | actions | person | people |
    all | any | some | each | every | both | other | others | another | many | much | few | less |
    least | most | only | just | also | too | very | still | yet | already | again | never |
    always |
    often | now | here | there | today | yesterday | tomorrow | before | after | during | until |
    while | because | however | though | although | but | nor | so | then | into | onto | out |
    over | under | above | below | between | about | against | through | across | behind | beside |
    it's | its | he | she | they | them | their | his | her | we | us | our |
    me | my | been | being | have | has | had | having | do | does | did | done | doing |
    will | would | shall |
    should | could | may | might | must | need | needs | want | wants | like | make | makes | made |
    take | takes | taken | give | given | get | gets | got | goes | went | come | comes | came |
    see | sees | seen | look | looks | find | finds | keep | keeps | kept | let | put | set |
    send | sent | receive | received | read | write | written | wrote | call | called | asked |
    tell | told | say | said | know | known | think | use | used | using | try | tried | help |
    click | choose | chosen | enter | entered | press | type | typed | fill | filled | drag | drop |
    upload | uploaded | download | downloaded | create | created | update | updated | edit |
    edited | apply | applied | clear | cleared | cancel | cancelled | confirm | continue | go |
    back | previous | first | second | third | one | two | three | four | five | ten | hundred |
    left | right | down | top | bottom | big | small | large | long | short | high | low |
    good | bad | better | worse | best | worst | old | older | young | early | late | later | soon |
    same | different | own | free | full | empty | true | false | wrong | missing | unknown |
    invalid | valid | required | optional | allowed | denied | refused | accepted | rejected |
    failed | failure | success | successful | successfully | warning | info | message | messages |
    list | lists | table | tables | row | rows | column | columns | cell | cells | file | files |
    folder | link | links | button | text | title | label | description | comment | comments |
    time | times | hour | hours | minute | minutes | week | weeks | ago | ever | once | twice |
    size | count | counts | sum | average | between | amount | amounts | price | cost | costs |
    money | payment | repair | repairs | vendor's | worker | workers | staff | team | owner |
    place | places | area | areas | city | street | house | gate | gates | road | water | rain |
    night | light | dark | bright | blurred | covered | offline | online |
    sign | signed | log | logged | login | logout | account | accounts | session | expired |
    device | devices | key | keys | code's | factor | recovery | lock | locked | released |
    enabled | disabled | active | inactive | pending | waiting | ready | busy | overdue | due
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Names of things, in their own language.
_PROPER = re.compile(r"FreeOTP|Google Authenticator|OpenStreetMap|WS-Discovery|Single Sign-On")
# Texts that are the same word in both languages, or that somebody typed.
_ALIKE = {"ID", "No", "Model", "Status", "Normal", "Filter", "Total", "Data", "Format", "Material"}


@pytest.fixture
def city() -> Iterator[Client]:
    """The chief, in a city in which everything has happened that can happen."""
    with time_machine.travel(report_city.NOW):
        report_city.build()
        report_city.fail_a_floodgate_now()
        demo.load()
        chief = User.objects.create_superuser("kepala", "kepala@example.id", PASSWORD)
        make_user(username="wati", email="wati@example.id")
        Group.objects.create(name="Petugas")
        _work(chief)
        ReportSubscription.objects.create(user=chief, wants_urgent=True)
        ReportSubscription.objects.create(email="dinas@example.id")
        delivery.tend()
        urgent.tend()
        now = timezone.now()
        PlannedWork.objects.create(
            camera=Camera.objects.first(),
            begins_at=now,
            ends_at=now + report_city._HOUR,
            reason="Galian kabel",
            created_by=chief,
        )
        client = Client()
        client.force_login(chief)
        for _try in range(5):
            Client().post(reverse("admin:login"), {"username": "wati", "password": "salah"})
        for model in (Camera, Uplink):  # something for the histories to tell
            row = model.objects.first()
            address = reverse(f"admin:cameras_{model._meta.model_name}_change", args=[row.pk])
            form = client.get(address).context["adminform"].form
            given = {name: form[name].value() for name in form.fields}
            given = {name: value for name, value in given.items() if value not in (None, False)}
            assert client.post(address, {**given, "name": f"{row.name} baru"}).status_code == 302
        yield client


def _work(chief: User) -> None:
    ticket = Ticket.objects.exclude(camera=None).exclude(state__in=["closed", "cancelled"])[0]
    done = Work("cable", timezone.now(), by_user=chief, labour_rupiah=900_000)
    repairs.enter(
        ticket, done, chief, parts=[Part("Kabel", "UTP-7", 2, 50_000)], photos=[develop(photo())]
    )
    repairs.void(repairs.enter(ticket, done, chief, parts=[], photos=[]), "Salah tiket", chief)
    work_orders.issue([ticket], chief, vendor=Vendor.objects.first(), person="Rudi")
    comments.say(ticket, chief, "Mohon dipantau @wati")


# --- Which pages there are -----------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Every page that the admin has, by its address; and what it is called."""
    found = {"/admin/": "index", "/admin/search/?s=kamera&extended=1": "search"}
    for name in ("admin:password_change", "admin:password_change_done", "second-factor"):
        found[reverse(name)] = name
    for model, model_admin in admin.site._registry.items():
        base = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found[base + "?q=nihil"] = f"{model.__name__}: nothing found"
        found[reverse("admin:app_list", args=[model._meta.app_label])] = "app"
        keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        for pattern in model_admin.get_urls():
            if _NO_PAGES.search(route := str(pattern.pattern)) or not pattern.name:
                continue
            if not pattern.pattern.converters:
                found[base + route] = pattern.name
                continue
            for key in _keys(pattern, keys):
                found[base + re.sub(r"<[^>]+>", str(key), route)] = pattern.name
    return found


def _keys(pattern: URLPattern, own: list[Any]) -> list[Any]:
    """Numbers to put into the address: of the model itself, or of the one that is named."""
    (name,) = pattern.pattern.converters
    others: dict[str, Callable[[], Any]] = {"ticket_id": Ticket.objects.all}
    keys = list(others[name]().values_list("pk", flat=True)) if name in others else own
    return [*keys[:_ROWS], *keys[-_ROWS:]]


# --- The two readers -----------------------------------------------------------------------------


@cache
def known_texts() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text of every catalogue that reads otherwise in Indonesian: whole ones, and those with
    something to fill in."""
    entries = [entry for file in catalogues.ALL for entry in catalogues.read(file)]
    entries += catalogues.django_texts().values()
    own = Path(axes.__file__).parent / "locale/id/LC_MESSAGES/django.po"
    entries += polib.pofile(str(own))
    whole, filled = set(), []
    for entry in entries:
        shown = {entry.msgstr, *entry.msgstr_plural.values()}
        for text in filter(None, (entry.msgid, entry.msgid_plural)):
            text = " ".join(text.split())
            if {text.casefold()} & {each.casefold() for each in shown} or text in _ALIKE:
                continue
            parts = re.split(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}", text)
            if len(parts) == 1:
                whole |= {text, text[:1].upper() + text[1:]}
            elif len(re.findall(r"[A-Za-z]{2,}", " ".join(parts))) > 1:
                filled.append(re.compile(".{1,80}".join(map(re.escape, parts))))
    # An Indonesian text may read like an English one with another meaning ("detail", "map").
    indonesian = {" ".join(each.msgstr.split()).casefold() for each in entries if each.msgstr}
    return {text for text in whole if text.casefold() not in indonesian}, filled


def untranslated(html: str) -> list[str]:
    """The visible texts that stand in a catalogue as what is to be translated."""
    page = Visible()
    page.feed(html)
    whole, filled = known_texts()
    texts = page.found - NOT_OURS
    return sorted(
        text for text in texts if text in whole or any(each.fullmatch(text) for each in filled)
    )


def left_over(html: str) -> list[str]:
    """All that is visible and English, as far as it can be told."""
    page = Visible()
    page.feed(html)
    texts = (
        text
        for text in page.found - NOT_OURS
        # Or what a program would say, as a tuple that nobody took apart.
        if _COMMON.search(_PROPER.sub("", text)) or text.startswith(("('", "<", "None"))
    )
    return [*english(html), *untranslated(html), *texts]


def visited(client: Client, addresses: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each page that opens, and what it shows."""
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (200, 302, 403, 404, 405), address
        if answer.status_code == 200 and not answer.streaming:
            yield address, answer.content.decode()


# --- What they find ------------------------------------------------------------------------------


@pytest.mark.long
def test_every_page_is_in_indonesian(city: Client) -> None:
    found: dict[str, str] = {}  # text → a page that shows it
    count = 0
    for address, html in visited(city, pages()):
        count += 1
        found |= dict.fromkeys(left_over(html), address)
    assert not found, "\n".join(f"{text!r} at {address}" for text, address in found.items())
    assert count > 250  # the crawl has not gone astray


@pytest.mark.long
def test_both_readers_see_what_is_english(city: Client) -> None:
    city.post("/i18n/setlang/", {"language": "en"})
    lists = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"): ""
        for model in admin.site._registry
    }
    for address, html in visited(city, {**lists, "/admin/": "", reverse("second-factor"): ""}):
        assert english(html), address
        assert untranslated(html), address


def test_a_single_forgotten_text_is_found() -> None:
    page = '<main><h1>Kamera</h1><p title="Kosong">Lampiran</p>{}</main>'
    assert left_over(page.format("")) == []
    assert left_over(page.format('<p title="Person who acted">Orang</p>')) == ["Person who acted"]
    assert untranslated(page.format("<b>Recovery codes</b>")) == ["Recovery codes"]
    left = untranslated(page.format("<p>A recovery code was used; 7 are left.</p>"))
    assert left == ["A recovery code was used; 7 are left."]
    assert english(page.format("<p>Nobody was there</p>")) == ["Nobody was there"]


def test_who_is_not_signed_in_reads_indonesian_too(city: Client, settings: Any) -> None:
    stranger = Client(raise_request_exception=False)
    seen = [
        stranger.get("/admin/login/"),
        stranger.get("/admin/nihil/", follow=True),
        stranger.post("/admin/login/", {"username": "", "password": ""}),
        stranger.post("/admin/login/", {"username": "kepala", "password": "salah"}),
        stranger.post("/admin/login/", {"username": "wati", "password": "salah"}),
        stranger.get("/tidak/ada/"),
        stranger.get("/admin/", headers={"host": "lain.example"}),
        Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"}),
    ]
    assert [answer.status_code for answer in seen[4:]] == [429, 404, 400, 403]
    settings.SECOND_FACTOR_REQUIRED_FOR = ["everyone"]
    city.post(reverse("admin:logout"))
    seen.append(city.get("/admin/login/"))
    city.post("/admin/login/", {"username": "kepala", "password": PASSWORD})
    seen.append(city.get("/admin/", follow=True))
    seen.append(city.post(reverse("second-factor"), {"code": "000000"}))
    seen.append(city.post(reverse("admin:logout")))
    for answer in seen:
        html = answer.content.decode()
        assert 'lang="id"' in html
        assert left_over(html) == [], answer.request["PATH_INFO"]


# --- Mails ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("id", "menyebut Anda"), ("en", "mentions you")])
def test_a_mail_is_in_the_language_of_its_reader(city: Client, language: str, words: str) -> None:
    Preference.objects.create(user=User.objects.get(username="wati"), language=language)
    mail.outbox.clear()
    assert comments.send_due() == 1
    assert words in mail.outbox[0].subject
    assert CommentMention.objects.get().sent_at


def test_urgent_mails_know_their_reader_by_the_address(city: Client) -> None:
    letter = UrgentMail.objects.get(address="kepala@example.id")
    assert 'lang="id"' in urgent.letter(letter).html
    Preference.objects.create(user=User.objects.get(username="kepala"), language="en")
    assert 'lang="en"' in urgent.letter(letter).html
    assert "since" in urgent.letter(letter).text
