"""Every threshold by which a picture is judged, in one place. Pure."""

from dataclasses import dataclass

__all__ = ["DEFAULT", "Thresholds"]


@dataclass(frozen=True)
class Thresholds:
    """Grey levels are 0 … 255, shares 0 … 1. Chosen on the tune part of tests/footage.

    *Black* is dark and shows nothing, whatever its noise; a night picture is as dark, but lamps
    and their reflections stand out in it.
    *Washed out* is bright down to its darkest parts, or white over most of it.
    *Signal lost*: nearly all of it drawn, see looking/synthetic.py.
    *Corrupt*: the share of a picture that an intact one can show by chance is below half of each.
    *Frozen*: what changed beside the clock; or half of the view stayed the same to the last
    bit: around a clock, an encoder changes what stands still, but not everywhere; a part of its
    small blocks (`echo`) is enough where since the last probe the light has not moved
    (`unlit_drift`) and there is `less_noise` than ever, without which a heavily denoised living
    picture repeats itself as well; or where it is `usual_echo` times what this camera repeats
    while it lives, and since the last probe something came out the same `again`, `usual_again`
    times the most of it in health, and not much less than what repeats within seconds
    (`again_in_burst`). In a stream, also
    where one pair of pictures is the same and nothing moves in the others (`repeated_motion`):
    a sensor never repeats itself, while an encoder that has not settled makes a standing
    picture differ. Of a camera whose noise is always seen (`restless`, grey levels), much less
    of it (`calm`) counts as well; of one on which something always moves (`lively_motion`),
    much less motion (`still_motion`); both since the last probe, too.
    *Defocused*, *covered*, *moved* compare with the camera's own past; each asks for enough tiles
    in which the past showed something. Detail is gone and the view is still there: defocused.
    Both are gone: covered. The view is gone and there is detail: moved. Healthy pictures keep half
    of the view (`typical`, `found`), nine tenths of what can be hidden and half of the detail.
    """

    dark_below: float = 40.0
    least_structure: float = 0.04

    washed_brightness: float = 172.0
    washed_low: float = 140.0
    washed_white: float = 0.6

    drawn_even: float = 0.75
    drawn_colourful: float = 0.75
    drawn_palette: float = 0.85
    drawn_uniform: float = 0.7
    drawn_grey_even: float = 0.78
    drawn_grey_palette: float = 0.955
    drawn_lettering: float = 0.28
    drawn_background: float = 170.0
    drawn_structure: float = 0.012  # a clock along the edge is none
    drawn_bars: int = 5
    snow: float = 0.75

    streaks: float = 0.045
    filled: float = 0.04
    misfits: float = 0.015
    torn_rows: int = 1
    broken_rows: int = 3

    suspect_change: float = 0.2
    most_change: float = 0.08
    least_witnesses: int = 12
    repeated_motion: float = 0.6
    same: float = 0.35
    echo: float = 0.1
    usual_echo: float = 3.0
    again: float = 0.02
    usual_again: float = 1.5
    again_in_burst: float = 0.5
    same_motion: float = 2.0
    unlit_drift: float = 0.45
    less_noise: float = 0.8
    most_motion: float = 1.2  # of a standing picture, encoded anew
    restless: float = 1.8
    calm: float = 0.62
    still_motion: float = 0.2
    lively_motion: float = 5.0

    least_detailed_tiles: int = 10
    enough_detailed_tiles: int = 24
    surface_alike: float = 0.5
    least_structured_tiles: int = 10
    blurred_sharpness: float = 0.48
    blurred_surface: float = 0.3
    usual_sharpness: float = 0.85  # with less, a healthy picture is soft now and then
    blurred_typical: float = 0.3
    hidden: float = 0.4
    hidden_typical: float = 0.3
    hidden_lit: float = 0.35
    open_lit: float = 0.6
    found: float = 0.45
    lost: float = 0.55
    usual_found: float = 0.3
    shifted: float = 0.03
    shifted_gain: float = 0.2
    moved_lit: float = 0.45
    moved_kept: float = 0.3
    # A young reference has seen little: only what is far past a threshold counts against it.
    young_severity: float = 1.4


DEFAULT = Thresholds()
