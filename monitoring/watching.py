"""Watching the watcher: when probing stands still, mail goes out, once; and once when it is back.

Run by a process of its own, because those that have died cannot tell of it. One look:

1. Ask the database whether probing stands still (pulse.py), and begin or end the Standstill row.
2. After `WATCH_MAIL_AFTER_SECONDS`, claim the alarm by a conditional update and send it.
3. When probing is back, claim the all-clear of every standstill that was alarmed, and send it.

Any number of watchers may run: the one whose update changes the row sends. A mail that the
server did not take gives its claim back; a claim whose holder died is free again after a while.
A database that does not answer stops probing as well, and cannot hold a claim: then marks in
DATA_DIR take its place (see AwayMark).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from monitoring import mail, pulse
from monitoring.models import Standstill

log = logging.getLogger(__name__)

# A mail server that has not taken a mail by then has lost it, or we have.
_CLAIM_LASTS = timedelta(minutes=5)


def look(now: datetime | None = None) -> bool:
    """One look, and the mails that follow from it; whether probing goes on."""
    now = now or timezone.now()
    away = AwayMark(settings.DATA_DIR / "run" / "database-away")
    try:
        goes_on = note(now)
        with _files_matter_little():
            away.hand_over(now)
        send_due(now)
    except DatabaseError as problem:
        log.error("The database does not answer: %s", problem)
        connection.close()  # a connection that broke would be broken at the next look, too
        with _files_matter_little():
            away.tell(now)
        return False
    return goes_on


@contextmanager
def _files_matter_little() -> Iterator[None]:
    """Without marks the database's own absence is not mailed about; all else goes on."""
    try:
        yield
    except OSError as problem:
        log.error("What is known of the database's absence cannot be kept: %s", problem)


def note(now: datetime) -> bool:
    """Begin or end the standstill that is running; whether probing goes on."""
    since = pulse.stands_still_since(now)
    running = Standstill.objects.running()
    if since is None:
        for one in running:
            running.filter(pk=one.pk).update(ended_at=max(now, one.began_at))
            log.warning("Probing goes on; it had stood still since %s", one.began_at)
        return True
    if not running.exists():
        try:
            with transaction.atomic():
                Standstill.objects.create(began_at=since)
        except IntegrityError:
            return False  # another watcher has just written the same
        log.error("Nothing has been probed since %s", since)
    return False


def send_due(now: datetime) -> int:
    """Send every mail that is due and that no other watcher is sending; how many were sent."""
    patience = timedelta(seconds=settings.WATCH_MAIL_AFTER_SECONDS)
    alarms = Standstill.objects.running().filter(alarm_sent_at=None, began_at__lte=now - patience)
    clears = Standstill.objects.filter(clear_sent_at=None).exclude(ended_at=None)
    sent = sum(_send(one, "alarm", now) for one in alarms)
    return sent + sum(_send(one, "clear", now) for one in clears.exclude(alarm_sent_at=None))


def _send(one: Standstill, kind: str, now: datetime) -> bool:
    """Claim and send one mail; False when it is somebody else's, or could not be sent."""
    claim, sent = f"{kind}_claimed_at", f"{kind}_sent_at"
    free = Q(**{claim: None}) | Q(**{f"{claim}__lte": now - _CLAIM_LASTS})
    # After a step back of the clock a claim may seem to come from the future.
    free |= Q(**{f"{claim}__gt": now + _CLAIM_LASTS})
    mine = Standstill.objects.filter(free, pk=one.pk, **{sent: None})
    if not mine.update(**{claim: now}):
        return False
    if not _mail(kind, one.began_at, one.ended_at, now):
        Standstill.objects.filter(pk=one.pk, **{claim: now}).update(**{claim: None})
        return False
    Standstill.objects.filter(pk=one.pk).update(**{sent: F(claim)})
    return True


def _mail(kind: str, began: datetime, ended: datetime | None, now: datetime) -> bool:
    """Send one mail to those whom an alarm concerns; whether the mail server took it."""
    if not settings.ALARM_EMAILS:
        log.warning("ALARM_EMAILS names nobody: no mail is sent about the standstill")
        return True
    minutes = round(((ended or now) - began).total_seconds() / 60)
    with translation.override(settings.LANGUAGE_CODE):
        subject = {
            "alarm": _("Cameras are not being probed"),
            "clear": _("Cameras are being probed again"),
        }[kind]
        facts = {"kind": kind, "began": began, "ended": ended, "minutes": minutes}
        body = render_to_string("mail/standstill.txt", facts)
    return mail.send(subject, body, settings.ALARM_EMAILS)


@dataclass(frozen=True)
class AwayMark:
    """The files that remember a database that does not answer: since when, and that mail is out.

    On one machine only the process that makes a file sends: the file system decides.
    """

    file: Path

    def tell(self, now: datetime) -> None:
        """Note the first time, and send the alarm after the usual patience."""
        self._make(self.file, now)
        since = self._read(self.file) or now
        if (now - since).total_seconds() < settings.WATCH_MAIL_AFTER_SECONDS:
            return
        if self._make(self._told, now) and not _mail("alarm", since, None, now):
            self._told.unlink(missing_ok=True)

    def hand_over(self, now: datetime) -> None:
        """The database is back: have it remember the alarm that went out, for the all-clear."""
        since = self._read(self.file)
        if since is None:
            return
        told = self._read(self._told) is not None
        try:
            self.file.unlink()
        except FileNotFoundError:
            return  # another watcher has just done it
        self._told.unlink(missing_ok=True)
        if not told:
            return
        alarmed = {"alarm_claimed_at": now, "alarm_sent_at": now}
        if running := Standstill.objects.running().first():
            Standstill.objects.filter(pk=running.pk, alarm_sent_at=None).update(**alarmed)
        else:
            Standstill.objects.create(began_at=since, ended_at=max(now, since), **alarmed)

    @property
    def _told(self) -> Path:
        return self.file.with_name(f"{self.file.name}-told")

    def _make(self, file: Path, now: datetime) -> bool:
        """Whether it was not there yet. Without room on the disk it is made, and stays empty."""
        file.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            new = file.open("x")
        except FileExistsError:
            return False
        with suppress(OSError), new:
            new.write(now.isoformat())
        return True

    def _read(self, file: Path) -> datetime | None:
        try:
            text, made = file.read_text(), file.stat().st_mtime
        except FileNotFoundError:
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return datetime.fromtimestamp(made, UTC)
