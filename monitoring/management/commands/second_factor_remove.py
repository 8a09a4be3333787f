"""`manage.py second_factor_remove NAME`: for the administrator whose telephone is lost."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from monitoring.signin import second_factor


class Command(BaseCommand):
    """Needs the server itself: what nobody can do from the pages any more."""

    help = "Take away the second factor of a user whose telephone and recovery codes are lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done, in the city's language."""
        with translation.override("id"):
            user = User.objects.filter(username=options["username"]).first()
            if user is None:
                words = _("There is no user “%(name)s”.")
                raise CommandError(words % {"name": options["username"]})
            if second_factor.remove(user):
                words = _("%(name)s signs in by password alone until a new one is set up.")
            else:
                words = _("%(name)s has no second factor.")
            self.stdout.write(words % {"name": user})
