"""Django and its database, made ready in a benchmark's process."""

import os
import shutil
import sys

import django
from django.core.management import call_command


def need(program: str) -> None:
    """End at once, and say why, when what this is compared with is not on this machine."""
    if shutil.which(program) is None:
        sys.exit(f"{program} is not installed: `apt install {program}`, then measure again.")


def prepare(**environment: str) -> None:
    """Set up Django with these settings, and an empty database with all its tables."""
    os.environ.update(environment)
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
