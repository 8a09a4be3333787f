"""Sentences: each test of the eye can say why, and none trips over its own numbers."""

import pytest
from django.utils.translation import override

from monitoring.sentences import MEASURE_LABELS, sentence, table
from monitoring.verdicts import Because

EVERYTHING = dict.fromkeys(MEASURE_LABELS, 0.123)


@pytest.mark.parametrize("because", Because)
def test_every_reason_has_a_sentence(because: Because) -> None:
    said = sentence({"because": str(because), **EVERYTHING})
    assert said.endswith(".") and "%(" not in said and "%%" not in said


@pytest.mark.parametrize("measurements", [{}, {"because": "of old"}, {"because": "moved"}])
def test_measurements_that_say_nothing_make_no_sentence(measurements: dict[str, str]) -> None:
    assert sentence(measurements) == ""


def test_numbers_are_rounded_as_people_read_them() -> None:
    with override("en"):
        assert sentence({"because": "filled", "filled": 0.382}).startswith("38 %")
        assert dict(table({"brightness": 14.26, "found": 0.4567, "because": "dark"})) == {
            "brightness (0 to 255)": "14.3",
            "share of the view found again": "0.46",
        }
