"""What every test gets."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase


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
