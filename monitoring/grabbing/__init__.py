"""Grabbing: from an address to pictures, or to the reason why there are none.

Knows networks and codecs, and nothing of Django or the database. Whatever a camera does, a grab
ends within its time-out (plus one read, at most `limits.READ_SECONDS`).
"""

from monitoring.grabbing.grab import grab
from monitoring.grabbing.pictures import Grab, GrabError, Picture, Source

__all__ = ["Grab", "GrabError", "Picture", "Source", "grab"]
