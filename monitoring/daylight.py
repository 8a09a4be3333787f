"""Where the sun stands over a camera. Pure."""

from datetime import datetime

from astral import Observer
from astral.sun import elevation

__all__ = ["DARK_BELOW_DEGREES", "JAKARTA", "Place", "sun_elevation"]

Place = tuple[float, float]  # latitude and longitude in degrees

JAKARTA: Place = (-6.2, 106.83)  # for sites without coordinates; the sun differs by seconds there
# The sun climbs 15° in an hour: 20 minutes around sunrise and sunset in which it may still, or
# already, be too dark for a camera without night sight, under a thunderstorm's clouds.
DARK_BELOW_DEGREES = 5.0


def sun_elevation(place: Place, at: datetime) -> float:
    """The sun's height above the horizon in degrees, below it negative."""
    return float(elevation(Observer(*place), at))
