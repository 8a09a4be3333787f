"""Feed harmed input to the eye, case after case, in a process of its own; print what came of it.

The number of the case at hand is kept in a file, so that whoever started this knows where it died.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import av
import av.error

from cameras import networks
from monitoring.examining import Target, examine
from monitoring.grabbing import Grab, GrabError, Source
from monitoring.grabbing.jpeg import Cutter, decode
from monitoring.grabbing.network import Deadline
from monitoring.grabbing.streams import take_pictures
from monitoring.limits import Limits
from monitoring.verdicts import Reason, Verdict
from tests.fuzz.harm import harmed, jpeg_of, stream_of
from tests.fuzz.hostile import HostileHost

LIMITS = Limits(timeout_s=2.0, burst_s=0.5)
_NOWHERE = Source("rtsp://192.0.2.1/")


def stream_case(codec: str) -> Callable[[random.Random], str]:
    def case(dice: random.Random) -> str:
        data = harmed(stream_of(codec), dice)

        def grabber(source: Source, timeout_s: float, burst_s: float) -> Grab:
            deadline = Deadline(timeout_s)
            try:
                container = av.open(
                    io.BytesIO(data),
                    format="h264" if codec == "h264" else "hevc",
                    stream_options=[{"skip_frame": "all"}],  # type: ignore[misc]
                )
            except (av.error.FFmpegError, ValueError) as error:
                raise GrabError(Reason.UNDECODABLE, str(error)) from None
            with container:
                pictures, name = take_pictures(container, deadline, burst_s, 6 if burst_s else 1)
            return Grab(pictures, source.address, name, {})

        return said(examine(Target(1, (_NOWHERE,)), LIMITS, grabber=grabber))

    return case


def jpeg_case(dice: random.Random) -> str:
    data = harmed(jpeg_of(dice.choice((10, 50, 90))), dice)

    def grabber(source: Source, timeout_s: float, burst_s: float) -> Grab:
        whole = next(Cutter().feed(data), None)
        if whole is None:
            raise GrabError(Reason.UNDECODABLE, "no whole JPEG")
        return Grab([decode(whole, 0.0)], source.address, "jpeg", {})

    return said(examine(Target(1, (_NOWHERE,)), LIMITS, grabber=grabber))


def host_case(host: HostileHost, scheme: str) -> Callable[[random.Random], str]:
    def case(dice: random.Random) -> str:
        source = Source(f"{scheme}://127.0.0.1:{host.port}/{dice.randrange(9)}")
        return said(examine(Target(1, (source,)), LIMITS))

    return case


def said(observation: object) -> str:
    """The verdict with its reason; a verdict without one is an error of ours."""
    verdict = getattr(observation, "verdict", None)
    reason = getattr(observation, "reason", "")
    because = getattr(observation, "measurements", {}).get("because", "")
    if not isinstance(verdict, Verdict) or not (reason or because):
        raise AssertionError(f"no verdict with a reason: {observation}")
    return f"{verdict}: {reason or because}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2200)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--at", type=Path, required=True, help="file for the case at hand")
    given = parser.parse_args()
    networks.allow(networks.read_networks(["127.0.0.0/8"]))  # where the hostile host is
    host = HostileHost(given.seed)
    kinds = [
        ("h264", stream_case("h264"), 7),
        ("h265", stream_case("h265"), 4),
        ("jpeg", jpeg_case, 7),
        ("rtsp", host_case(host, "rtsp"), 2),
        ("http", host_case(host, "http"), 2),
    ]
    turns = [(name, case) for name, case, weight in kinds for _ in range(weight)]
    counts: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    slowest = 0.0
    for number in range(given.cases):
        name, case = turns[number % len(turns)]
        given.at.write_text(f"{number} {name}")
        began = time.monotonic()
        counts[case(random.Random(given.seed * 1_000_003 + number))] += 1
        slowest = max(slowest, time.monotonic() - began)
        by_kind[name] += 1
    host.close()
    print(json.dumps({"kinds": by_kind, "verdicts": counts, "slowest_s": round(slowest, 2)}))


if __name__ == "__main__":
    main()
