"""Grabbing: from an address to pictures, or to the reason why there are none.

Knows networks and codecs, and nothing of Django or the database. Whatever a camera does, a grab
ends within its time-out, give or take a quarter of a second (see `severing`).
"""

from monitoring.grabbing.grab import grab
from monitoring.grabbing.pictures import Grab, GrabError, Picture, Source

__all__ = ["Grab", "GrabError", "Picture", "Source", "grab"]
