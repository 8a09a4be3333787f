"""Numbers out of addresses: what is none, or too large, is None."""

import pytest

from cameras.whole_numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", [None, "", "x", "-1", "1.5", "²", "٣", "9" * 19, "9" * 5000])
def test_anything_else_is_none(text: str | None) -> None:
    assert whole_number(text) is None
