"""What several tests of grabbing watch."""

import pytest

from monitoring.grabbing import streams


@pytest.fixture
def asked_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that FFmpeg opened, in order."""
    opened: list[str] = []
    real = streams._open
    monkeypatch.setattr(
        streams, "_open", lambda url, *more: [opened.append(url), real(url, *more)][1]
    )
    return opened
