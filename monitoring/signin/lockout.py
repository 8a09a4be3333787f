"""Lock-out after repeated failures, upon django-axes: who is counted, how far, and until when.

Three counts run at once, each over the last `LOCKOUT_MINUTES`:

- a user name from one address: `LOCKOUT_AFTER` failures lock that pair, nobody else;
- one address, whatever the names: `LOCKOUT_AFTER_MANY` stop guessing through the list of names;
- one user name, whatever the addresses: as many stop guessing from many machines.

A browser in which the person has signed in before is in none of them: it has a count of its own
(`known_browsers`). So a stranger locks out neither an office behind one address nor, for good, its
only administrator; and the time does not begin anew with every try.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.audit.models import Deed
from cameras.audit.recording import note
from monitoring.signin import known_browsers

__all__ = [
    "Handler",
    "cool_off",
    "counted_name",
    "limit",
    "locks",
    "refuse",
    "release",
    "ways_to_count",
]

_KNOWN = "known browser "
_LONGEST_NAME = 150  # as of accounts


@dataclass(frozen=True)
class Count:
    """Failures that are counted together, and how many lock out."""

    attempts: QuerySet[AccessAttempt]
    limit: int

    @property
    def failures(self) -> int:
        return sum(self.attempts.values_list("failures_since_start", flat=True))

    @property
    def locked_until(self) -> datetime | None:
        """Until when they lock out; None when they do not."""
        rows = self.attempts.values_list("failures_since_start", "attempt_time")
        return _end(rows, self.limit)


class Handler(AxesDatabaseHandler):
    """The library's handler, with counts of different lengths, and with known browsers."""

    def is_allowed(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        _mark(request, credentials)
        return bool(super().is_allowed(request, credentials))

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        _mark(request, credentials)
        # While the lock lasts, tries are refused unseen, and leave nothing.
        was_locked_out = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if not was_locked_out:
            _note_failure(request, counted_name(request, credentials))

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        _mark(request, {"username": user.get_username()})
        super().user_logged_in(sender, request, user, **kwargs)

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Those of the narrowest count; the limit as soon as any count has reached its own."""
        own, *others = counts(request, credentials)
        if any(each.failures >= each.limit for each in others):
            return max(own.failures, settings.LOCKOUT_AFTER)
        return own.failures

    def reset_user_attempts(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """After a success: the person's own failures here, not what the address did to others."""
        count, _kinds = counts(request, credentials)[0].attempts.delete()
        return int(count)


def counts(request: Any, credentials: dict[str, Any] | None = None) -> list[Count]:
    """All counts that this try to sign in belongs to, its own first."""
    return [
        Count(_recent().filter(same), most)
        for same, most in _counted_with(
            counted_name(request, credentials), request.axes_ip_address, request.axes_user_agent
        )
    ]


def locks() -> dict[int, datetime]:
    """Until when each row of failures locks somebody out, by its number; one query."""
    rows = list(_recent())
    groups: dict[Any, list[AccessAttempt]] = defaultdict(list)
    for row in rows:
        if row.user_agent.startswith(_KNOWN):
            groups[settings.LOCKOUT_AFTER, row.username, row.user_agent].append(row)
            continue
        groups[settings.LOCKOUT_AFTER, row.username, row.ip_address].append(row)
        groups[settings.LOCKOUT_AFTER_MANY, "address", row.ip_address].append(row)
        groups[settings.LOCKOUT_AFTER_MANY, "name", row.username].append(row)
    found: dict[int, datetime] = {}
    for (most, *_same), together in groups.items():
        until = _end(((row.failures_since_start, row.attempt_time) for row in together), most)
        if until is not None:
            found |= {row.pk: max(until, found.get(row.pk, until)) for row in together}
    return found


def release(chosen: QuerySet[Any]) -> list[tuple[str, str]]:
    """Forget these failures and those counted with them; the names and addresses released."""
    pairs = sorted({(row.username or "", row.ip_address or "") for row in chosen})
    for name, address in pairs:
        AccessAttempt.objects.filter(username=name, ip_address=address or None).delete()
        note(Deed.RELEASED, name=f"{name} · {address}")
    return pairs


def _recent() -> QuerySet[AccessAttempt]:
    return AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - cool_off())


def _counted_with(name: str, address: str | None, browser: str) -> list[tuple[Q, int]]:
    if browser.startswith(_KNOWN):
        return [(Q(username=name, user_agent=browser), settings.LOCKOUT_AFTER)]
    strange = ~Q(user_agent__startswith=_KNOWN)
    return [
        (strange & Q(username=name, ip_address=address), settings.LOCKOUT_AFTER),
        (strange & Q(ip_address=address), settings.LOCKOUT_AFTER_MANY),
        (strange & Q(username=name), settings.LOCKOUT_AFTER_MANY),
    ]


def _end(rows: Iterable[tuple[int, datetime]], limit: int) -> datetime | None:
    """When so many of them will be too old that fewer than the limit are left; None: now."""
    rows = sorted(rows, key=lambda row: row[1])
    left = sum(failures for failures, _at in rows)
    if left < limit:
        return None
    oldest = iter(rows)
    while left >= limit:
        failures, at = next(oldest)
        left -= failures
    return at + cool_off()


def cool_off(request: HttpRequest | None = None) -> timedelta:
    """For how long a failure counts."""
    return timedelta(minutes=settings.LOCKOUT_MINUTES)


def limit(request: HttpRequest, credentials: Any = None) -> int:
    """How many failures lock out, as the library asks."""
    return int(settings.LOCKOUT_AFTER)


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name as failures are counted by it: what nobody can be called is shortened."""
    given = (credentials or request.POST).get("username") or ""
    return str(given).replace("\0", "")[:_LONGEST_NAME]


def ways_to_count(request: HttpRequest, credentials: Any = None) -> list[list[str]]:
    """What the library asks for; the counting is done in `counts`."""
    return [["username", "ip_address"]]


def refuse(request: HttpRequest, response: Any, credentials: Any) -> HttpResponse:
    """The page for somebody who is locked out: until when, and who can help."""
    own, *others = (each.locked_until for each in counts(request, credentials))
    ends = max(filter(None, (own, *others)), default=timezone.now() + cool_off())
    page = TemplateResponse(
        request,
        "admin/signin/locked_out.html",
        {
            **admin.site.each_context(request),
            "title": _("Sign-in is locked"),
            "ends": ends,
            "only_this_name": not any(others),
            "username": get_client_username(request, credentials),
        },
        status=429,
    )
    page["Retry-After"] = str(max(1, round((ends - timezone.now()).total_seconds())))
    return page.render()


def _note_failure(request: Any, name: str) -> None:
    # A name that nobody has may be a password in the wrong field: it is not written down.
    is_known = User.objects.filter(username=name).exists()
    failed = {"person_name": name if is_known else "", "address": request.axes_ip_address}
    note(Deed.SIGN_IN_FAILED, **failed)
    if request.axes_locked_out:
        note(Deed.LOCKED_OUT, **failed)


def _mark(request: Any, credentials: dict[str, Any] | None) -> None:
    """Have failures of a known browser counted under its own mark, in place of its name."""
    mark = known_browsers.known_as(request, counted_name(request, credentials))
    if mark is not None:
        request.axes_user_agent = _KNOWN + mark
