"""`manage.py up`: the whole program on one machine, by one command."""

import asyncio
import contextlib
import os
import secrets
import string
import sys
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring import embedded_redis, processes, staticstamp
from monitoring.child import Process
from monitoring.processes import Address
from monitoring.supervisor import RunningAlready, Supervisor, only_one

_REFUSED = 2  # exit status: nothing was started and nothing was changed
_PASSWORD_LENGTH = 16


class Command(BaseCommand):
    """Prepare the database, then run all processes until Ctrl-C."""

    help = "Prepare everything and run web, worker, beat and, where none is set, a Redis."
    # Unfold's checks read the permissions' table, which does not exist before the first migration.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with a farm of demo cameras")
        parser.add_argument("--bind", default="127.0.0.1:8000", help="where the web server listens")
        parser.add_argument("--farm-port", type=int, default=18600, help="the demo farm's first")
        parser.add_argument("--workers", type=int, default=2, help="processes that probe")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until asked to stop; ends with exit status 2 when it cannot begin."""
        # Those who start this read Indonesian, whatever the locale of the shell.
        with translation.override(settings.LANGUAGE_CODE):
            try:
                with only_one(settings.DATA_DIR / "up.lock"):
                    self._up(**options)
            except RunningAlready as other:
                raise CommandError(
                    _("It is running already (process %(pid)s). Stop that one first.")
                    % {"pid": other.pid},
                    returncode=_REFUSED,
                ) from None
            except KeyboardInterrupt:  # while preparing; the supervisor handles its own
                self.stderr.write(_("Stopped before it was ready."))
                sys.exit(130)

    def _up(self, *, demo: bool, bind: str, farm_port: int, workers: int, **_options: Any) -> None:
        web = _parsed(bind)
        farm = _parsed(f"127.0.0.1:{farm_port}") if demo else None
        if workers < 1:
            text = _("--workers has to be a number from 1 on; %(workers)d would probe nothing.")
            raise CommandError(text % {"workers": workers}, returncode=_REFUSED)
        _check_port(web, "--bind 127.0.0.1:8010", "BIND=127.0.0.1:8010")
        if farm is not None:
            _check_port(farm, "--farm-port 19600", "FARM_PORT=19600")
        plan = _plan(web, farm, workers)

        self._migrate()
        self._collect_static()
        welcome = Welcome(self.stdout.write, web, demo=demo, account=_first_admin())
        if demo:
            call_command("load_demo", farm_port=farm_port, stdout=self.stdout)
            self._load_more()
        connections.close_all()

        supervisor = Supervisor(plan, translate=_, on_ready=welcome.when_ready)
        try:
            asyncio.run(supervisor.run())
        finally:
            welcome.password_at_least()
            if settings.EMBEDDED_REDIS_SOCKET is not None:
                embedded_redis.remove_socket(settings.EMBEDDED_REDIS_SOCKET)

    def _migrate(self) -> None:
        try:
            executor = MigrationExecutor(connection)
        except OperationalError as problem:
            text = _("The database does not answer. Check DATABASE_URL. It says: %(problem)s")
            raise CommandError(text % {"problem": problem}, returncode=_REFUSED) from None
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if waiting:
            text = ngettext(
                "Database: applying %(count)s migration …",
                "Database: applying %(count)s migrations …",
                waiting,
            )
            self.stdout.write(text % {"count": waiting})
        else:
            self.stdout.write(_("Database: up to date."))
        # Also when nothing waits: permissions and content types are made after every run.
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        self.check()

    def _load_more(self) -> None:
        """What other floors add to the demo: `demo_commands` of their AppConfig, as with tasks."""
        for config in apps.get_app_configs():
            for name in getattr(config, "demo_commands", ()):
                call_command(name, stdout=self.stdout)

    def _collect_static(self) -> None:
        if staticstamp.is_current():
            self.stdout.write(_("Static files: up to date."))
            return
        self.stdout.write(_("Static files: collecting …"))
        call_command("collectstatic", verbosity=0, interactive=False)
        staticstamp.write()


class Welcome:
    """What the person at the terminal is told once the pages can be opened."""

    def __init__(
        self,
        write: Callable[[str], Any],
        web: Address,
        *,
        demo: bool,
        account: tuple[str, str | None] | None,
    ) -> None:
        self._write = write
        self._web = web
        self._demo = demo
        self._account = account
        self._password_shown = False

    def when_ready(self, name: str) -> None:
        """Called with the name of each process that has become ready."""
        if name != "web":
            return
        lines = [_("Ready. Open %(address)s") % {"address": f"http://{self._web.within()}/admin/"}]
        lines += self._account_lines()
        if self._demo:
            lines.append(_("Break a demo camera: %(command)s") % {"command": _BREAK})
            lines.append(_("Mend it again: %(command)s") % {"command": _MEND})
        lines.append(_("Stop: Ctrl-C"))
        self._box(lines)

    def password_at_least(self) -> None:
        """Show the account if the start ended before the welcome: it stands nowhere else."""
        if lines := self._account_lines():
            self._box(lines)

    def _account_lines(self) -> list[str]:
        if self._account is None or self._password_shown:
            return []
        self._password_shown = True
        name, password = self._account
        lines = [_("User: %(name)s") % {"name": name}]
        if password is not None:
            lines.append(_("Password: %(password)s") % {"password": password})
            lines.append(_("Note the password: it is shown this once. It can be changed there."))
        else:
            lines.append(_("Password: the one in ADMIN_PASSWORD"))
        return lines

    def _box(self, lines: list[str]) -> None:
        width = max(map(len, lines))
        rule = "─" * (width + 2)
        inside = "\n".join(f"│ {line:<{width}} │" for line in lines)
        # The terminal may have gone in between; the processes run on without it.
        with contextlib.suppress(OSError):
            self._write(f"\n┌{rule}┐\n{inside}\n└{rule}┘\n")


_BREAK = "make break CAMERA=… FAULT=frozen"
_MEND = "make mend CAMERA=…"


def _parsed(bind: str) -> Address:
    try:
        return Address.parse(bind)
    except ValueError:
        text = _("“%(bind)s” is no address to listen at; write for example 127.0.0.1:8000.")
        raise CommandError(text % {"bind": bind}, returncode=_REFUSED) from None


def _check_port(address: Address, option: str, variable: str) -> None:
    try:
        address.try_binding()
    except OSError as problem:
        text = _(
            "Nothing can listen at %(address)s: %(problem)s. End the program that uses it, or "
            "choose another: manage.py up %(option)s, or make run %(variable)s"
        )
        facts = {
            "address": address,
            "problem": problem.strerror or problem,
            "option": option,
            "variable": variable,
        }
        raise CommandError(text % facts, returncode=_REFUSED) from None


def _plan(web: Address, farm: Address | None, workers: int) -> list[Process]:
    try:
        return processes.plan(web=web, workers=workers, farm=farm)
    except FileNotFoundError as missing:
        text = _(
            "No Redis server is here (%(program)s). Install one (Debian: apt install redis-server; "
            "macOS: brew install redis), or set REDIS_URL to one that runs elsewhere."
        )
        raise CommandError(text % {"program": missing}, returncode=_REFUSED) from None


def _first_admin() -> tuple[str, str | None] | None:
    """Make the first account that may do everything, if there is none.

    Gives its name, and its password where that was made here; None when there was one already.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    name = os.environ.get("ADMIN_USERNAME") or "admin"
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or _random_password()
    if User.objects.filter(username=name).exists():
        text = _("There is a user “%(name)s” who is no administrator; set ADMIN_USERNAME.")
        raise CommandError(text % {"name": name}, returncode=_REFUSED)
    User.objects.create_superuser(name, email="", password=password)
    if not given:
        return name, password
    with contextlib.suppress(ValidationError):
        validate_password(given)
        return name, None
    sys.stderr.write(_("ADMIN_PASSWORD is easily guessed; change it soon.") + "\n")
    return name, None


def _random_password() -> str:
    """Letters and digits that are not taken for each other when copied by hand."""
    clear = "".join(sorted(set(string.ascii_letters + string.digits) - set("0OoIl1")))
    return "".join(secrets.choice(clear) for _place in range(_PASSWORD_LENGTH))
