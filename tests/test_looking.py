"""Looking at cameras: the list with its strips, the search, the wall, the map, “probe now”."""

import json
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cameras.models import Agency, Area, Camera, SiteKind
from maintenance import contracts, procurement
from maintenance.package_shares import shares_of
from monitoring.map_outline import SHIPPED, read_outline
from monitoring.models import CameraHealth, HealthSpan
from monitoring.recording import record
from monitoring.verdicts import Verdict
from tests.factories import claimed, make_camera, make_site, make_user, seen
from tests.maintenance.packages import contracted, make_package, make_ticket
from tests.test_admin import break_camera, html

pytestmark = pytest.mark.django_db
LIST = "/admin/cameras/camera/"


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("kepala"))
    return client


def codes(client: Client, query: str) -> set[str]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, query
    return {camera.code for camera in answer.context["cl"].result_list}


def placed(**fields: Any) -> Camera:
    site = make_site(latitude="-6.198600", longitude="106.810300", **fields)
    return break_camera(site=site)


# --- The list ------------------------------------------------------------------------------------


def test_the_list_shows_uptime_of_seven_and_thirty_days(chief: Client) -> None:
    camera = make_camera()
    now = timezone.now()
    CameraHealth.objects.create(camera=camera, verdict="healthy", probed_at=now)
    began = now - timedelta(days=40)
    fault = now - timedelta(days=20), now - timedelta(days=17)
    HealthSpan.objects.create(camera=camera, verdict="healthy", began_at=began, ended_at=fault[0])
    HealthSpan.objects.create(camera=camera, verdict="black", began_at=fault[0], ended_at=fault[1])
    HealthSpan.objects.create(camera=camera, verdict="healthy", began_at=fault[1])
    page = html(chief, LIST)
    days = 29 + (timezone.localtime(now) - timezone.localtime(now).replace(hour=0, minute=0)) / (
        timedelta(days=1)
    )
    month = int((1 - 3 / days) * 1000) / 10
    assert (
        f"<small>100,0 % · {month:.1f} %</small>".replace(
            f"{month:.1f}", f"{month:.1f}".replace(".", ",")
        )
        in page
    )
    assert page.count('class="day-poor"') == 1


def test_an_area_is_searched_with_all_its_districts(chief: Client) -> None:
    city = Area.objects.create(code="31.72", name="Jakarta Utara")
    district = Area.objects.create(code="31.72.01", name="Penjaringan", parent=city)
    inside = make_camera(site=make_site(area=district, kind=SiteKind.FLOODGATE))
    make_camera()
    assert codes(chief, f"area={city.pk}") == {inside.code}
    assert codes(chief, f"area={city.pk}&site__kind__exact=floodgate") == {inside.code}
    assert codes(chief, f"area={city.pk}&condition=faulty") == set()


def test_cameras_are_found_by_code_name_street_and_host(chief: Client) -> None:
    agency = Agency.objects.create(code="SDA", name="Dinas Sumber Daya Air")
    site = make_site(address="Jl. Perwira 7", name="Istiqlal")
    camera = make_camera(
        code="PA-IST-01", site=site, agency=agency, stream_url="rtsp://10.9.8.7:8554/satu"
    )
    make_camera(code="XX-1", stream_url="rtsp://10.9.1.1/dua")
    for words in ("PA-IST", "istiqlal", "perwira", "10.9.8", "10.9.8.7:8554"):
        assert codes(chief, f"q={words}") == {camera.code}, words
    assert codes(chief, f"agency={agency.pk}") == {camera.code}


def test_the_search_gives_no_secret_away(chief: Client) -> None:
    """Neither the password's field nor what a device takes in its address can be guessed."""
    camera = make_camera(
        snapshot_url="http://10.1.1.1/cgi?usr=tamu&pwd=s.rahasia", password="t0p.rahasia"
    )
    other = make_camera()
    # As no form stores it, but a row written by hand might.
    Camera.objects.filter(pk=other.pk).update(stream_url="rtsp://admin.x:kunci.y@10.1.1.2/satu")
    for guess in ("s.rahasia", "pwd=s.r", "t0p.rahasia", "admin.x", "admin.x:kunci.y", "kunci.y"):
        assert codes(chief, f"q={guess}") == set(), guess
    assert codes(chief, "q=10.1.1.1") == {camera.code}


