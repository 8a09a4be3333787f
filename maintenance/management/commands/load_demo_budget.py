"""`manage.py load_demo_budget`: a budget line of Rp 750.000.000 with packages of this year, and the
case of October 2013. Run again, it adds only what is missing.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from maintenance import demo


class Command(BaseCommand):
    help = "Add the demo's budget and procurement: this year's, and those of October 2013."

    def handle(self, *args: Any, **options: Any) -> None:
        added = demo.load()
        if options["verbosity"]:
            self.stdout.write(_("Demo packages added: %(number)s.") % {"number": added})
