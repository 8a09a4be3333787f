"""Isolation: a picture is decoded in a process that may die, and its batch is not lost with it.

1. Before a batch is probed, `attempts` of its cameras is counted up; recording a result sets it
   back to 0. Whoever has attempts and no result was there when a process died.
2. When a process dies (a crash in native code, the kernel's out-of-memory killer, the hard time
   limit), the worker's main process sees it and sends for `give_back`: the batch's cameras that
   have no result yet are due at once. Should that message be lost, `reclaim_lost` finds them.
3. Those are probed again in small batches (the square root of the usual size), and those whose
   small batch dies, too, alone. That costs three processes; halving would cost seven.
4. A camera that was alone when a process died, and there when one died before, is the culprit.
   Each such death counts as one probe that found it `undecodable`, so that it is confirmed,
   recorded and alarmed in the usual way. From then on it is probed alone, in the lane of the dead,
   until it has been healthy for `ALONE_PROBES` probes in a row.

All of it is settled by updates under the condition of the claim: done twice, it is done once.
"""

import logging
import math
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from monitoring.models import CameraHealth
from monitoring.verdicts import Verdict

log = logging.getLogger(__name__)

ALONE_PROBES = 10


def batch_size(usual: int, attempts: int, alone_probes: int) -> int:
    """How many may travel together with a camera that was there at so many deaths in a row."""
    if alone_probes or attempts >= 2:
        return 1
    return math.ceil(math.sqrt(usual)) if attempts else usual


def alone_after(alone_probes: int, verdict: Verdict, died: bool) -> int:
    """How many good probes a camera still has to make alone, after this one."""
    if died or (alone_probes and verdict is not Verdict.HEALTHY):
        return ALONE_PROBES
    return max(alone_probes - 1, 0)


def begin(mark: uuid.UUID, camera_ids: Iterable[int]) -> int:
    """Note that the batch is being probed now; how many cameras it still has the claim on."""
    return CameraHealth.objects.filter(pk__in=list(camera_ids), claim=mark).update(
        attempts=F("attempts") + 1, begun_at=timezone.now()
    )


def is_suspect(mark: uuid.UUID, camera_id: int) -> bool:
    """Whether this camera of the batch was there at an earlier death, too."""
    held = CameraHealth.objects.filter(pk=camera_id, claim=mark)
    return held.filter(Q(attempts__gte=2) | Q(alone_probes__gt=0)).exists()


def release(mark: uuid.UUID, camera_ids: Iterable[int], died: bool) -> int:
    """Give back the cameras of a batch that has no result for them; how many.

    When its process died, they are due at once. When it ended with an error of ours, it is no
    fault of theirs: it does not count as an attempt, and they wait, lest the same error come
    again without a pause.
    """
    now = timezone.now()
    held = CameraHealth.objects.filter(pk__in=list(camera_ids), claim=mark)
    if died:
        return held.update(claim=None, due_at=now)
    retry_at = now + timedelta(seconds=settings.PROBE_RETRY_SECONDS)
    return held.update(
        claim=None, due_at=Least(F("due_at"), retry_at), attempts=Greatest(F("attempts") - 1, 0)
    )


def reclaim_lost(now: datetime, longest_s: float) -> int:
    """Make due what was begun more than `longest_s` seconds ago and never came back; how many.

    For when the worker's main process died as well, and nobody was left to tell.
    """
    lost = CameraHealth.objects.exclude(claim=None).filter(
        attempts__gt=0, begun_at__lt=now - timedelta(seconds=longest_s)
    )
    count = lost.update(claim=None, due_at=now)
    if count:
        log.warning("%s cameras were being probed by a worker that is gone; they are due", count)
    return count