# --- Pages at a known cost -----------------------------------------------------------------------


def test_every_page_to_look_at_asks_at_most_fifteen_questions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    cameras = [placed(kind=SiteKind.FLOODGATE) for _each in range(6)]
    permissions = ["cameras.view_camera", "cameras.change_camera", "monitoring.view_camerahealth"]
    permissions += ["monitoring.view_incident", "maintenance.view_ticket"]
    client.force_login(make_user(*permissions))
    area = Area.objects.get()
    for page in (
        LIST,
        f"{LIST}?area={area.pk}&condition=faulty&q=PA",
        f"{LIST}wall/",
        f"{LIST}wall/?area={area.pk}&faulty=1",
        f"{LIST}wall/?fragment=1",
        f"{LIST}map/",
        reverse("admin:cameras_camera_change", args=[cameras[0].pk]),
    ):
        with django_assert_max_num_queries(15):
            html(client, page)


def test_without_the_right_to_pictures_there_is_neither_wall_nor_map(client: Client) -> None:
    client.force_login(make_user("cameras.view_camera"))
    for page in ("wall/", "map/"):
        assert client.get(LIST + page).status_code == 403
    assert f"{LIST}wall/" not in html(client, "/admin/")


# --- The wall ------------------------------------------------------------------------------------


def test_the_wall_shows_the_pictures_of_an_area_or_a_site(chief: Client) -> None:
    bad = placed()
    elsewhere = make_camera(site=make_site(area=Area.objects.create(code="JU", name="Utara")))
    record(claimed(elsewhere), [seen(elsewhere, Verdict.HEALTHY)])

    everything = html(chief, f"{LIST}wall/")
    assert bad.code in everything and elsewhere.code in everything
    assert f"/pictures/cameras/{bad.pk}/latest.jpg" in everything
    for query in (f"area={bad.site.area_id}", f"site={bad.site_id}", "faulty=1"):
        part = html(chief, f"{LIST}wall/?{query}&fragment=1")
        assert bad.code in part and elsewhere.code not in part, query
        assert "<html" not in part


def test_a_wall_with_many_pictures_has_pages_that_keep_the_choice(chief: Client) -> None:
    site = make_site()
    for _each in range(50):
        make_camera(site=site)
    page = html(chief, f"{LIST}wall/?site={site.pk}&fragment=1")
    assert "halaman 1 dari 2" in page
    assert f'href="?site={site.pk}&amp;page=2"' in page
    assert html(chief, f"{LIST}wall/?site={site.pk}&page=2").count('class="card ') == 2


# --- The map -------------------------------------------------------------------------------------


