"""Why a picture got its verdict, in one sentence for people, with the numbers."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring.verdicts import Because

__all__ = ["MEASURE_LABELS", "confidence", "sentence", "table"]

_SENTENCES = {
    Because.NOTHING_FOUND: gettext_lazy("No test found a fault."),
    Because.NIGHT_BLIND: gettext_lazy(
        "The picture is black (brightness %(brightness)s of 255), as it may be: it is night, and "
        "this camera does not see at night."
    ),
    Because.COMES_AND_GOES: gettext_lazy("A fault showed in some pictures and not in others."),
    Because.DARK: gettext_lazy(
        "The picture is dark (brightness %(brightness)s of 255) and something can be seen in only "
        "%(structure_percent)s %% of it."
    ),
    Because.STILL: gettext_lazy(
        "Between pictures that are seconds apart, only %(scene_percent)s %% of the view changed, "
        "apart from a clock."
    ),
    Because.REPEATED: gettext_lazy(
        "In pictures that are seconds apart, %(same_percent)s %% of the view is the same to the "
        "last bit, as no living camera repeats itself."
    ),
    Because.CALM: gettext_lazy(
        "Noise and motion, which this camera always showed, are nearly gone."
    ),
    Because.HIDDEN: gettext_lazy(
        "%(hidden_percent)s %% of what used to be seen is hidden behind something without detail."
    ),
    Because.BLURRED: gettext_lazy(
        "The view is the same, and only %(sharpness_percent)s %% of its usual sharpness is left."
    ),
    Because.OTHER_VIEW: gettext_lazy(
        "Only %(found_percent)s %% of the usual view is found again; normal for this camera is "
        "%(usually_found_percent)s %%."
    ),
    Because.SHIFTED: gettext_lazy(
        "The usual view is shifted by %(across_percent)s %% of the width and %(down_percent)s %% "
        "of the height."
    ),
    Because.BRIGHT: gettext_lazy(
        "The picture is overexposed: brightness %(brightness)s of 255, even its darkest parts "
        "%(low)s; %(white_percent)s %% of it is pure white."
    ),
    Because.DRAWN: gettext_lazy(
        "This is no camera picture: %(even_percent)s %% of it is an exactly even area, as in a "
        "recorder's notice."
    ),
    Because.BARS: gettext_lazy("These are %(bars)s colour bars, a recorder's test picture."),
    Because.SNOW: gettext_lazy("There is nothing but noise, as without an antenna."),
    Because.DECODER_ERRORS: gettext_lazy(
        "The picture arrived with parts missing; the decoder filled the gaps."
    ),
    Because.STREAKS: gettext_lazy(
        "Rows are repeated as streaks over %(streaks_percent)s %% of the picture."
    ),
    Because.FILLED: gettext_lazy(
        "%(filled_percent)s %% of the picture is the grey or green of data that never came."
    ),
    Because.MISFITS: gettext_lazy(
        "%(misfits_percent)s %% of the picture's blocks fit none of their neighbours."
    ),
    Because.TORN: gettext_lazy("The picture is torn sideways in %(tears)s places."),
    Because.BROKEN: gettext_lazy(
        "The upper part of the picture is as usual, and everything below it is out of place."
    ),
}

MEASURE_LABELS = {
    "confidence": gettext_lazy("confidence"),
    "severity": gettext_lazy("times the threshold"),
    "brightness": gettext_lazy("brightness (0 to 255)"),
    "lights": gettext_lazy("brightest parts (0 to 255)"),
    "structure": gettext_lazy("share in which something can be seen"),
    "changed": gettext_lazy("share that changed"),
    "scene": gettext_lazy("share that changed, without the clock"),
    "same": gettext_lazy("share that is the same to the last bit"),
    "level": gettext_lazy("change of the pixels (grey levels)"),
    "usual_level": gettext_lazy("least change usually (grey levels)"),
    "motion": gettext_lazy("motion (grey levels)"),
    "usual_motion": gettext_lazy("least motion usually (grey levels)"),
    "found": gettext_lazy("share of the view found again"),
    "usually_found": gettext_lazy("share usually found again"),
    "elsewhere": gettext_lazy("share found elsewhere"),
    "across": gettext_lazy("shift across (share of the width)"),
    "down": gettext_lazy("shift down (share of the height)"),
    "sharpness": gettext_lazy("share of the usual sharpness"),
    "hidden": gettext_lazy("share of the view hidden"),
    "typical": gettext_lazy("view found again in half of the places"),
    "lit": gettext_lazy("share of the usual detail"),
    "low": gettext_lazy("darkest parts (0 to 255)"),
    "white": gettext_lazy("share that is pure white"),
    "even": gettext_lazy("share that is exactly even"),
    "palette": gettext_lazy("share in eight colours"),
    "uniform": gettext_lazy("share in one colour"),
    "bars": gettext_lazy("colour bars"),
    "snow": gettext_lazy("noise by contrast"),
    "streaks": gettext_lazy("share of streaks"),
    "filled": gettext_lazy("share filled by the decoder"),
    "misfits": gettext_lazy("share of misfitting blocks"),
    "tears": gettext_lazy("torn places"),
    "broken": gettext_lazy("rows out of place"),
    "pictures": gettext_lazy("pictures looked at"),
}


def sentence(measurements: Mapping[str, Any]) -> str:
    """Why, in one sentence; "" when the measurements do not say (offline, or an old version)."""
    try:
        because = Because(measurements.get("because", ""))
        numbers = {
            name: number_format(round(value))
            for name, value in measurements.items()
            if isinstance(value, int | float)
        }
        percents = {
            f"{name}_percent": number_format(round(100 * value))
            for name, value in measurements.items()
            if isinstance(value, int | float)
        }
        return str(_SENTENCES[because]) % {**numbers, **percents}
    except (KeyError, ValueError):
        return ""


def table(measurements: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The measurements with their names, for the page."""
    rows = []
    for name, label in MEASURE_LABELS.items():
        value = measurements.get(name)
        if isinstance(value, int | float):
            digits = 0 if float(value).is_integer() else 1 if abs(value) >= 10 else 2
            rows.append((str(label), number_format(round(value, digits), digits)))
    return rows


def confidence(measurements: Mapping[str, Any]) -> str:
    """How sure, as "87 % sure"; "" when it does not say."""
    value = measurements.get("confidence")
    if not isinstance(value, int | float):
        return ""
    return _("%(percent)s %% sure") % {"percent": number_format(round(100 * value))}
