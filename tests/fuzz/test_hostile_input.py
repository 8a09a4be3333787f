"""Two thousand harmed inputs in a process of their own: it must live, and answer each in time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitoring.limits import READ_SECONDS
from tests.fuzz.__main__ import LIMITS

ROOT = Path(__file__).resolve().parents[2]
CASES = 2200


@pytest.mark.long
def test_no_harmed_input_crashes_or_hangs_the_eye_or_goes_without_a_verdict(
    tmp_path: Path,
) -> None:
    at = tmp_path / "case"
    command = [sys.executable, "-m", "tests.fuzz", "--cases", str(CASES), "--at", str(at)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=400, env=os.environ)
    where = at.read_text() if at.exists() else "before the first case"
    assert done.returncode == 0, f"died in case {where}: {done.stderr.decode()[-2000:]}"
    result = json.loads(done.stdout.decode().strip().splitlines()[-1])
    assert sum(result["kinds"].values()) == CASES
    assert result["slowest_s"] <= LIMITS.timeout_s + LIMITS.burst_s + READ_SECONDS
    # The inputs are neither all hopeless nor all harmless.
    assert any(each.startswith("healthy") for each in result["verdicts"])
    assert any(each.startswith("corrupt") for each in result["verdicts"])
    assert any(each.startswith("offline") for each in result["verdicts"])