def test_the_map_shows_sites_by_what_their_cameras_show(chief: Client) -> None:
    bad = placed(name="Pintu Air Karet")
    far = make_site(latitude="-6.334000", longitude="106.879000", name="Cipinang Hulu")
    good = make_camera(site=far)
    record(claimed(good), [seen(good, Verdict.HEALTHY)])
    make_camera()  # at a site without coordinates

    page = html(chief, f"{LIST}map/")

    assert "Pintu Air Karet: gambar gelap: 1" in page
    assert "Cipinang Hulu: sehat: 1" in page
    assert f"{LIST}?site__id__exact={bad.site_id}" in page
    assert page.count('<a href="') > 2 and "Jakarta Selatan" in page
    assert "© OpenStreetMap, ODbL 1.0" in page
    assert "1 kamera berada di lokasi tanpa koordinat" in page
    assert "<image" not in page
    only = html(chief, f"{LIST}map/?faulty=1")
    assert "Cipinang Hulu" not in only and "Pintu Air Karet" in only


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "area"),
    [
        ("Monas", 106.827, -6.175, "31.71"),
        ("Taman Impian Jaya Ancol", 106.843, -6.125, "31.72"),
        ("Simpang Grogol", 106.790, -6.167, "31.73"),
        ("Taman Margasatwa Ragunan", 106.820, -6.312, "31.74"),
        ("Taman Mini Indonesia Indah", 106.895, -6.302, "31.75"),
        ("Pulau Untung Jawa", 106.706, -5.977, "31.01"),
    ],
)
def test_well_known_places_lie_in_their_area_of_the_outline(
    place: str, longitude: float, latitude: float, area: str
) -> None:
    def crossed(ring: Any) -> int:
        """How many sides of the ring a ray from the place to the east meets."""
        return sum(
            (a[1] > latitude) != (b[1] > latitude)
            and longitude < a[0] + (latitude - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
            for a, b in pairwise(ring)
        )

    shapes = read_outline(SHIPPED).shapes
    found = {shape.code for shape in shapes if sum(map(crossed, shape.rings)) % 2}
    assert found == {area}, place


def test_sites_that_lie_together_are_one_mark_that_leads_closer(chief: Client) -> None:
    for latitude in ("-6.190000", "-6.190500", "-6.191000"):
        break_camera(site=make_site(latitude=latitude, longitude="106.820000"))
    page = html(chief, f"{LIST}map/")
    found = re.search(r'<a href="(\?box=[^"]+)" class="map-mark[^>]*aria-label="3 lokasi', page)
    assert found is not None
    closer = html(chief, f"{LIST}map/{found[1]}")
    assert closer.count("site__id__exact") == 3
    for no_box in ("nonsense", "106.82,-6.19,106.82000000000001,-6.18"):
        assert html(chief, f"{LIST}map/?box={no_box}").count("map-mark") == 1


def test_tiles_are_asked_for_only_where_a_server_of_them_is_configured(
    chief: Client, settings: Any
) -> None:
    settings.MAP_TILES_URL = "https://ubin.example.id/{z}/{x}/{y}.png"
    settings.MAP_TILES_CREDIT = "© Peta Contoh"
    page = html(chief, f"{LIST}map/")
    tiles = re.findall(r"https://ubin\.example\.id/(\d+)/(\d+)/(\d+)\.png", page)
    assert 4 <= len(tiles) <= 40
    # Jakarta lies in tile 12/3263/2118 (longitude 106.83, latitude −6.18).
    level = int(tiles[0][0])
    assert (str(level), str(3263 >> (12 - level)), str(2118 >> (12 - level))) in tiles
    assert "© Peta Contoh" in page and "© OpenStreetMap, ODbL 1.0" in page


def test_another_outline_may_be_put_in_place(chief: Client, settings: Any, tmp_path: Path) -> None:
    square = [[106.7, -6.3], [106.9, -6.3], [106.9, -6.1], [106.7, -6.1], [106.7, -6.3]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Kotak"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file = tmp_path / "batas.geojson"
    file.write_text(json.dumps({"credit": "© BIG, CC BY 4.0", "features": [feature]}))
    settings.MAP_OUTLINE = str(file)
    page = html(chief, f"{LIST}map/")
    assert "Kotak" in page and "© BIG, CC BY 4.0" in page
    assert "OpenStreetMap" not in page


@pytest.mark.parametrize("text", [None, "{}", "[]", "Kotak", '{"features": [{"geometry": 7}]}'])
def test_an_outline_that_cannot_be_used_is_named_and_the_shipped_one_shown(
    chief: Client, settings: Any, tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "rusak.geojson"
    if text is not None:
        file.write_text(text)
    settings.MAP_OUTLINE = str(file)
    page = html(chief, f"{LIST}map/")
    assert "MAP_OUTLINE tidak dapat dipakai" in page and "OpenStreetMap" in page


# --- Probe now -----------------------------------------------------------------------------------


def test_probing_now_is_answered_when_the_probe_is_done(chief: Client) -> None:
    camera = break_camera()
    address = reverse("admin:cameras_camera_probe", args=[camera.pk])
    assert address in html(chief, reverse("admin:cameras_camera_change", args=[camera.pk]))
    CameraHealth.objects.update(
        due_at=timezone.now() + timedelta(hours=1), probed_at=timezone.now() - timedelta(minutes=1)
    )

    since = chief.post(address).json()["since"]

    assert CameraHealth.objects.get().due_at <= timezone.now()
    assert chief.get(address, {"since": since}).json() == {"done": False}
    record(claimed(camera), [seen(camera, Verdict.HEALTHY)])
    told = chief.get(address, {"since": since}).json()
    assert told["done"] and "gambar gelap → sehat?" in told["words"]
    assert told["picture"].startswith(f"/pictures/cameras/{camera.pk}/latest.jpg?v=")


def test_what_cannot_be_probed_is_said(chief: Client) -> None:
    camera = break_camera()
    address = reverse("admin:cameras_camera_probe", args=[camera.pk])
    assert chief.get(address, {"since": "kemarin"}).status_code == 400
    Camera.objects.update(is_monitored=False)
    answer = chief.post(address)
    assert answer.status_code == 409
    assert "tidak dipantau" in answer.json()["problem"]


def test_only_who_may_change_a_camera_may_have_it_probed(client: Client) -> None:
    camera = break_camera()
    client.force_login(make_user("cameras.view_camera"))
    address = reverse("admin:cameras_camera_probe", args=[camera.pk])
    assert client.post(address).status_code == 403
    assert "data-probe-now" not in html(
        client, reverse("admin:cameras_camera_change", args=[camera.pk])
    )


def test_a_cameras_page_shows_its_last_thirty_days_by_the_hour(chief: Client) -> None:
    camera = break_camera()
    HealthSpan.objects.filter(ended_at=None).update(began_at=timezone.now() - timedelta(hours=2))
    page = html(chief, reverse("admin:cameras_camera_change", args=[camera.pk]))
    assert page.count('<th scope="row">') >= 30
    assert re.search(r"<title>gambar gelap, \d\d\.\d\d – \d\d\.\d\d</title>", page)


def test_a_cameras_page_shows_what_its_repairs_cost(client: Client) -> None:
    first, second = make_ticket(), make_ticket()
    assert first.camera is not None
    contracted(tickets=[first, second])
    address = reverse("admin:cameras_camera_change", args=[first.camera.pk])
    client.force_login(make_user("cameras.view_camera", "maintenance.view_package"))
    page = html(client, address)
    assert "Rp 140.000.000, bagian rata dari Rp 280.000.000 untuk 2 tiket" in page
    client.force_login(make_user("cameras.view_camera"))
    assert "140.000.000" not in html(client, address)


def test_an_addendum_changes_what_a_repair_cost(chief: Client) -> None:
    first, second = make_ticket(), make_ticket()
    assert first.camera is not None
    package = contracted(tickets=[first, second])
    day = date(2026, 7, 20)
    contracts.amend_contract(package, "ADD-1", 20_000_000, day, "Kabel", None)
    page = html(chief, reverse("admin:cameras_camera_change", args=[first.camera.pk]))
    assert "Rp 150.000.000, bagian rata dari Rp 300.000.000 untuk 2 tiket" in page
    page = html(chief, package.get_absolute_url())
    assert "Rp 300.000.000" in page and "Rp 280.000.000 saat ditandatangani" in page


def test_a_package_that_the_ticket_left_before_the_contract_is_no_repair() -> None:
    first, second = make_ticket(), make_ticket()
    assert first.camera is not None and second.camera is not None
    package = make_package(tickets=[first, second])
    procurement.take_out(package, first, None)
    assert shares_of(first.camera) == []
    (repair,) = shares_of(second.camera)
    assert (repair.tickets, repair.share_rupiah) == (1, None)
