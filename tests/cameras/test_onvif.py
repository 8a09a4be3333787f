"""Finding cameras, against an ONVIF device on loopback that speaks as real ones do."""

import asyncio
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from cameras import networks
from cameras.onvif.description import Device
from cameras.onvif.device import look_at, look_at_all
from cameras.onvif.discovery import search
from tests.farm.onvif import OnvifDevice


def ask(device: OnvifDevice, username: str = "operator", password: str = "rahasia") -> Device:
    return asyncio.run(look_at("127.0.0.1", device.port, username, password))


def test_a_device_that_answers_is_found_at_its_address_of_use() -> None:
    with OnvifDevice() as device:
        assert search(1.5, at=("127.0.0.1", device.discovery_port)) == [("127.0.0.1", device.port)]


def test_nobody_is_found_where_no_camera_may_be() -> None:
    with OnvifDevice() as device:
        networks.allow(())
        try:
            assert search(1.0, at=("127.0.0.1", device.discovery_port)) == []
            assert ask(device).problem == "other" and not device.asked
        finally:
            networks.allow(settings.PROBE_ALLOWED_NETWORKS)


@pytest.mark.parametrize("host", ["kamera.jahat.example", "127.1", "2130706433", "0x7f.0.0.1"])
def test_a_name_that_may_mean_this_machine_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Only the name server could say what it means, and says it anew to whoever connects."""
    resolve = socket.getaddrinfo

    def means_this_machine(asked: Any, *args: Any, **kwargs: Any) -> Any:
        return resolve("127.0.0.1" if asked == host else asked, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", means_this_machine)
    networks.allow(())
    try:
        with OnvifDevice(host=host) as device:
            assert search(1.0, at=("127.0.0.1", device.discovery_port)) == []
            found = asyncio.run(look_at(host, device.port, "operator", "rahasia"))
            assert found.problem == "other" and not device.asked
    finally:
        networks.allow(settings.PROBE_ALLOWED_NETWORKS)


def test_a_device_that_sends_one_on_is_not_followed() -> None:
    with OnvifDevice() as inner:
        target = f"http://127.0.0.1:{inner.port}/onvif/device_service"
        with OnvifDevice(sends_on_to=target) as device:
            found = ask(device)
        assert (found.problem, found.model, inner.asked) == ("other", "", [])


def test_a_device_tells_what_it_is_and_where_its_pictures_are() -> None:
    with OnvifDevice(ahead=timedelta(minutes=-7)) as device:
        found = ask(device)
    assert found.clock_ahead_s == pytest.approx(-420, abs=5)
    assert (found.problem, found.vendor, found.model) == ("", "Farm", "F-100")
    assert (found.firmware, found.serial) == ("V1.2.3", "0815")
    assert found.stream_url == "rtsp://127.0.0.1:554/main"
    assert found.substream_url == "rtsp://127.0.0.1:554/sub"
    assert found.snapshot_url == f"http://127.0.0.1:{device.port}/s.jpg"


@pytest.mark.parametrize(
    ("profiles", "main", "probed"),
    [
        ([("a", 640, 360), ("b", 2560, 1440), ("c", 1280, 720)], "b", "a"),
        ([("a", 176, 144), ("b", 1920, 1080), ("c", 704, 576)], "b", "c"),
        ([("a", 1920, 1080)], "a", ""),
        ([("a", 1920, 1080), ("b", 1920, 1080)], "a", ""),
        ([], "", ""),
    ],
)
def test_the_smallest_stream_that_can_be_judged_is_probed(
    profiles: list[tuple[str, int, int]], main: str, probed: str
) -> None:
    with OnvifDevice(profiles=profiles, has_snapshot=False) as device:
        found = ask(device)
    urls = [f"rtsp://127.0.0.1:554/{token}" if token else "" for token in (main, probed)]
    assert [found.problem, found.stream_url, found.substream_url] == ["", *urls]
    assert found.snapshot_url == ""


@pytest.mark.parametrize(
    "stream",
    ["file:///etc/passwd", "http://127.0.0.1/x", "rtsp://10.9.9.9/x", "rtsp://127.0.0.1:0/", ""],
)
def test_an_address_that_is_not_the_devices_own_is_not_kept(stream: str) -> None:
    with OnvifDevice(stream=stream) as device:
        found = ask(device)
    assert (found.model, found.stream_url, found.substream_url) == ("F-100", "", "")


def test_a_password_in_an_address_is_not_kept() -> None:
    with OnvifDevice(stream="rtsp://operator:rahasia@{host}:554/{token}") as device:
        assert ask(device).stream_url == "rtsp://127.0.0.1:554/main"


@pytest.mark.parametrize("credentials", [("operator", "salah"), ("lain", "rahasia"), ("", "")])
def test_who_may_not_sign_in_is_told_so(credentials: tuple[str, str]) -> None:
    with OnvifDevice() as device:
        found = ask(device, *credentials)
    assert (found.problem, found.stream_url) == ("unauthorised", "")


def test_one_that_is_silent_or_gone_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.onvif.device.TIMEOUT_SECONDS", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, OnvifDevice() as device:
        gone = socket.create_server(("127.0.0.1", 0))
        places = [silent.getsockname(), gone.getsockname(), ("127.0.0.1", device.port)]
        gone.close()
        found = look_at_all(places, "operator", "rahasia")
    assert [each.problem for each in found] == ["silent", "silent", ""]
