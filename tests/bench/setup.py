"""Django and its database, made ready in a benchmark's process."""

import os

import django
from django.core.management import call_command


def prepare(**environment: str) -> None:
    """Set up Django with these settings, and an empty database with all its tables."""
    os.environ.update(environment)
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
