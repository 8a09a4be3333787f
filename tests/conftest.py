"""What every test gets."""

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from django.test import TransactionTestCase
from xdist.scheduler import LoadScopeScheduling


def is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("e2e", "long"))


# Files whose tests are shared out one by one, for each is long and shares nothing with the others.
_ONE_BY_ONE = ("tests/e2e/", "tests/rights/test_every_address", "tests/test_indonesian")


class _Sharing(LoadScopeScheduling):
    """Where several tests run at once: file by file, for those of a file share what is dear to
    make, but for the long ones."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(_ONE_BY_ONE) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Sharing:
    return _Sharing(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that no processor waits for the last; by turns those that wait most
    of their time (e2e) and those that reckon.

    pytest-django has put tests with transactions of their own last, because they leave an empty
    database; here they do not (emptied_database_is_as_migrated).
    """
    ranks = Counter[bool]()

    def place(item: pytest.Item) -> tuple[bool, int]:
        if not is_long(item):
            return True, 0
        waits = item.get_closest_marker("e2e") is not None
        ranks[waits] += 1
        return False, ranks[waits]

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What walks through everything says little about what is tested, and takes twice as long
    while it is traced: coverage is of the others."""
    measuring = Coverage.current() if is_long(item) else None
    if measuring is not None:
        measuring.stop()
    try:
        return (yield)
    finally:
        if measuring is not None:
            measuring.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required, as in CI, a test that is skipped has failed."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_ALL"):
        report.outcome = "failed"
    return report


@pytest.fixture(autouse=True, scope="session")
def emptied_database_is_as_migrated() -> Generator[None]:
    """Tests with transactions of their own empty every table: even the ledger, which nothing else
    may, and the reference data, which come back."""
    from django.apps import apps

    from cameras.audit import guard
    from maintenance import guards, reference

    empty = TransactionTestCase._fixture_teardown

    def empty_and_refill(case: TransactionTestCase) -> None:
        with guards.lifted(), guard.lifted():
            empty(case)
        reference.load(apps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_and_refill)
        yield


@pytest.fixture(autouse=True, scope="session")
def admin_pages() -> None:
    """The admin knows its pages once the addresses are read, as it does in the web server."""
    import monitoring.urls

    assert monitoring.urls


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """A folder of pictures for each test, and static files as they stand in the source."""
    settings.MEDIA_ROOT = tmp_path / "pictures"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """A password's hash is meant to take long, and nearly every test makes an account. Programs
    that a test starts hash as in production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
