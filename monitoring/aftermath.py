"""Aftermath: what becomes of a batch whose process died, or that ended with an error of ours.

The deed behind isolation.py: it needs recording, which needs isolation.
"""

import logging
import uuid
from datetime import UTC, datetime

from monitoring import isolation
from monitoring.examining import Observation
from monitoring.recording import record
from monitoring.verdicts import Reason, Verdict

log = logging.getLogger(__name__)


def give_back(mark: uuid.UUID, camera_ids: list[int], problem: str, died: bool) -> int:
    """Have the batch's cameras that have no result yet probed again; how many there were.

    A camera that was alone when the process died is recorded as undecodable. `problem` is for
    the engineer: what happened to the process.
    """
    if not (died and len(camera_ids) == 1 and isolation.is_suspect(mark, camera_ids[0])):
        count = isolation.release(mark, camera_ids, died)
        log.warning("%s of %s cameras are given back: %s", count, len(camera_ids), problem)
        return count
    seen = Observation(
        camera_ids[0],
        datetime.now(UTC),
        Verdict.OFFLINE,
        Reason.UNDECODABLE,
        f"the process that looked at it alone died: {problem}",
        died=True,
    )
    return record(mark, [seen])
