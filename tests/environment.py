"""Where tests write: a folder of their own, never that of an installation beside them.

A pytest plugin, so that it is loaded before Django's settings are.
"""

import os
import shutil
import tempfile

import pytest

_FOLDER = tempfile.mkdtemp(prefix="cctv-test-")

os.environ["DATA_DIR"] = _FOLDER
os.environ["PROBE_ALLOWED_NETWORKS"] = "127.0.0.0/8,::1"  # where the tests' cameras are
os.environ["ENV_FILE"] = os.path.join(_FOLDER, "no-such-file")  # noqa: PTH118

if "PYTEST_XDIST_WORKER" in os.environ:
    # Programs that a test starts are not measured: coverage doubles the time that a start takes.
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
