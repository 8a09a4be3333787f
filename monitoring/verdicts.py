"""The words for what a probe found. No Django in here: labels and colours are in choices.py."""

from enum import StrEnum


class Verdict(StrEnum):
    """What is the matter with a camera.

    PENDING (not probed yet) and UNMONITORED (we did not look) are states of our own knowledge,
    neither up nor down. docs/eye.md says how each of the others is reached.
    """

    HEALTHY = "healthy"
    OFFLINE = "offline"
    BLACK = "black"
    FROZEN = "frozen"
    COVERED = "covered"
    DEFOCUSED = "defocused"
    MOVED = "moved"
    WASHED_OUT = "washed_out"
    SIGNAL_LOST = "signal_lost"
    CORRUPT = "corrupt"
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


class Because(StrEnum):
    """Which test gave the verdict on a picture; monitoring.sentences says it to people."""

    NOTHING_FOUND = "nothing_found"
    NIGHT_BLIND = "night_blind"
    COMES_AND_GOES = "comes_and_goes"
    DARK = "dark"
    STILL = "still"
    REPEATED = "repeated"
    CALM = "calm"
    HIDDEN = "hidden"
    BLURRED = "blurred"
    OTHER_VIEW = "other_view"
    SHIFTED = "shifted"
    BRIGHT = "bright"
    DRAWN = "drawn"
    BARS = "bars"
    SNOW = "snow"
    DECODER_ERRORS = "decoder_errors"
    STREAKS = "streaks"
    FILLED = "filled"
    MISFITS = "misfits"
    TORN = "torn"
    BROKEN = "broken"
