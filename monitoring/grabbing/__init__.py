"""Grabbing: from an address to pictures, or to the reason why there are none.

Knows networks and codecs, and nothing of Django or the database. Whatever a camera does, a grab
ends within its time-out, give or take a quarter of a second (see `severing`).
"""

import cv2

from monitoring.grabbing.grab import grab
from monitoring.grabbing.pictures import Grab, GrabError, Picture, Source

__all__ = ["Grab", "GrabError", "Picture", "Source", "grab"]

# Many cameras share the processors; one picture needs no threads. OpenCV would cut each step in two
# for every processor, and its threads wait for each other and for the next step by spinning.
cv2.setNumThreads(1)
