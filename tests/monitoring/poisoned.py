"""A worker whose processes die of certain cameras: `celery -A tests.monitoring.poisoned worker`.

The product has no hook for this; looking is replaced before the worker forks, and what happens
then is real: a segmentation fault, a hang that only SIGKILL ends, an error of ours.
"""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "monitoring.settings")
django.setup()

from monitoring import probing  # noqa: E402
from monitoring.celery import app  # noqa: E402
from monitoring.examining import Observation, Target  # noqa: E402
from monitoring.limits import Limits  # noqa: E402
from monitoring.verdicts import Verdict  # noqa: E402

__all__ = ["app"]

NOTES = Path(os.environ["DATA_DIR"]) / "examined"


def examine(target: Target, limits: Limits) -> Observation:
    """By the camera's address: healthy at once, or a death."""
    with NOTES.open("a") as notes:
        notes.write(f"{target.camera_id} {os.getpid()}\n")
    address = target.sources[0].address
    if "segfault" in address:
        time.sleep(0.1)  # the others are being looked at, too
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hang" in address:
        time.sleep(600)
    if "error" in address:
        raise ZeroDivisionError
    if "slow" in address:
        time.sleep(0.3)  # still there at the death
    return Observation(target.camera_id, datetime.now(UTC), Verdict.HEALTHY)


probing.examine = examine  # type: ignore[assignment]
