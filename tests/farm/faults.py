"""What can be wrong with a camera: every fault that the farm knows, by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["FAULTS", "FarmError", "Fault", "find_fault", "near"]

Kind = Literal["picture", "connection"]


class FarmError(Exception):
    """A request that the farm cannot fulfil; the message says which, why and what to do."""


@dataclass(frozen=True)
class Fault:
    """One way to misbehave.

    ``expected_verdict`` and ``expected_reason`` are what a tracker that works should say about
    such a camera; ``None`` where no tracker of ours tells it apart yet. ``other_reasons`` are
    readings that a careful tracker may come to as well, because the wire leaves it open.
    ``sends_video`` is false where no picture ever leaves the camera, so that none need be made.
    """

    name: str
    kind: Kind
    description: str
    expected_verdict: str | None = None
    expected_reason: str | None = None
    other_reasons: tuple[str, ...] = ()
    needs_http: bool = False
    sends_video: bool = True


def _picture(name: str, description: str, verdict: str | None = None) -> Fault:
    return Fault(name, "picture", description, verdict)


def _connection(
    name: str,
    description: str,
    reason: str,
    *other_reasons: str,
    needs_http: bool = False,
    sends_video: bool = False,
) -> Fault:
    return Fault(
        name, "connection", description, "offline", reason, other_reasons, needs_http, sends_video
    )


_ALL = (
    _picture("black", "Very dark picture with nothing but sensor noise in it.", "black"),
    _picture("black-clock", "Dark picture with the camera's running clock burnt in.", "black"),
    _picture("frozen", "One picture sent again and again; noise and clock stand still.", "frozen"),
    _picture("frozen-clock", "A standing picture with a running clock burnt over it.", "frozen"),
    _picture(
        "covered", "Something hangs over the lens; light enters at one corner only.", "covered"
    ),
    _picture("defocused", "The lens has lost its focus.", "defocused"),
    _picture("moved", "The camera has been turned away and looks somewhere else.", "moved"),
    _picture("washed-out", "Overexposed until hardly any contrast is left.", "washed_out"),
    _picture("no-signal", "The recorder's flat blue picture that says NO SIGNAL.", "signal_lost"),
    _picture(
        "smeared", "Lost packets: the decoder smears or reports a corrupt picture.", "corrupt"
    ),
    _connection("refused", "The camera's port is closed.", "refused"),
    _connection("silent", "The host swallows every attempt to connect.", "unreachable"),
    _connection("mute", "Accepts connections and never answers.", "timed_out"),
    _connection(
        "no-video",
        "Answers every request politely and sends no picture.",
        "no_video",
        "timed_out",
        sends_video=True,  # its description has the parameter sets
    ),
    _connection(
        "cut",
        "Falls quiet before the first key frame is complete.",
        "no_video",
        "timed_out",
        sends_video=True,
    ),
    _connection("unauthorised", "Answers 401 to every user name and password.", "unauthorised"),
    _connection("not-found", "Answers 404 to every address.", "not_found"),
    _connection("garbage", "Answers with random bytes.", "undecodable", "no_video"),
    _connection(
        "garbage-video",
        "Speaks correctly and sends random bytes for a picture.",
        "undecodable",
        "no_video",
        "timed_out",
        sends_video=True,
    ),
    _connection(
        "endless-header", "Answers with header lines that never end.", "timed_out", "undecodable"
    ),
    _connection(
        "truncated-jpeg",
        "Sends JPEG pictures that stop half-way (HTTP sources only).",
        "undecodable",
        needs_http=True,
        sends_video=True,
    ),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}


def find_fault(name: str) -> Fault:
    """The fault of that name; a name that does not exist is answered with the near ones."""
    try:
        return FAULTS[name.strip().lower()]
    except KeyError:
        raise FarmError(f"There is no fault “{name}”. {near(name, FAULTS)}") from None


def near(name: str, known: Iterable[str]) -> str:
    """A sentence that names what was probably meant."""
    candidates = list(known)
    by_folded = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(name.lower(), list(by_folded), n=4, cutoff=0.5)
    names = [by_folded[folded] for folded in close] or candidates[:12]
    return f"{'Near' if close else 'Known'}: {', '.join(names)}."
