"""Where the sun stands, checked against an almanac's times for Jakarta."""

from datetime import datetime

import pytest

from monitoring.daylight import DARK_BELOW_DEGREES, JAKARTA, sun_elevation


@pytest.mark.parametrize(
    ("at", "least", "most"),
    [
        ("2026-11-24T05:26:00+07:00", -2, 1),  # sunrise
        ("2026-11-24T17:50:00+07:00", -2, 1),  # sunset
        ("2026-11-24T11:40:00+07:00", 70, 90),
        ("2026-11-24T23:40:00+07:00", -65, -61),
        ("2026-06-21T11:55:00+07:00", 58, 62),  # the sun stands in the north
    ],
)
def test_the_suns_height_over_jakarta(at: str, least: float, most: float) -> None:
    assert least <= sun_elevation(JAKARTA, datetime.fromisoformat(at)) <= most


def test_the_margin_around_sunset_is_about_twenty_minutes() -> None:
    before = sun_elevation(JAKARTA, datetime.fromisoformat("2026-11-24T17:20:00+07:00"))
    within = sun_elevation(JAKARTA, datetime.fromisoformat("2026-11-24T17:35:00+07:00"))
    assert within < DARK_BELOW_DEGREES < before
