"""What cannot wait: a floodgate's camera is down, or an uplink. Told once, grouped, and not often.

To each address at most one such mail is on its way (a constraint says so), and the next is begun
`URGENT_EVERY_SECONDS` after the last was sent: what happens meanwhile is in it. Incidents that hang
under an outage are told by the outage. Where `APPRISE_URLS` names other ways, they are one more
address, for the whole city.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cameras.models import SiteKind
from maintenance.models import MailState, ReportSubscription, UrgentMail, UrgentMatter
from maintenance.report import channels, keeping, mailing
from maintenance.report.health_figures import tickets_of
from maintenance.report.mailing import Letter
from maintenance.report.rendering import inlined
from maintenance.report.scopes import Scope
from maintenance.report.words import moment, number
from monitoring.language import language_of_address
from monitoring.models import Incident

__all__ = ["CHANNELS", "begin_due", "letter", "send_due", "tend"]

log = logging.getLogger(__name__)

CHANNELS = "apprise"  # no address: it has no @
# An incident is news for so long: who subscribes today is not told of last month's.
_NEWS = timedelta(days=1)


@dataclass(frozen=True)
class Matter:
    """One incident in words."""

    name: str
    code: str
    fault: str
    place: str
    since: str
    taken: str
    ticket: str


def tend(now: datetime | None = None) -> dict[str, int]:
    """Begin and send all that is due now."""
    return {"begun": begin_due(now), "sent": send_due(now)}


def begin_due(now: datetime | None = None) -> int:
    """Begin a mail to every address that something new concerns; how many."""
    now = now or timezone.now()
    running = Incident.objects.alarms(now).running().filter(confirmed_at__gt=now - _NEWS)
    running = running.filter(Q(camera__site__kind=SiteKind.FLOODGATE) | Q(uplink__isnull=False))
    if not running.exists():
        return 0
    return sum(_begin(address, scopes, running, now) for address, scopes in _addressees())


def send_due(now: datetime | None = None) -> int:
    """Send every urgent mail whose turn it is; how many were sent."""
    now = now or timezone.now()
    sent = 0
    away = False
    for mail in mailing.waiting(UrgentMail.objects.all(), now).order_by("pk"):
        if away and mail.address != CHANNELS:
            continue
        if not mailing.claim(mail, now):
            continue
        outcome = mailing.send_claimed(mail, now, partial(_give, mail))
        sent += outcome.sent
        away = away or (outcome.server_is_away and mail.address != CHANNELS)
    return sent


def letter(mail: UrgentMail) -> Letter:
    """What the mail says: all of its matters, floodgates first."""
    language = language_of_address(mail.address)
    with translation.override(language):
        floodgates, uplinks = _matters(mail)
        subject = _subject(floodgates, uplinks)
        context = {
            "floodgates": floodgates,
            "uplinks": uplinks,
            "subject": subject,
            "address": settings.SITE_ADDRESS,
            "language": language,
            "minutes": max(1, round(settings.URGENT_EVERY_SECONDS / 60)),
        }
        text = render_to_string("mail/urgent.txt", context)
        html = inlined(render_to_string("mail/urgent.html", context))
        return Letter(subject, text, html)


def _addressees() -> Iterable[tuple[str, list[Scope]]]:
    """Each address, and what it wants to know of; a person with two subscriptions is one."""
    found: dict[str, list[Scope]] = defaultdict(list)
    wanted = ReportSubscription.objects.active().filter(wants_urgent=True)
    for subscription in wanted.select_related("user", "agency", "area"):
        if subscription.address:
            found[subscription.address.lower()].append(keeping.scope_of(subscription))
    if settings.APPRISE_URLS:
        found[CHANNELS] = [Scope()]
    return found.items()


def _begin(address: str, scopes: list[Scope], running: QuerySet[Incident], now: datetime) -> bool:
    """Begin a mail to one address, unless one is under way, or was sent a short time ago."""
    pause = timedelta(seconds=settings.URGENT_EVERY_SECONDS)
    # Asked for in one question: a mail that is just being marked as sent is one or the other.
    held_up = Q(state=MailState.WAITING) | Q(sent_at__gt=now - pause)
    concerned = Q(pk__in=[])
    for scope in scopes:
        concerned |= Q(pk__in=running.filter(scope.of_incidents()).values("pk"))
    told = UrgentMatter.objects.filter(address=address).values("incident")
    news = running.filter(concerned).exclude(pk__in=told).order_by("pk")
    keys = list(news.values_list("pk", flat=True).distinct())
    if not keys or UrgentMail.objects.filter(held_up, address=address).exists():
        return False
    try:
        with transaction.atomic():
            mail = UrgentMail.objects.create(address=address, created_at=now, next_try_at=now)
            UrgentMatter.objects.bulk_create(
                UrgentMatter(mail=mail, address=address, incident_id=key) for key in keys
            )
    except IntegrityError:
        return False  # another worker has just begun the same
    return True


def _give(mail: UrgentMail) -> None:
    if mail.address == CHANNELS:
        channels.notify(letter(mail))
    else:
        mailing.give_to_server(mail, letter(mail))


def _matters(mail: UrgentMail) -> tuple[list[Matter], list[Matter]]:
    """The floodgates' cameras and the uplinks that the mail tells of."""
    incidents = list(
        Incident.objects.filter(pk__in=mail.matters.values("incident"))
        .select_related("camera__site", "uplink__site")
        .annotate(
            taken=Count("parts", filter=Q(parts__uplink=None)),
            floodgates=Count("parts", filter=Q(parts__camera__site__kind=SiteKind.FLOODGATE)),
        )
        .order_by("began_at", "pk")
    )
    tickets = tickets_of([incident.pk for incident in incidents])
    floodgates: list[Matter] = []
    uplinks: list[Matter] = []
    for incident in incidents:
        site = incident.subject.site
        matter = Matter(
            incident.subject.name,
            incident.subject.code,
            incident.in_words,
            site.name if site else "",
            moment(incident.began_at),
            _taken(incident.taken, incident.floodgates),
            tickets.get(incident.pk, ""),
        )
        (uplinks if incident.uplink_id else floodgates).append(matter)
    return floodgates, uplinks


def _taken(cameras: int, floodgates: int) -> str:
    if not cameras:
        return ""
    words = ngettext("%(cameras)s camera is dark", "%(cameras)s cameras are dark", cameras)
    words = words % {"cameras": number(cameras)}
    if floodgates:
        words += _(", %(floodgates)s of them at floodgates") % {"floodgates": number(floodgates)}
    return words


def _subject(floodgates: list[Matter], uplinks: list[Matter]) -> str:
    both = [*floodgates, *uplinks]
    if len(both) == 1:
        return _("Down: %(name)s") % {"name": both[0].name}
    parts = []
    if floodgates:
        parts.append(_("%(number)s floodgate cameras down") % {"number": number(len(floodgates))})
    if uplinks:
        parts.append(_("%(number)s uplinks down") % {"number": number(len(uplinks))})
    return ", ".join(parts)
