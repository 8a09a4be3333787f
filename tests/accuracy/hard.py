"""Standing pictures where they are hardest to tell: `python -m tests.accuracy.hard`.

Every clip that stands, in every light, through both quantisers of H.265 and with each strength of
denoising. In the usual set each clip meets only a few of these; thresholds for *frozen* were chosen
here, on the tune part.
"""

from __future__ import annotations

import argparse
import sys
from multiprocessing import get_context

from tests.accuracy.results import CameraResult
from tests.accuracy.trial import LEARNED_PROBES, Watch, watch_fault, watch_healthy
from tests.footage.cameras import FilmCamera
from tests.footage.clips import available
from tests.footage.coding import CODINGS
from tests.footage.faults import VARIANTS
from tests.footage.sensor import LIGHTS

__all__ = ["hard_cameras"]

_DENOISE = (0.0, 0.5, 0.85)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["test", "tune"], default="tune")
    parser.add_argument("--healthy", type=int, default=LEARNED_PROBES, help="probes of each camera")
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth camera")
    given = parser.parse_args()
    jobs = [(camera, given.healthy) for camera in hard_cameras(given.part)[:: given.every]]
    probes = alarms = found = cases = 0
    with get_context("spawn").Pool(2) as pool:
        for result in pool.imap_unordered(_try, jobs):
            probes += result.healthy.probes
            alarms += len(result.healthy.false_alarms)
            found += sum(case.is_found for case in result.faults)
            cases += len(result.faults)
            for number, verdict, _why in result.healthy.false_probes:
                print("FALSE", result.name, number, verdict)
            for case in result.faults:
                if not case.is_found:
                    print("MISS", case.variant, result.name, ",".join(case.verdicts))
            sys.stdout.flush()
    print(f"{len(jobs)} cameras: {found} of {cases} standing pictures found; ", end="")
    print(f"{alarms} false alarms in {probes} healthy probes")
    return 0


def hard_cameras(part: str) -> list[FilmCamera]:
    """The part's clips, each in every way that makes a standing picture hard to tell."""
    return [
        FilmCamera(clip, light, coding, denoise)
        for clip in available(part)
        if clip.stands
        for light in LIGHTS
        for coding in CODINGS
        if coding.codec == "h265"
        for denoise in _DENOISE
    ]


def _try(job: tuple[FilmCamera, int]) -> CameraResult:
    camera, probes = job
    watch = Watch(camera)
    result = CameraResult(camera.name, watch_healthy(watch, LEARNED_PROBES, keep_pictures=False))
    for variant in VARIANTS["frozen"]:
        result.faults.append(watch_fault(watch, "frozen", variant, LEARNED_PROBES))
    more = watch_healthy(watch, probes - LEARNED_PROBES, False, LEARNED_PROBES)
    result.healthy.add(more)
    return result


if __name__ == "__main__":
    sys.exit(main())
