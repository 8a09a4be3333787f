"""The words for what a probe found. No Django in here: labels and colours are in choices.py."""

from enum import StrEnum


class Verdict(StrEnum):
    """What is the matter with a camera.

    The judge gives the first four. PENDING (not probed yet) and UNMONITORED (we did not look)
    are states of our own knowledge, neither up nor down.
    """

    HEALTHY = "healthy"
    BLACK = "black"
    FROZEN = "frozen"
    OFFLINE = "offline"
    PENDING = "pending"
    UNMONITORED = "unmonitored"

    @property
    def is_faulty(self) -> bool:
        return self not in (Verdict.HEALTHY, Verdict.PENDING, Verdict.UNMONITORED)


class Reason(StrEnum):
    """Why a camera is offline; NONE for every other verdict."""

    NONE = ""
    UNREACHABLE = "unreachable"  # no route, no such host, nobody answers at the network's level
    REFUSED = "refused"  # the host is up and nothing listens on the port
    TIMED_OUT = "timed_out"  # connected, then silence or a dribble past the deadline
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    NO_VIDEO = "no_video"  # it talks, but no picture comes
    UNDECODABLE = "undecodable"  # something comes, but it is no picture
