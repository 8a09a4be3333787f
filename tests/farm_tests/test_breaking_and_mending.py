"""Breaking and mending while somebody watches."""

import cv2
import numpy as np
import pytest

from tests.farm import Farm, FarmError
from tests.farm_tests.clients import Rtsp, decoded, fetch, is_quiet, mjpeg
from tests.farm_tests.conftest import PutUp
from tests.supervisor.helpers import until


def brightness(jpeg: bytes) -> float:
    return float(np.mean(cv2.cvtColor(decoded(jpeg), cv2.COLOR_BGR2GRAY)))


def is_over(client: Rtsp) -> bool:
    """Whether the camera hangs up, once what was on its way has come."""
    try:
        return any(client.packet() is None for _ in range(100))
    except ConnectionResetError:
        return True


def test_who_is_connected_sees_a_picture_fault(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-01")
    pictures = mjpeg(camera.mjpeg_url)
    on_their_way = 100  # sent while the film of the fault was made
    assert brightness(next(pictures)) > 50
    farm.break_(camera.code, "black")
    assert any(brightness(next(pictures)) < 10 for _ in range(on_their_way))
    farm.mend(camera.code)
    assert any(brightness(next(pictures)) > 50 for _ in range(on_their_way))
    pictures.close()


def test_a_stream_changes_at_a_key_frame_and_keeps_counting(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-02")
    farm.break_(camera.code, "frozen")
    farm.mend(camera.code)  # the film is made now: the next time takes effect at once
    packets = []
    with Rtsp(camera.port) as client:
        client.play()
        while not (packets and packets[-1].is_key and packets[-1].marker):
            packets += client.packets(1)
        due = packets[-1].timestamp + 2 * 90_000
        packets += client.packets(4)
        farm.break_(camera.code, "frozen")
        packets += client.packets(4)  # may have been on their way
        while not packets[-1].is_key:
            packets += client.packets(1)
    assert packets[-1].timestamp < due
    first = packets[0].sequence
    assert [packet.sequence for packet in packets] == [
        (first + step) & 0xFFFF for step in range(len(packets))
    ]


@pytest.mark.parametrize("fault", ["mute", "refused", "unauthorised"])
def test_who_is_connected_is_hung_up_on_by_a_connection_fault(
    farm: Farm, put_up: PutUp, fault: str
) -> None:
    camera = put_up(f"PA-{fault}")
    with Rtsp(camera.port) as client:
        client.play()
        assert client.packet() is not None
        farm.break_(camera.code, fault)
        assert is_over(client)


def test_one_fault_follows_another(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-03")
    for fault in ("silent", "black", "mute", "refused", "black"):
        farm.break_(camera.code, fault)
    assert brightness(fetch(camera.snapshot_url)) < 10


def test_a_camera_can_be_put_up_broken_and_mended(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-04", fault="refused")
    farm.mend(camera.code)
    farm.mend(camera.code)
    assert brightness(fetch(camera.snapshot_url)) > 50


def test_the_neighbours_do_not_notice(farm: Farm, put_up: PutUp) -> None:
    victim, neighbour = put_up("PA-TST-05"), put_up("PA-TST-06")
    with Rtsp(neighbour.port) as client:
        client.play()
        for fault in ("silent", "frozen", "garbage"):
            farm.break_(victim.code, fault)
            assert client.packet() is not None


def test_connections_are_counted(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-07")
    assert farm.client_count(camera.code) == 0
    with Rtsp(camera.port) as one, Rtsp(camera.port) as other:
        one.play(), other.ask("OPTIONS")
        assert farm.client_count(camera.code) == 2
    until(lambda: farm.client_count(camera.code) == 0, "nobody there", within_s=5)


def test_codes_may_be_written_small(farm: Farm, put_up: PutUp) -> None:
    camera = put_up("PA-TST-08", fault="mute")
    farm.mend("pa-tst-08")
    with Rtsp(camera.port) as client:
        assert client.ask("OPTIONS").status == 200 and is_quiet(client.socket, 0.1)


def test_an_unknown_camera_or_fault_is_answered_with_near_names(farm: Farm, put_up: PutUp) -> None:
    put_up("PA-TST-09")
    with pytest.raises(FarmError, match=r"no camera “PA-TST-9”.*Near: .*PA-TST-09"):
        farm.break_("PA-TST-9", "black")
    with pytest.raises(FarmError, match=r"no fault “blakc”.*Near: black"):
        farm.break_("PA-TST-09", "blakc")


def test_a_fault_that_the_camera_cannot_have_is_refused(farm: Farm, put_up: PutUp) -> None:
    put_up("PA-TST-10", sources=("main", "sub"))
    with pytest.raises(FarmError, match=r"truncated-jpeg.*needs an HTTP source"):
        farm.break_("PA-TST-10", "truncated-jpeg")
