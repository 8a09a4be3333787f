"""Comments on tickets: said once; whoever is mentioned with @ gets one mail.

The comment and its mentions are written in one transaction; a task sends the mails (`send_due`).
A mail is claimed by a conditional update, sent, then marked as sent: two workers send it once, a
mail server that refuses is asked again after growing pauses, and a claim whose holder died is free
again after a while.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from cameras.reach import narrow, reach_of
from maintenance.models import CommentMention, Ticket, TicketComment
from monitoring import mail
from monitoring.language import language_of

__all__ = ["CommentError", "Said", "mentioned", "say", "send_due"]


LONGEST = 4000  # characters of a comment
_CLAIM_LASTS = timedelta(minutes=5)
_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
_MOST_TRIES = 30  # more than a day
# A name begins a word, so that addresses of mail are no mentions; a full stop behind it ends a
# sentence.
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")


class CommentError(Exception):
    """A comment that is refused; the message says why, in words for people."""


@dataclass(frozen=True)
class Said:
    """A comment, and the names behind @ that could not be told of it."""

    comment: TicketComment
    told: list[User] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    without_address: list[str] = field(default_factory=list)
    beyond_reach: list[str] = field(default_factory=list)


def say(ticket: Ticket, author: User, text: str, key: str | None = None) -> Said:
    """Add a comment; repeated with the same key, it is the one of the first time."""
    text = text.strip()
    if not text:
        raise CommentError(gettext("An empty comment says nothing."))
    if len(text) > LONGEST:
        raise CommentError(
            gettext("A comment has at most %(most)s characters.") % {"most": LONGEST}
        )
    people, unknown = mentioned(text)
    # The mail names the camera and what was said: only whom the ticket is for gets it.
    this = Ticket.objects.filter(pk=ticket.pk)
    beyond = [person for person in people if not narrow(this, reach_of(person)).exists()]
    people = [person for person in people if person not in beyond]
    told = [person for person in people if person.email and person != author]
    without = [person.username for person in people if not person.email]
    now = timezone.now()
    try:
        with transaction.atomic():
            comment = TicketComment.objects.create(
                ticket=ticket, author=author, at=now, text=text, key=key
            )
            CommentMention.objects.bulk_create(
                CommentMention(comment=comment, user=person, due_at=now) for person in told
            )
    except IntegrityError:
        before = TicketComment.objects.filter(key=key).first() if key else None
        if before is None:
            raise
        return Said(before)
    return Said(comment, told, unknown, without, [person.username for person in beyond])


def mentioned(text: str) -> tuple[list[User], list[str]]:
    """The people mentioned, who may work here, and the names that are nobody's."""
    names: dict[str, None] = {}
    for name in _MENTION.findall(text):
        names[name.rstrip(".@+-")] = None
    wanted = [name for name in names if name]
    if not wanted:
        return [], []
    asked = Q()
    for name in wanted:
        asked |= Q(username__iexact=name)
    found = list(User.objects.filter(asked, is_active=True, is_staff=True).order_by("username"))
    known = {person.username.lower() for person in found}
    return found, [name for name in wanted if name.lower() not in known]


def send_due(now: datetime | None = None) -> int:
    """Send the mails of mentions that are due and that nobody else is sending; how many went."""
    now = now or timezone.now()
    waiting = (
        CommentMention.objects.filter(_free(now), sent_at=None, due_at__lte=now)
        .filter(tries__lt=_MOST_TRIES)
        .select_related("comment__ticket__camera", "comment__ticket__uplink")
        .select_related("comment__author", "user")
    )
    return sum(_send(mention, now) for mention in waiting.order_by("pk")[:200])


def _free(now: datetime) -> Q:
    # After a step back of the clock a claim may seem to come from the future.
    return (
        Q(claimed_at=None)
        | Q(claimed_at__lte=now - _CLAIM_LASTS)
        | Q(claimed_at__gt=now + _CLAIM_LASTS)
    )


def _send(mention: CommentMention, now: datetime) -> bool:
    mine = CommentMention.objects.filter(_free(now), pk=mention.pk, sent_at=None)
    if not mine.update(claimed_at=now, tries=F("tries") + 1):
        return False
    row = CommentMention.objects.filter(pk=mention.pk, claimed_at=now)
    if not mention.user.email or not mention.user.is_active:
        row.update(sent_at=now)  # nobody to tell any more
        return False
    if not _mail(mention):
        pause = _PAUSES[min(mention.tries, len(_PAUSES) - 1)]
        row.update(claimed_at=None, due_at=now + pause)
        return False
    row.update(sent_at=now)
    return True


def _mail(mention: CommentMention) -> bool:
    """Send it; whether the mail server took it."""
    comment = mention.comment
    ticket = comment.ticket
    author = comment.author.get_full_name() or comment.author.get_username()
    with translation.override(language_of(mention.user)):
        subject = gettext("%(author)s mentions you in ticket %(ticket)s") % {
            "author": " ".join(author.split()),
            "ticket": ticket.number,
        }
        link = settings.SITE_ADDRESS and settings.SITE_ADDRESS + ticket.get_absolute_url()
        facts = {"author": author, "comment": comment, "ticket": ticket, "link": link}
        body = render_to_string("mail/mention.txt", facts)
    return mail.send(subject, body, [mention.user.email])


def split_mentions(text: str) -> Iterable[tuple[str, bool]]:
    """The text in pieces, each with whether it is a mention; for the page."""
    at = 0
    for match in _MENTION.finditer(text):
        name = match.group().rstrip(".@+-")
        if match.start() > at:
            yield text[at : match.start()], False
        if name:
            yield name, True
        at = match.start() + len(name)
    if at < len(text):
        yield text[at:], False
