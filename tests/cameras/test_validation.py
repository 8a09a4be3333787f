"""What a person reads who types something that cannot be, and what the database refuses."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from cameras.models import Agency, Area, Camera, Site, Uplink, UplinkKind
from tests.factories import make_camera, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def problems(row: Any) -> dict[str, list[str]]:
    """What full_clean says, by field."""
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return caught.value.message_dict


def camera(**fields: Any) -> Camera:
    """A camera that is not saved."""
    given = {"code": "PA-1", "name": "Kamera", "snapshot_url": "http://10.1.2.3/x"}
    return Camera(**{**given, "site": make_site(), **fields})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("file:///etc/passwd", "The address must begin with rtsp://, rtsps://, http:// or"),
        ("rtsp:///stream1", "The address names no host."),
        ("rtsp://10.1.2.3:0/x", "Port 0 does not exist."),
        ("rtsp://10.1.2.3:x/x", "This address cannot be read."),
        ("rtsp://10.1.2.3/a b", "The address contains a space or a control character."),
    ],
)
@pytest.mark.parametrize("field", ["stream_url", "substream_url"])
def test_an_address_that_may_not_be_probed_is_answered_in_words(
    field: str, address: str, sentence: str
) -> None:
    (said,) = problems(camera(**{field: address}))[field]
    assert said.startswith(sentence)
    assert said.endswith("Example: rtsp://10.1.2.3:554/stream1")


def test_a_snapshot_comes_by_http() -> None:
    said = problems(camera(snapshot_url="rtsp://10.1.2.3/x"))
    assert said == {"snapshot_url": ["A snapshot is fetched over http:// or https://."]}


def test_a_monitored_camera_needs_an_address_and_another_does_not() -> None:
    (said,) = problems(camera(snapshot_url=""))["__all__"]
    assert said.startswith("A monitored camera needs at least one address")
    camera(snapshot_url="", is_monitored=False).full_clean()


def test_the_database_too_refuses_a_monitored_camera_without_an_address() -> None:
    make_camera(snapshot_url="", stream_url="rtsp://10.1.2.3/x")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_camera(snapshot_url="")


def test_an_interval_of_less_than_ten_seconds_is_refused() -> None:
    assert "interval_seconds" in problems(camera(interval_seconds=9))
    camera(interval_seconds=10).full_clean()


def test_the_cheapest_address_comes_first() -> None:
    every = camera(stream_url="rtsp://10.1.2.3/main", substream_url="rtsp://10.1.2.3/sub")
    assert every.addresses == ["http://10.1.2.3/x", "rtsp://10.1.2.3/sub", "rtsp://10.1.2.3/main"]
    assert camera(snapshot_url="", stream_url="rtsp://a/b").addresses == ["rtsp://a/b"]


def test_a_code_is_typed_in_any_case_and_kept_in_capitals() -> None:
    row = camera(code="  pa-mgr-01 ")
    row.full_clean()
    assert row.code == "PA-MGR-01"


@pytest.mark.parametrize("code", ["PA MGR", "-PA", "PA/1", "PÅ-1", ".1", "PA_1"])
def test_a_code_of_other_signs_is_refused_in_words(code: str) -> None:
    (said,) = problems(camera(code=code))["code"]
    assert said == "Use capital letters, digits, dots and hyphens only, as in PA-MGR-01."


def test_a_code_is_taken_once() -> None:
    make_camera(code="PA-MGR-01")
    (said,) = problems(camera(code="pa-mgr-01"))["code"]
    assert "already exists" in said
    with pytest.raises(IntegrityError), transaction.atomic():
        make_camera(code="PA-MGR-01")


@pytest.mark.parametrize("coordinates", [{"latitude": "-6.2"}, {"longitude": "106.8"}])
def test_a_site_has_both_coordinates_or_none(coordinates: dict[str, str]) -> None:
    area = Area.objects.create(code="31.71", name="Jakarta Pusat")
    site = Site(code="PA-1", name="Pintu Air", area=area, **coordinates)
    assert problems(site) == {"__all__": ["Give both latitude and longitude, or neither."]}
    with pytest.raises(IntegrityError), transaction.atomic():
        site.save()


@pytest.mark.parametrize(
    ("field", "value"), [("latitude", "90.1"), ("latitude", "-91"), ("longitude", "180.5")]
)
def test_a_site_lies_on_the_earth(field: str, value: str) -> None:
    site = make_site()
    site.latitude, site.longitude = 0, 0
    setattr(site, field, value)
    assert list(problems(site)) == [field]


def uplink(code: str, parent: Uplink | None = None) -> Uplink:
    return Uplink.objects.create(code=code, name=code, kind=UplinkKind.SWITCH, parent=parent)


def test_an_uplink_is_not_reached_through_itself() -> None:
    provider = uplink("ISP")
    switch = uplink("SW", provider)
    recorder = uplink("NVR", switch)
    for parent in (provider, switch, recorder):
        row = Uplink.objects.get(pk=provider.pk)
        row.parent = parent
        assert problems(row) == {"parent": ["An uplink cannot be reached through itself."]}
    recorder.parent = provider
    recorder.full_clean()


def test_a_circle_that_is_there_already_holds_nobody_up() -> None:
    provider = uplink("ISP")
    switch = uplink("SW", provider)
    Uplink.objects.filter(pk=provider.pk).update(parent=switch)
    Uplink(code="N", name="N", kind=UplinkKind.NVR, parent=switch).full_clean()


def test_a_new_uplink_may_stand_behind_any_other() -> None:
    Uplink(code="N", name="N", kind=UplinkKind.NVR, parent=uplink("SW")).full_clean()


def test_everything_is_named_by_its_name() -> None:
    site = make_site(name="Pintu Air Manggarai")
    named = [site, site.area, Agency(name="Satpol PP"), uplink("SW"), camera(name="Hulu")]
    assert [str(row) for row in named] == [
        "Pintu Air Manggarai",
        "Jakarta Selatan",
        "Satpol PP",
        "SW",
        "PA-1 Hulu",
    ]
