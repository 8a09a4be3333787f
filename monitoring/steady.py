"""A clock that nobody turns. No Django in here.

Beat asks what time it is to know what is due. When the machine's clock is set back by an hour, it
would send nothing for an hour; so it asks this clock, which was right when the program started and
goes on from there.
"""

import time
from datetime import UTC, datetime, timedelta

_BEGAN = datetime.now(UTC)
_BEGAN_S = time.monotonic()


def now() -> datetime:
    """The time of day by the clock at the program's start, plus what has passed since."""
    return _BEGAN + timedelta(seconds=time.monotonic() - _BEGAN_S)
