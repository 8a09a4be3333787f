"""What one ONVIF device says of itself. No Django in here.

A device is a stranger: services are asked at the place where it was found, whatever place it names
for them or sends one on to, and every address that it gives is checked before it is kept.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import ClientError, ClientSession
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from zeep.exceptions import Error as SoapError

from cameras.addresses import (
    PICTURE_SCHEMES,
    STREAM_SCHEMES,
    AddressError,
    split_address,
    take_credentials,
)
from cameras.networks import is_number, is_refused
from cameras.onvif.description import Device

__all__ = ["look_at", "look_at_all"]

TIMEOUT_SECONDS = 15.0
_AT_ONCE = 20
# Smaller pictures are too coarse to be judged.
_LEAST_PROBED_WIDTH = 320
_STREAM_SETUP = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_UNAUTHORISED = ("notauthorized", "unauthorized", "401", "sender not authorized")


@dataclass(frozen=True)
class _Profile:
    token: str
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def look_at_all(places: Iterable[tuple[str, int]], username: str, password: str) -> list[Device]:
    """Ask all of them, some at once; each ends within TIMEOUT_SECONDS."""

    async def ask() -> list[Device]:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(host: str, port: int) -> Device:
            async with room:
                return await look_at(host, port, username, password)

        return await asyncio.gather(*(one(host, port) for host, port in places))

    return asyncio.run(ask())


async def look_at(host: str, port: int, username: str, password: str) -> Device:
    """Ask one device. Never raises for what a device may do."""
    found = Device(host, port)
    if not is_number(host) or is_refused(host):
        return replace(found, problem="other")
    # The clocks of cameras run wrong, and then they refuse what is signed with ours.
    camera = _Camera(host, port, username, password, adjust_time=True, nat_override=True)
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _ask(camera, found)
    except (TimeoutError, ClientError, OSError):
        return replace(found, problem="silent")
    except (ONVIFError, SoapError) as error:
        is_login = any(each in str(error).lower() for each in _UNAUTHORISED)
        return replace(found, problem="unauthorised" if is_login else "other")
    except Exception:  # whatever a library stumbles over in a stranger's answer
        logging.getLogger(__name__).info("%s:%s gave an odd answer", host, port, exc_info=True)
        return replace(found, problem="other")
    finally:
        await camera.close()


class _Camera(ONVIFCamera):
    """Goes nowhere else: the library's session would follow a redirect to this machine itself."""

    async def create_onvif_service(self, *args: Any, **kwargs: Any) -> Any:
        service = await super().create_onvif_service(*args, **kwargs)
        if not isinstance(service.transport.session, _Unled):
            service.transport.session = _Unled(service.transport.session)
        return service


class _Unled:
    """An aiohttp session without redirects; it has no setting for them."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    def post(self, address: str, **kwargs: Any) -> Any:
        return self._session.post(address, **kwargs, allow_redirects=False)

    def get(self, address: str, **kwargs: Any) -> Any:
        return self._session.get(address, **kwargs, allow_redirects=False)

    @property
    def closed(self) -> bool:
        return self._session.closed


async def _ask(camera: Any, found: Device) -> Device:
    await camera.update_xaddrs()
    ahead_s = camera.dt_diff.total_seconds() if camera.dt_diff is not None else None
    management = await camera.create_devicemgmt_service()
    said = await management.GetDeviceInformation()
    found = replace(
        found,
        vendor=_text(said.Manufacturer),
        model=_text(said.Model),
        firmware=_text(said.FirmwareVersion),
        serial=_text(said.SerialNumber),
        clock_ahead_s=ahead_s,
    )
    media = await camera.create_media_service()
    main, probed = _choose(_profiles(await media.GetProfiles()))
    if main is None:
        return found
    found = replace(found, stream_url=await _stream(media, main, found.host))
    if probed is not None:
        found = replace(found, substream_url=await _stream(media, probed, found.host))
    try:
        said = await media.GetSnapshotUri({"ProfileToken": (probed or main).token})
        snapshot = _checked(said.Uri, PICTURE_SCHEMES, found.host)
    except (ONVIFError, SoapError):  # many a camera has none
        snapshot = ""
    return replace(found, snapshot_url=snapshot)


def _profiles(said: Sequence[Any]) -> list[_Profile]:
    profiles = []
    for each in said or ():
        coding = getattr(each, "VideoEncoderConfiguration", None)
        size = getattr(coding, "Resolution", None)
        if size is not None:
            profiles.append(_Profile(str(each.token), int(size.Width), int(size.Height)))
    return profiles


def _choose(profiles: Sequence[_Profile]) -> tuple[_Profile | None, _Profile | None]:
    """(the main stream, the one to probe): the largest, and the smallest that can be judged."""
    if not profiles:
        return None, None
    main = max(profiles, key=lambda each: each.pixels)
    smaller = [
        each for each in profiles if each.pixels < main.pixels and each.width >= _LEAST_PROBED_WIDTH
    ]
    return main, min(smaller, key=lambda each: each.pixels, default=None)


async def _stream(media: Any, profile: _Profile, host: str) -> str:
    said = await media.GetStreamUri({"StreamSetup": _STREAM_SETUP, "ProfileToken": profile.token})
    return _checked(said.Uri, STREAM_SCHEMES, host)


def _checked(address: Any, schemes: frozenset[str], host: str) -> str:
    """The address without credentials; "" unless it is one of this device's own."""
    try:
        parts = split_address(str(address))
        plain, _username, _password = take_credentials(str(address))
    except AddressError:
        return ""
    is_own = parts.hostname == host and parts.scheme.lower() in schemes
    return plain if is_own and len(plain) <= 500 else ""


def _text(said: Any) -> str:
    return "".join(each for each in str(said or "") if each.isprintable()).strip()[:100]
