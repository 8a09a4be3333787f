"""Sending a mail once: claims, back-off, and the mail as it goes to the server.

A mail is claimed by a conditional update, given to the server, and marked as sent. Whoever dies
in between lets the claim grow old; the next one sends the mail once more, with the same
Message-ID. That happens to a mail that the server had accepted only when the sender dies in the
moment between its answer and our record.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage as Message
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from maintenance.models import MailState, Outgoing

__all__ = ["Attachment", "Letter", "Outcome", "claim", "message_id", "send_claimed", "waiting"]

log = logging.getLogger(__name__)

# A mail server that has not taken a mail by then has lost it, or we have.
LEASE = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)
_PAUSES_MINUTES = (1, 2, 5, 10, 20, 40, 60, 120, 240)

# What the server says of this one mail; everything else is said of all of them.
_ABOUT_THIS_ONE = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


@dataclass(frozen=True)
class Attachment:
    """A file of a mail; one with a `content_id` is a picture in its text."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Letter:
    """What a mail says, whoever gets it."""

    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`sent`: the server has taken it. `server_is_away`: it would take no other one either."""

    sent: bool
    server_is_away: bool = False


def waiting(mails: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Those whose turn it is, and that nobody is sending."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - LEASE)
    # After a step back of the clock a claim may seem to come from the future.
    free |= Q(claimed_at__gt=now + LEASE)
    return mails.filter(free, state=MailState.WAITING, next_try_at__lte=now)


def claim(mail: Outgoing, now: datetime) -> bool:
    """Take the mail for oneself; False when somebody else has it, or has sent it."""
    mails = type(mail)._default_manager.filter(pk=mail.pk)
    return bool(waiting(mails, now).update(claimed_at=now, attempts=F("attempts") + 1))


def send_claimed(mail: Outgoing, now: datetime, deed: Callable[[], None]) -> Outcome:
    """Do the sending of a mail that the caller has claimed, and note what came of it."""
    mine = type(mail)._default_manager.filter(pk=mail.pk)
    try:
        deed()
    except Exception as problem:
        if not isinstance(problem, OSError):  # SMTPException is one
            log.exception("The mail to %s could not be made", mail.address)
        _note_failure(mail, now, problem)
        away = isinstance(problem, OSError) and not isinstance(problem, _ABOUT_THIS_ONE)
        return Outcome(sent=False, server_is_away=away)
    mine.update(state=MailState.SENT, sent_at=timezone.now(), claimed_at=None, problem="")
    log.info("Mail sent to %s", mail.address)
    return Outcome(sent=True)


def give_to_server(mail: Outgoing, letter: Letter) -> None:
    """Send the letter to the mail's address. Raises OSError when the server does not take it."""
    _Mail(letter, mail).send()


def message_id(mail: Outgoing) -> str:
    """The same at every try."""
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.rpartition("@")[2] or "localhost"
    return f"<{mail._meta.model_name}.{mail.key}@{domain}>"


def _note_failure(mail: Outgoing, now: datetime, problem: Exception) -> None:
    mine = type(mail)._default_manager.filter(pk=mail.pk, state=MailState.WAITING)
    pause = _PAUSES_MINUTES[min(mail.attempts, len(_PAUSES_MINUTES) - 1)]
    given_up = now - mail.created_at > GIVE_UP_AFTER
    words = f"{type(problem).__name__}: {problem}"[:500]
    log.error("The mail to %s was not taken: %s", mail.address, words)
    mine.update(
        state=MailState.GIVEN_UP if given_up else MailState.WAITING,
        next_try_at=now + timedelta(minutes=pause),
        claimed_at=None,
        problem=words,
    )


class _Mime(Message):
    """A message as Django's backends ask for it, with the line ends that they want."""

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        return super().as_bytes(unixfrom, policy or self.policy.clone(linesep=linesep))


class _Mail(EmailMessage):
    """The letter: text and HTML as alternatives, its pictures beside the HTML, then the files."""

    def __init__(self, letter: Letter, mail: Outgoing) -> None:
        super().__init__(letter.subject, letter.text, to=[mail.address])
        self._letter, self._mail = letter, mail

    def message(self, **_: Any) -> Any:
        letter, mime = self._letter, _Mime(policy=SMTP)
        mime["Subject"] = letter.subject
        mime["From"] = self.from_email
        mime["To"] = self._mail.address
        mime["Date"] = format_datetime(timezone.localtime(self._mail.created_at))
        mime["Message-ID"] = message_id(self._mail)
        # Automatic answers, as of those on leave, are not wanted.
        mime["Auto-Submitted"] = "auto-generated"
        mime.set_content(letter.text)
        if letter.html:
            mime.add_alternative(letter.html, subtype="html")
            page: Any = mime.get_payload()[1]  # type: ignore[index]
            for each in letter.attachments:
                if each.content_id:
                    page.add_related(
                        each.content,
                        *each.content_type.split("/"),
                        cid=f"<{each.content_id}>",
                        filename=each.name,
                        disposition="inline",
                    )
        for each in letter.attachments:
            if not each.content_id:
                kind = each.content_type.split("/")
                mime.add_attachment(each.content, *kind, filename=each.name)
        return mime
