"""Two people import at the same moment: one file after the other, or a clear no; no mixture."""

from typing import Any

import pytest
from django.utils import translation

from cameras.models import Camera
from tests.cameras.test_importing import CAMERA, CameraResource, bring
from tests.concurrency import at_once
from tests.factories import make_camera, make_site

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40


def a_file(name: str) -> list[list[Any]]:
    return [[f"K-{n:02}", name, "PA-MGR", f"rtsp://10.1.2.{n}/1"] for n in range(ROWS)]


def bringing(name: str) -> Any:
    def run() -> Any:
        with translation.override("id"):  # each thread has a language of its own
            return bring(CameraResource, CAMERA, *a_file(name))

    return run


def test_new_cameras_come_once_and_who_is_late_is_told_so() -> None:
    make_site(code="PA-MGR")
    results = at_once(bringing("Pagi"), bringing("Siang"))
    refused = [each for each in results if each.has_errors() or each.wrong]
    assert len(refused) <= 1
    assert all("impor ulang berkasnya" in str(each.base_errors[0].error) for each in refused), [
        each.base_errors for each in refused
    ]
    assert Camera.objects.count() == ROWS
    assert len(set(Camera.objects.values_list("name", flat=True))) == 1


def test_of_two_files_that_change_the_same_cameras_one_is_there_whole() -> None:
    site = make_site(code="PA-MGR")
    for number in range(ROWS):
        make_camera(code=f"K-{number:02}", name="Lama", site=site)
    results = at_once(bringing("Pagi"), bringing("Siang"))
    assert not any(each.has_errors() or each.wrong for each in results)
    assert [each.totals["update"] for each in results] == [ROWS, ROWS]
    assert len(set(Camera.objects.values_list("name", flat=True))) == 1
