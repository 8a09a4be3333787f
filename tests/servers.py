"""Servers that tests talk to: a Redis and a mail server, real ones, on loopback alone."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from kombu import pools

from monitoring import embedded_redis
from monitoring.celery import app
from tests.supervisor.helpers import free_port, until


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis of its own; gives its address as settings.REDIS_URL has it."""
    program = embedded_redis.server_program()
    assert program is not None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = folder / "redis.sock"
    process = subprocess.Popen(embedded_redis.command(program, at), stdout=subprocess.DEVNULL)
    try:
        until(at.exists, "Redis")
        yield f"redis+socket://{at}"
    finally:
        process.terminate()
        process.wait()


def forget_connections() -> None:
    """Celery keeps connections to whichever broker it was told of first."""
    pools.reset()
    app._pool = app.amqp._producer_pool = None


class MailServer:
    """What it was given; with `refuses` set, it takes nothing."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuses:
            return "451 Come back later"
        content: Any = envelope.content
        self.mails.append(BytesParser(policy=default).parsebytes(content))  # type: ignore[arg-type]
        return "250 OK"


@contextmanager
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server, and Django's settings pointed at it."""
    server = MailServer()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield server
    finally:
        controller.stop()
