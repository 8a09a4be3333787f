"""From what devices say of themselves to cameras of the registry."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from cameras.models import Camera, Site
from cameras.onvif.description import Device

__all__ = ["as_camera", "registered_hosts"]


def registered_hosts() -> set[str]:
    """The hosts that cameras of the registry are at: reads their addresses alone."""
    rows: Iterable[tuple[str, ...]] = Camera.objects.values_list(*Camera.ADDRESS_FIELDS)
    return {urlsplit(address).hostname or "" for row in rows for address in row if address}


def as_camera(
    device: Device, code: str, name: str, site: Site, username: str, password: str
) -> Camera:
    """A camera that is not saved and not checked yet."""
    return Camera(
        code=Camera._meta.get_field("code").to_python(code),
        name=name.strip(),
        site=site,
        stream_url=device.stream_url,
        substream_url=device.substream_url,
        snapshot_url=device.snapshot_url,
        username=username,
        password=password,
        vendor=device.vendor,
        model=device.model,
        notes=f"ONVIF: {device.firmware}, {device.serial}".rstrip(", "),
    )
