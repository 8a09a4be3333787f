"""The demo's registry: added once, and never over what staff have changed."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cameras.models import Agency, Area, Camera, Site, Uplink
from tests.farm.catalogue import DEMO_CATALOGUE

pytestmark = pytest.mark.django_db


def load(*arguments: str) -> None:
    call_command("load_demo", *arguments, verbosity=0)


def test_every_camera_of_the_catalogue_is_added_with_what_it_hangs_on() -> None:
    catalogue = json.loads(DEMO_CATALOGUE.read_text())
    load()
    assert Camera.objects.count() == len(catalogue["cameras"]) >= 40
    for model, key in ((Site, "sites"), (Area, "areas"), (Agency, "agencies"), (Uplink, "uplinks")):
        assert model._default_manager.count() == len(catalogue[key])
    for camera in Camera.objects.select_related("site"):
        camera.full_clean()
        assert camera.addresses


def test_camera_after_camera_listens_on_the_ports_after_the_farms_own() -> None:
    load("--farm-port", "20000")
    catalogue = json.loads(DEMO_CATALOGUE.read_text())
    for index, row in enumerate(catalogue["cameras"]):
        camera = Camera.objects.get(code=row["code"])
        assert all(f"//127.0.0.1:{20001 + index}/" in address for address in camera.addresses)


def test_loaded_twice_nothing_is_added() -> None:
    load()
    before = list(Camera.objects.values_list("pk", "code"))
    load()
    assert list(Camera.objects.values_list("pk", "code")) == before


def test_what_staff_have_changed_stays_and_what_they_removed_comes_back() -> None:
    load()
    kept, removed = Camera.objects.all()[:2]
    Camera.objects.filter(pk=kept.pk).update(name="Diubah petugas", is_monitored=False)
    Camera.objects.filter(pk=removed.pk).delete()
    load()
    kept.refresh_from_db()
    assert (kept.name, kept.is_monitored) == ("Diubah petugas", False)
    assert Camera.objects.filter(code=removed.code).exists()


@pytest.mark.parametrize("content", [None, "{"])
def test_a_catalogue_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "catalogue.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=r"catalogue\.json"):
        load("--catalogue", str(file))
    assert not Camera.objects.exists()
