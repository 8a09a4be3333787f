"""What the queue holds, asked of Redis through Celery's own settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.exceptions import OperationalError

from monitoring.celery import app

__all__ = ["OperationalError", "queue_lengths"]

# A page that asks must not hang on a Redis that does not answer.
_ANSWER_WITHIN_S = 2
# Kombu keeps under this name which queues there are.
_BINDING = "_kombu.binding."
_OWN = {"celeryev", "pidbox", "reply.celery.pidbox"}  # Celery's talk among workers


def queue_lengths() -> dict[str, int]:
    """Messages that no worker has taken yet, by queue. Raises OperationalError."""
    with _redis() as client:
        keys = client.scan_iter(match=f"{_BINDING}*", count=1000)
        names = sorted({key.decode().removeprefix(_BINDING) for key in keys} - _OWN)
        names = [name for name in names if "pidbox" not in name]
        return {name: int(client.llen(name)) for name in names}


@contextmanager
def _redis() -> Iterator[Any]:
    patience = {"socket_timeout": _ANSWER_WITHIN_S, "socket_connect_timeout": _ANSWER_WITHIN_S}
    options = {**app.conf.broker_transport_options, **patience}
    with app.connection_for_read(transport_options=options) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)
            channel: Any = connection.default_channel  # a Redis channel; the stub knows no kinds
            yield channel.client
        except connection.connection_errors + connection.channel_errors as problem:
            raise OperationalError(str(problem)) from problem
