"""Looking: measurements of a picture, of what changed, and of how like its past it is.

Pure NumPy and OpenCV. What the measurements mean is for monitoring.judging to say.
"""

from monitoring.looking.change import (
    JPEG_LEVELS,
    TRACE_BYTES,
    Change,
    change_in,
    change_of_traces,
    trace_of,
)
from monitoring.looking.likeness import Likeness, compare
from monitoring.looking.measures import Look, look

__all__ = [
    "JPEG_LEVELS",
    "TRACE_BYTES",
    "Change",
    "Likeness",
    "Look",
    "change_in",
    "change_of_traces",
    "compare",
    "look",
    "trace_of",
]
