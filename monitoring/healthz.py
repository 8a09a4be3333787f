"""`/healthz`: is this installation itself well? 200 or 503, cheap, without a login.

Strangers learn one word; staff and this machine itself learn which check says what.
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring import broker, pulse
from monitoring.visitors import is_this_machine

# Beat sends every two seconds; a worker may be at other housekeeping for some more.
_OLDEST_BEAT = timedelta(seconds=60)
# One camera in twenty may wait for its next turn: a batch that was lost, say.
_MOST_OVERDUE_SHARE = 0.05


@dataclass(frozen=True)
class Check:
    """What one question came to; `figures` are for people and carry no secrets."""

    well: bool
    figures: dict[str, Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """JSON: `status` is `ok` or `failing`; `checks` only for those who may know."""
    checks = run_checks(timezone.now())
    well = all(check.well for check in checks.values())
    answer: dict[str, Any] = {"status": "ok" if well else "failing"}
    if may_see_detail(request, database_answers=checks["database"].well):
        answer["checks"] = {name: asdict(check) for name, check in checks.items()}
    return JsonResponse(answer, status=200 if well else 503)


def may_see_detail(request: HttpRequest, *, database_answers: bool) -> bool:
    """Whether this visitor may read figures: this machine, or a member of staff."""
    if is_this_machine(request):
        return True
    # Who has a session stands in the database.
    return database_answers and bool(request.user.is_staff)


def run_checks(now: datetime) -> dict[str, Check]:
    """Every check by its name; a question that cannot be asked is answered with no."""
    return {name: _asked(check, now) for name, check in _CHECKS.items()}


def _asked(check: Callable[[datetime], Check], now: datetime) -> Check:
    try:
        return check(now)
    except (DatabaseError, broker.OperationalError, OSError) as problem:
        # The kind of problem, not its text: that may name hosts and users.
        return Check(False, {"problem": type(problem).__name__})


def _database(now: datetime) -> Check:
    pulse.beat_age(now)
    return Check(True, {})


def _broker(now: datetime) -> Check:
    return Check(True, {"queued": broker.queue_lengths()})


def _beat(now: datetime) -> Check:
    age = pulse.beat_age(now)
    if age is None:
        return Check(False, {"age_s": None})
    return Check(age <= _OLDEST_BEAT, {"age_s": round(age.total_seconds(), 1)})


def _probing(now: datetime) -> Check:
    behind = pulse.backlog(now)
    since = pulse.stands_still_since(now)
    well = since is None and behind.overdue <= behind.cameras * _MOST_OVERDUE_SHARE
    return Check(
        well,
        {
            "cameras": behind.cameras,
            "overdue": behind.overdue,
            "lag_s": round(behind.lag_s, 1),
            "stands_still_since": since,
        },
    )


def _disk(now: datetime) -> Check:
    free_mb = shutil.disk_usage(settings.DATA_DIR).free // 2**20
    return Check(free_mb >= settings.LEAST_FREE_MB, {"free_mb": free_mb})


_CHECKS: dict[str, Callable[[datetime], Check]] = {
    "database": _database,
    "broker": _broker,
    "beat": _beat,
    "probing": _probing,
    "disk": _disk,
}
