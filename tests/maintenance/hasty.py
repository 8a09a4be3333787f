"""Worker and beat in a hurry: `celery -A tests.maintenance.hasty worker`.

The product looks for due reports once a minute, and waits minutes for who does not come back; here
it is seconds. Everything else is the real thing.
"""

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")
django.setup()

from django.apps import apps  # noqa: E402

from maintenance.report import keeping, mailing  # noqa: E402
from monitoring.celery import app  # noqa: E402

__all__ = ["app"]

for config in apps.get_app_configs():
    if config.label == "maintenance":
        config.periodic_tasks = {"maintenance.reports": 1.0}  # type: ignore[attr-defined]
    elif hasattr(config, "periodic_tasks"):
        config.periodic_tasks = {}
mailing.LEASE = timedelta(seconds=3)
mailing._PAUSES_MINUTES = (0.02,)  # type: ignore[assignment]
keeping._LEASE = timedelta(seconds=8)
