"""Many rows by one prepared statement: every kind of column, and no row but those meant."""

import uuid
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from cameras.bulk import update_each
from monitoring.models import CameraHealth
from monitoring.scheduling import add_new
from tests.factories import make_camera

pytestmark = pytest.mark.django_db


def test_each_row_gets_its_own_values_of_every_kind() -> None:
    cameras = [make_camera() for _each in range(4)]
    add_new(timezone.now())
    *rows, untouched = CameraHealth.objects.order_by("pk")
    at = datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=UTC)
    for number, row in enumerate(rows):
        row.codec, row.width, row.probed_at = f"h{number}", number, at
        row.claim, row.trace = uuid.UUID(int=number + 1), bytes([number, 0, 255])
        row.measurements = {"changed": number / 7, "kata": "“é”"}
        row.detail = "50 % of “it” \\ %s"
    fields = ["codec", "width", "probed_at", "claim", "trace", "measurements", "detail"]

    update_each(rows, fields)

    for number, row in enumerate(CameraHealth.objects.filter(pk__in=[one.pk for one in rows])):
        assert (row.codec, row.width, row.probed_at) == (f"h{number}", number, at)
        assert (row.claim, bytes(row.trace)) == (uuid.UUID(int=number + 1), bytes([number, 0, 255]))
        assert row.measurements == {"changed": number / 7, "kata": "“é”"}
        assert row.detail == "50 % of “it” \\ %s"
    untouched.refresh_from_db()
    assert (untouched.codec, untouched.claim) == ("", None)
    assert len(cameras) == 4


def test_only_the_named_columns_are_written() -> None:
    make_camera()
    add_new(timezone.now())
    row = CameraHealth.objects.get()
    row.codec, row.detail = "h264", "not to be written"
    update_each([row], ["codec"])
    row.refresh_from_db()
    assert (row.codec, row.detail) == ("h264", "")


def test_nothing_is_asked_of_the_database_for_no_rows(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        update_each([], ["codec"])
