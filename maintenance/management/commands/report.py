"""`manage.py report`: the weekly report of any week, sent to somebody, or only looked at."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cameras.models import Agency, Area
from maintenance.models import MailState
from maintenance.report import delivery, keeping
from maintenance.report.mailing import Letter
from maintenance.report.pages import with_pictures_inside
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week


class Command(BaseCommand):
    help = gettext_lazy(  # type: ignore[assignment]
        "Send the report of a week to an address, or look at it: --dry-run --save FILE. Without "
        "any option: send all subscriptions what is due to them now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", help=_("as 2026-W47; the last whole week unless given"))
        parser.add_argument("--to", action="append", default=[], help=_("address; also several"))
        parser.add_argument("--agency", help=_("code of an agency: only its cameras"))
        parser.add_argument("--area", help=_("code of an area: only its cameras"))
        parser.add_argument("--dry-run", action="store_true", help=_("send nothing"))
        parser.add_argument(
            "--save", type=Path, help=_("write it to a file: .html, .txt, .xlsx or .pdf")
        )

    def handle(self, *args: Any, **given: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            self._handle(given)

    def _handle(self, given: dict[str, Any]) -> None:
        if not any(given[name] for name in ("week", "to", "agency", "area", "dry_run", "save")):
            found = delivery.tend()
            self.stdout.write(_("%(opened)s due, %(sent)s sent.") % found)
            return
        week, scope = _week(given["week"]), _scope(given["agency"], given["area"])
        for address in given["to"]:
            try:
                validate_email(address)
            except ValidationError:
                raise CommandError(
                    _("“%(address)s” is no e-mail address.") % {"address": address}
                ) from None
        if given["dry_run"] or not given["to"]:
            letter = keeping.preview(week, scope)
        else:
            letter = self._send(week, scope, given["to"])
        if given["save"]:
            given["save"].write_bytes(_as_file(letter, given["save"].suffix.lower()))
            self.stdout.write(str(given["save"]))
        elif not given["to"]:
            self.stdout.write(letter.text)

    def _send(self, week: Week, scope: Scope, addresses: list[str]) -> Letter:
        if week.due_at > timezone.now() and week.end > timezone.now():
            raise CommandError(
                _("Week %(week)s is not over: it can be looked at by --dry-run, not sent.")
                % {"week": week}
            )
        report = keeping.report_of(week, scope)
        if not keeping.make(report):
            raise CommandError(_("Somebody else is making this report: try again in a minute."))
        failed = False
        for address in addresses:
            sent = delivery.send_by_hand(report, address, None)
            self.stdout.write(f"{address}: {sent.get_state_display()} {sent.problem}".rstrip())
            failed |= sent.state != MailState.SENT
        if failed:
            raise CommandError(_("Not all were sent; the program tries again by itself."))
        return keeping.letter_of(report)


def _week(written: str | None) -> Week:
    if not written:
        return Week.of(timezone.localdate()).previous
    try:
        return Week.parse(written)
    except ValueError as problem:
        raise CommandError(str(problem)) from None


def _scope(agency: str | None, area: str | None) -> Scope:
    if agency and area:
        raise CommandError(_("Choose an agency or an area, not both."))
    try:
        if agency:
            return Scope(agency=Agency.objects.get(code=agency))
        return Scope(area=Area.objects.get(code=area)) if area else Scope()
    except (Agency.DoesNotExist, Area.DoesNotExist):
        code = agency or area
        raise CommandError(_("There is no “%(code)s”.") % {"code": code}) from None


def _as_file(letter: Letter, ending: str) -> bytes:
    if ending in (".xlsx", ".pdf"):
        return next(each.content for each in letter.attachments if each.name.endswith(ending))
    if ending == ".txt":
        return letter.text.encode()
    if ending == ".html":
        return with_pictures_inside(letter).encode()
    raise CommandError(_("A file ends in .html, .txt, .xlsx or .pdf."))
