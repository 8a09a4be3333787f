"""Simulated cameras that the tests of this folder share: each is put up once, and small."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import settings

from tests.farm import Farm, FarmCamera

SMALL = (320, 180)

# A machine under load is no failure; an example that takes seconds is.
settings.register_profile("patient", deadline=4000, database=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def cameras_farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture(scope="session")
def put_up(cameras_farm: Farm) -> Callable[..., FarmCamera]:
    """A camera with these properties; the same one whenever the same are asked for.

    Its code is made of them, so that its clip is found again on disk by the next run.
    """

    @cache
    def put_up(**wishes: object) -> FarmCamera:
        code = "-".join(str(wish) for wish in wishes.values()) or "plain"
        given = {"size": SMALL, "seconds": 6, **wishes}
        return cameras_farm.add(f"T-{code}", **given)

    return put_up
