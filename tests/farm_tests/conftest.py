"""A farm of small cameras with short films."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.farm import Farm, FarmCamera

PutUp = Callable[..., FarmCamera]
SMALL = {"size": (320, 180), "seconds": 2}


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the films of all these tests are kept."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def farm(clips: Path) -> Iterator[Farm]:
    with Farm(clips) as farm:
        yield farm


@pytest.fixture(scope="module")
def put_up(farm: Farm) -> PutUp:
    """Put up a small camera."""

    def put_up(code: str, **fields: Any) -> FarmCamera:
        return farm.add(code, **{**SMALL, **fields})

    return put_up
