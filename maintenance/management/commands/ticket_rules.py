"""`manage.py ticket_rules`: the rules of tickets as docs/tickets.md prints them."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from maintenance.ticket_rules_page import page


class Command(BaseCommand):
    help = "Print the rules of tickets, for docs/tickets.md."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.stdout.write(page(), ending="")
