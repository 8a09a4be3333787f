"""The Celery application: `celery -A monitoring worker`, `celery -A monitoring beat`."""

import os
import sys
from pathlib import Path
from typing import Any

from celery import Celery
from celery.app.task import Task
from celery.schedules import schedule
from celery.signals import (
    import_modules,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
)
from django.db import close_old_connections

from monitoring import heap, steady

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")
# `manage.py up`, `migrate` and `check` check the settings. Here Django's checks would load every
# admin page into processes that have none: twice the time to start, and 40 MB each.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

app = Celery("monitoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's own would be a new connection to the database for each task, however short.
app.conf.update(CELERY_DB_REUSE_MAX=sys.maxsize)


@setup_logging.connect
def _log_as_django_does(**_: Any) -> None:
    """Keep Celery from replacing the logging that settings.LOGGING set up."""


@task_prerun.connect
@task_postrun.connect
def _keep_the_connection(task: Task, **_: Any) -> None:
    """As web requests do: kept for CONN_MAX_AGE seconds, unless it is broken."""
    if not task.request.is_eager:
        close_old_connections()


@worker_process_init.connect
def _keep_the_heap(**_: Any) -> None:
    heap.keep()


@worker_ready.connect
def _tell_the_supervisor(**_: Any) -> None:
    """Mark that tasks are now taken; monitoring.processes waits for this file."""
    if marker := os.environ.get("WORKER_READY_FILE"):
        Path(marker).touch()


@import_modules.connect(sender=app, weak=False)
def _collect_periodic_tasks(sender: Celery, **_: Any) -> None:
    """Ask every app what it wants to have done regularly: `periodic_tasks` of its AppConfig.

    Each floor declares its own, so that this one need not know the floors above. By the time of
    this signal, Celery has set up Django; at `on_after_configure` it has not.
    """
    from django.apps import apps

    for config in apps.get_app_configs():
        for name, seconds in getattr(config, "periodic_tasks", {}).items():
            # A message older than its period is void: its successor is already queued.
            sender.add_periodic_task(
                schedule(seconds, nowfun=steady.now),
                sender.signature(name),
                name=name,
                expires=max(seconds, 5),
            )
