"""Comments: said once; who is mentioned gets one mail, however often the mail server refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from maintenance import comments
from maintenance.comments import CommentError, say, send_due, split_mentions
from maintenance.models import CommentMention, TicketComment
from maintenance.tasks import mail_mentions
from tests.concurrency import at_once
from tests.factories import make_user
from tests.maintenance.repairing import make_ticket
from tests.servers import mail_server

pytestmark = pytest.mark.django_db


def person(name: str, **fields: Any) -> Any:
    return make_user(username=name, **{"email": f"{name}@example.id", **fields})


def test_who_is_mentioned_gets_one_mail_with_the_words_and_the_ticket(settings: Any) -> None:
    settings.SITE_ADDRESS = "https://kamera.example.id"
    ticket, siti = make_ticket(), person("siti", first_name="Siti", last_name="Rahma")
    person("budi.s")
    said = say(ticket, siti, "Tolong cek, @budi.s. Kabel < 2 m & basah.")
    assert [one.username for one in said.told] == ["budi.s"]
    with mail_server(settings) as server:
        assert mail_mentions() == 1
        assert mail_mentions() == 0
    (mail,) = server.mails
    text = mail.get_content()
    assert mail["To"] == "budi.s@example.id"
    assert mail["Subject"] == f"Siti Rahma menyebut Anda dalam tiket {ticket.number}"
    assert "Kabel < 2 m & basah." in text
    assert f"https://kamera.example.id{ticket.get_absolute_url()}" in text


def test_a_mail_server_that_refuses_is_asked_again_later(settings: Any) -> None:
    person("budi")
    say(make_ticket(), person("siti"), "@budi")
    now = timezone.now()
    with mail_server(settings) as server:
        server.refuses = True
        assert send_due(now) == 0
        assert send_due(now) == 0  # not at once
        server.refuses = False
        assert send_due(now + timedelta(seconds=59)) == 0
        assert send_due(now + timedelta(seconds=61)) == 1
        assert send_due(now + timedelta(days=1)) == 0
        assert len(server.mails) == 1
    assert CommentMention.objects.get().tries == 2


def test_a_mail_server_that_is_away_loses_nothing(settings: Any) -> None:
    person("budi")
    say(make_ticket(), person("siti"), "@budi")
    with mail_server(settings):
        port = settings.EMAIL_PORT
    settings.EMAIL_PORT = port  # nobody listens there any more
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert send_due() == 0
    with mail_server(settings) as server:
        assert send_due(timezone.now() + timedelta(minutes=2)) == 1
        assert len(server.mails) == 1


def test_a_claim_whose_holder_died_is_free_again_after_a_while(settings: Any) -> None:
    person("budi")
    say(make_ticket(), person("siti"), "@budi")
    now = timezone.now()
    CommentMention.objects.update(claimed_at=now)
    with mail_server(settings) as server:
        assert send_due(now + timedelta(minutes=1)) == 0
        assert send_due(now + timedelta(minutes=6)) == 1
        assert len(server.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(settings: Any) -> None:
    people = [person(name) for name in ("budi", "wati", "joko")]
    say(make_ticket(), person("siti"), " ".join(f"@{one.username}" for one in people))
    now = timezone.now()
    with mail_server(settings) as server:
        sent = at_once(lambda: send_due(now), lambda: send_due(now))
        assert sum(sent) == len(server.mails) == 3
        assert {mail["To"] for mail in server.mails} == {one.email for one in people}


def test_a_comment_that_is_sent_twice_is_said_once() -> None:
    ticket, siti = make_ticket(), person("siti")
    person("budi")
    first = say(ticket, siti, "@budi cek", key="a")
    assert say(ticket, siti, "@budi cek", key="a").comment == first.comment
    assert CommentMention.objects.count() == TicketComment.objects.count() == 1


def test_only_people_who_work_here_and_have_an_address_are_told() -> None:
    ticket, siti = make_ticket(), person("siti")
    person("tanpa", email="")
    person("keluar", is_active=False)
    person("tamu", is_staff=False)
    person("Budi")
    said = say(ticket, siti, "@budi @BUDI @siti @tanpa @keluar @tamu @hantu budi@example.id")
    assert [one.username for one in said.told] == ["Budi"]
    assert said.without_address == ["tanpa"]
    assert said.unknown == ["keluar", "tamu", "hantu"]


def test_a_comment_says_something_and_not_too_much() -> None:
    ticket, siti = make_ticket(), person("siti")
    for text in ("  \n ", "x" * (comments.LONGEST + 1)):
        with pytest.raises(CommentError):
            say(ticket, siti, text)
    said = say(ticket, siti, "cek")
    with pytest.raises(TypeError):
        said.comment.save()


def test_mentions_are_told_from_the_words_around_them() -> None:
    pieces = list(split_mentions("Halo @budi.s, cek a@b.id. @"))
    assert pieces == [("Halo ", False), ("@budi.s", True), (", cek a@b.id. @", False)]
