"""What is known of a device. Apart from asking it, for which large libraries are loaded."""

from dataclasses import dataclass

__all__ = ["Device"]


@dataclass(frozen=True)
class Device:
    """A device as it describes itself. `problem`: "", silent, unauthorised or other."""

    host: str
    port: int
    problem: str = ""
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    clock_ahead_s: float | None = None
    stream_url: str = ""
    substream_url: str = ""
    snapshot_url: str = ""
