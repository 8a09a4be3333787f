"""`make accuracy`: try every fault on every camera of the test part, and print the figures."""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context

from tests.accuracy.report import figures, in_words, shortcomings
from tests.accuracy.results import CameraResult
from tests.accuracy.trial import try_camera
from tests.footage.cameras import FilmCamera, cameras
from tests.footage.clips import CLIPS, available


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["test", "tune"], default="test")
    parser.add_argument("--healthy", type=int, default=20_400, help="healthy probes in all")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth camera")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--misses", action="store_true", help="list each case that was missed")
    given = parser.parse_args()
    if missing := left_out(given.part):
        # Their cameras are missing then, and the codings are dealt out to the others anew.
        print(
            f"Left out: {', '.join(missing)}. FOOTAGE names a folder of clips, opencv-doc has more."
        )
    began = time.monotonic()
    chosen = cameras(given.part)[:: given.every]
    jobs = shares(chosen, given.healthy)
    results: list[CameraResult] = []
    # Not forked: OpenCV's and FFmpeg's threads do not survive that.
    with get_context("spawn").Pool(given.processes) as pool:
        for number, result in enumerate(pool.imap_unordered(try_camera, jobs), start=1):
            results.append(result)
            if sys.stderr.isatty():
                print(f"\r{number} of {len(jobs)} cameras", end="", file=sys.stderr, flush=True)
            if given.misses:
                print_misses(result)
    total = figures(results)
    print(f"\n{in_words(total)}\n\nTook {time.monotonic() - began:.0f} s.")
    missed = shortcomings(total)
    print("Every bar is met." if not missed else "Missed: " + "; ".join(missed))
    return 1 if missed else 0


def left_out(part: str) -> list[str]:
    """The part's clips that neither a package nor FOOTAGE has."""
    here = available(part)
    return [clip.name for clip in CLIPS if clip.part == part and clip not in here]


def shares(chosen: list[FilmCamera], healthy: int) -> list[tuple[FilmCamera, int, bool]]:
    """How many healthy probes each camera makes: H.265, slow to encode, a fifth of the others."""
    weights = [0.2 if camera.coding.codec == "h265" else 1.0 for camera in chosen]
    standing = sum(w for w, camera in zip(weights, chosen, strict=True) if camera.clip.stands)
    return [
        (
            camera,
            max(round(healthy * weight / standing) + 1, 16) if camera.clip.stands else 16,
            True,
        )
        for camera, weight in zip(chosen, weights, strict=True)
    ]


def print_misses(result: CameraResult) -> None:
    for number, verdict, why in result.healthy.false_probes[:3]:
        print("FALSE", result.name, number, verdict, why[:400])
    for case in result.faults:
        if not case.is_found:
            said = ",".join(case.verdicts)
            print("MISS", case.fault, case.variant, result.name, said, case.measurements)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
