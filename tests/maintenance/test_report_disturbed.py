"""Reports arrive although the mail server, the worker and beat do their worst, with real ones."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as django_settings
from django.utils import timezone

from maintenance.models import MailState, Report, ReportDelivery, ReportSubscription
from maintenance.report.weeks import due_weeks
from monitoring.celery import app
from tests.e2e.program import database_url
from tests.factories import make_camera
from tests.servers import MailServer, forget_connections, redis_server
from tests.supervisor.helpers import Run, free_port, until

pytestmark = pytest.mark.django_db(transaction=True)

SUBSCRIBERS = 24
PATIENCE_S = 120


class Process(Run):
    """A worker or a beat in a hurry, on the tests' database."""

    def __init__(self, name: str, mail_port: int, *command: str) -> None:
        folder = Path(django_settings.DATA_DIR) / name
        folder.mkdir(exist_ok=True)
        super().__init__(
            folder,
            [
                sys.executable,
                *["-m", "celery", "--quiet", "-A", "tests.maintenance.hasty"],
                *command,
            ],
            DATABASE_URL=database_url(),
            REDIS_URL="",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_port}",
        )

    def killed(self) -> None:
        """SIGKILL, to it and its children at once: nobody may tidy up."""
        for pid in [self.pid, *self.family()]:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        self._process.wait(20)


class Worker(Process):
    def __init__(self, mail_port: int, number: int) -> None:
        options = ["--queues", "housekeeping", "--concurrency", "2", "--loglevel", "INFO"]
        options += ["--without-gossip", "--without-mingle", "--hostname", f"w{number}@x"]
        super().__init__(f"worker-{number}", mail_port, "worker", *options)


class Beat(Process):
    def __init__(self, number: int) -> None:
        super().__init__(f"beat-{number}", 1, "beat", "--loglevel", "WARNING")


class Post(MailServer):
    """A mail server that calls when it has taken so many mails, before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[int, Any] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if call := self.calls.pop(len(self.mails), None):
            call()
        return answer


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert django_settings.EMBEDDED_REDIS_SOCKET is not None
    with redis_server(django_settings.EMBEDDED_REDIS_SOCKET.parent) as address:
        monkeypatch.setattr(app.conf, "broker_url", address)
        forget_connections()
        yield
        forget_connections()


def test_each_subscriber_has_one_mail_and_none_is_lost(redis: None) -> None:
    make_camera()
    [week] = due_weeks(timezone.now(), 1)
    for number in range(SUBSCRIBERS):
        ReportSubscription.objects.create(
            email=f"penerima-{number}@example.id",
            active_since=week.due_at - timedelta(days=1),
        )
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    worker = Worker(port, 1)
    try:
        with Beat(1), Beat(2):
            # The worst moment: the server has taken the mail, and the worker dies of it.
            post.calls[5] = worker.killed
            until(lambda: len(post.mails) >= 5, "the first mails", PATIENCE_S)
            until(lambda: worker._process.poll() is not None, "its death")
            with Worker(port, 2), Worker(port, 3):
                until(lambda: len(post.mails) >= 12, "half of the mails", PATIENCE_S)
                controller.stop()  # half-way, with connections open
                until(_somebody_was_refused, "a refused mail", PATIENCE_S)
                controller = Controller(post, hostname="127.0.0.1", port=port)
                controller.start()
                until(_all_sent, "all of the mails", PATIENCE_S)
    finally:
        controller.stop()
        worker.__exit__()

    sent: dict[str, set[str]] = {}
    for mail in post.mails:
        sent.setdefault(mail["To"], set()).add(mail["Message-ID"])
    assert len(sent) == SUBSCRIBERS
    # A mailbox that drops repeats keeps one; there are no more repeats than deaths.
    assert {len(ids) for ids in sent.values()} == {1}
    assert len(post.mails) - SUBSCRIBERS <= 3
    assert Report.objects.count() == 1


def _somebody_was_refused() -> bool:
    return ReportDelivery.objects.exclude(problem="").exists()


def _all_sent() -> bool:
    done = ReportDelivery.objects.filter(state=MailState.SENT).count()
    return done >= SUBSCRIBERS and not ReportDelivery.objects.exclude(state=MailState.SENT).exists()
