"""The folder of an installation: its keys are made once, and never replaced unnoticed."""

import stat
from pathlib import Path

import pytest

from monitoring.datadir import kept_secret
from tests.concurrency import at_once


def test_a_key_is_made_once_whoever_asks_first_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    found: list[str] = []
    at_once(*[lambda: found.append(kept_secret(file))] * 8)
    assert len(set(found)) == 1 and len(found) == 8
    assert found[0] == file.read_text() == kept_secret(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_empty_key_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "credential-key"
    file.write_text("\n")
    with pytest.raises(ValueError, match="credential-key is empty"):
        kept_secret(file)
    assert file.read_text() == "\n"
