"""Names and passwords: the right ones open the door, wrong ones do not."""

import re
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from tests.farm import FarmCamera
from tests.farm_tests.clients import Rtsp, basic, decoded, digest, fetch, watched
from tests.farm_tests.conftest import PutUp

NAME, PASSWORD = "operator", "p@ss:w/rd?#%& 1"
WRONG = [(NAME, "salah"), ("orang", PASSWORD), (NAME, ""), ("", PASSWORD)]


@pytest.fixture(scope="module", params=["basic", "digest"])
def camera(request: pytest.FixtureRequest, put_up: PutUp) -> FarmCamera:
    return put_up(f"PA-{request.param}", auth=request.param, username=NAME, password=PASSWORD)


def authorization(camera: FarmCamera, client: Rtsp, name: str, password: str) -> str:
    if camera.spec.auth == "basic":
        return basic(name, password)
    challenge = client.ask("DESCRIBE").headers["www-authenticate"]
    return digest(challenge, name, password, "DESCRIBE", client.url)


def by_http(camera: FarmCamera, url: str, name: str, password: str) -> bytes:
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, url, name, password)
    handler = {
        "basic": urllib.request.HTTPBasicAuthHandler,
        "digest": urllib.request.HTTPDigestAuthHandler,
    }[camera.spec.auth]
    with urllib.request.build_opener(handler(known)).open(url, timeout=10) as answer:
        return bytes(answer.read(100_000))


def test_the_challenge_names_the_scheme(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        answer = client.ask("DESCRIBE")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].lower().startswith(camera.spec.auth)


def test_the_right_ones_open_a_stream(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        right = authorization(camera, client, NAME, PASSWORD)
        assert client.ask("DESCRIBE", Authorization=right).status == 200


@pytest.mark.parametrize(("name", "password"), WRONG)
def test_wrong_ones_open_no_stream(camera: FarmCamera, name: str, password: str) -> None:
    with Rtsp(camera.port) as client:
        wrong = authorization(camera, client, name, password)
        assert client.ask("DESCRIBE", Authorization=wrong).status == 401


def test_every_step_of_a_stream_asks_for_them(camera: FarmCamera) -> None:
    with Rtsp(camera.port) as client:
        steps = ("DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER")
        assert [client.ask(method).status for method in steps] == [401] * 4


def test_ffmpeg_finds_its_way_in(camera: FarmCamera) -> None:
    inside = f"rtsp://{NAME}:{quote(PASSWORD, safe='')}@127.0.0.1:{camera.port}/sub"
    assert len(watched(inside, 1)) == 1


def test_the_right_ones_open_a_snapshot(camera: FarmCamera) -> None:
    assert decoded(by_http(camera, camera.snapshot_url, NAME, PASSWORD)).shape == (180, 320, 3)


@pytest.mark.parametrize(("name", "password"), WRONG)
def test_wrong_ones_open_no_snapshot(camera: FarmCamera, name: str, password: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        by_http(camera, camera.snapshot_url, name, password)


def test_without_any_there_is_no_picture(camera: FarmCamera) -> None:
    for url in (camera.snapshot_url, camera.mjpeg_url):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetch(url)


def test_a_digest_to_an_old_challenge_is_worth_nothing(put_up: PutUp) -> None:
    camera = put_up("PA-OLD", auth="digest", username=NAME, password=PASSWORD)
    with Rtsp(camera.port) as client:
        challenge = client.ask("DESCRIBE").headers["www-authenticate"]
        old = re.sub('nonce="[^"]*"', 'nonce="0123456789abcdef"', challenge)
        stale = digest(old, NAME, PASSWORD, "DESCRIBE", client.url)
        assert client.ask("DESCRIBE", Authorization=stale).status == 401


def test_the_other_scheme_does_not_open(put_up: PutUp) -> None:
    camera = put_up("PA-DIG", auth="digest", username=NAME, password=PASSWORD)
    with Rtsp(camera.port) as client:
        assert client.ask("DESCRIBE", Authorization=basic(NAME, PASSWORD)).status == 401
