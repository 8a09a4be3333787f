"""The way in: one address, one call, pictures or a reason."""

import logging

import av

from cameras.addresses import STREAM_SCHEMES, AddressError, split_address
from monitoring.grabbing.http import grab_http
from monitoring.grabbing.network import Deadline
from monitoring.grabbing.pictures import Grab, GrabError, Source
from monitoring.grabbing.streams import grab_stream
from monitoring.verdicts import Reason

# FFmpeg would write every camera's quirks, addresses with passwords among them, to the log.
av.logging.set_level(None)
logging.getLogger("libav").setLevel(logging.CRITICAL)

# Pictures kept of one burst: enough to compare, little enough to hold for a hundred cameras.
MOST_PICTURES = 6


def grab(source: Source, timeout_s: float, burst_s: float = 0.0) -> Grab:
    """One picture, or several over `burst_s` seconds, within `timeout_s` + `burst_s`.

    Raises GrabError with the reason when not a single picture came.
    """
    try:
        scheme = split_address(source.address).scheme.lower()
    except AddressError as error:
        raise GrabError(Reason.NOT_FOUND, f"the address may not be probed: {error}") from None
    deadline = Deadline(timeout_s + burst_s)
    most = MOST_PICTURES if burst_s else 1
    way = grab_stream if scheme in STREAM_SCHEMES else grab_http
    result = way(source, deadline, burst_s, most)
    result.timings_ms["total"] = round(deadline.elapsed_s() * 1000, 1)
    return result
