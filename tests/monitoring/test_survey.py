"""`manage.py probe --all`: every monitored camera now, a table, and no row written."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameras.models import Area, Camera
from monitoring import surveying
from monitoring.limits import Limits
from monitoring.models import CameraHealth
from monitoring.surveying import monitored, survey
from monitoring.verdicts import Verdict
from tests.e2e.program import database_url
from tests.factories import make_camera, make_site
from tests.farm import Farm
from tests.supervisor.helpers import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        farm.add("S-BAIK")
        farm.add("S-GELAP", fault="black")
        farm.add("S-DIAM", fault="mute")
        yield farm


def add(farm: Farm, code: str, simulated: str) -> None:
    make_camera(code=code, snapshot_url=farm.camera(simulated).snapshot_url)


@pytest.fixture
def mixed(farm: Farm) -> None:
    add(farm, "PA-BAIK-01", "S-BAIK")
    add(farm, "PA-BAIK-02", "S-BAIK")
    add(farm, "PA-GELAP-01", "S-GELAP")
    make_camera(code="PA-TUTUP-01")  # nothing listens there
    make_camera(code="PA-LEPAS-01", is_monitored=False)


def surveyed(*arguments: str) -> tuple[Any, str]:
    output = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("probe", "--all", "--burst", "1.5", *arguments, stdout=output)
    return end.value.code, output.getvalue()


def test_a_table_by_verdict_lists_the_bad_ones_and_writes_no_row(mixed: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        status, text = surveyed()
    assert status == 1
    assert "PA-GELAP-01" in text and "PA-TUTUP-01" in text
    assert "PA-BAIK-01" not in text and "PA-LEPAS-01" not in text
    assert not CameraHealth.objects.exists()
    assert {each["sql"].split()[0] for each in queries.captured_queries} == {"SELECT"}


def test_json_has_every_camera(mixed: None) -> None:
    _status, text = surveyed("--json")
    facts = json.loads(text)
    assert (facts["cameras"], facts["probed"]) == (4, 4)
    assert facts["verdicts"] == {"healthy": 2, "black": 1, "offline": 1}
    found = {each["code"]: (each["verdict"], each["reason"]) for each in facts["results"]}
    assert found["PA-TUTUP-01"] == ("offline", "refused")


def test_an_area_is_probed_with_its_parts_and_nothing_else(farm: Farm) -> None:
    city = Area.objects.create(code="31.72", name="Jakarta Utara")
    part = Area.objects.create(code="31.72.01", name="Penjaringan", parent=city)
    make_camera(code="PA-UTR-01", site=make_site(area=city))
    make_camera(code="PA-UTR-02", site=make_site(area=part))
    make_camera(code="PA-SEL-01")
    for words in ("31.72", "jakarta utara"):
        facts = json.loads(surveyed("--area", words, "--json")[1])
        assert sorted(each["code"] for each in facts["results"]) == ["PA-UTR-01", "PA-UTR-02"]


def test_all_healthy_is_exit_status_zero(farm: Farm) -> None:
    add(farm, "PA-BAIK-09", "S-BAIK")
    assert surveyed()[0] == 0


@pytest.mark.parametrize(
    "arguments", [[], ["PA-1", "--all"], ["--all", "--area", "atlantis"], ["--all", "--at-once=0"]]
)
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    make_camera()
    with pytest.raises(CommandError) as refusal:
        call_command("probe", *arguments)
    assert refusal.value.returncode == 2


def test_a_camera_whose_password_is_lost_is_listed_and_the_others_go_on(
    farm: Farm, settings: Any
) -> None:
    make_camera(code="PA-HILANG-01", username="u", password="rahasia")
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    add(farm, "PA-BAIK-10", "S-BAIK")
    found = {one.camera.code: one.seen for one in survey(monitored(), Limits(3, 2), 8)}
    assert found["PA-HILANG-01"] is None
    healthy = found["PA-BAIK-10"]
    assert healthy is not None and healthy.verdict is Verdict.HEALTHY


def test_an_error_of_ours_is_listed_and_the_others_go_on(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(farm, "PA-SIAL-01", "S-BAIK")
    add(farm, "PA-BAIK-10", "S-BAIK")
    real = surveying.examine
    unlucky = Camera.objects.get(code="PA-SIAL-01").snapshot_url
    refused = []

    def broken(target: Any, limits: Any) -> Any:
        if target.sources[0].address == unlucky and not refused:
            refused.append(unlucky)
            raise ZeroDivisionError("an error of ours")
        return real(target, limits)

    monkeypatch.setattr(surveying, "examine", broken)
    found = [one.seen for one in survey(monitored(), Limits(3, 2), 8)]
    assert [one.verdict for one in found if one is not None] == [Verdict.HEALTHY]
    assert None in found


def test_no_more_are_looked_through_at_once_than_is_said(farm: Farm) -> None:
    for number in range(4):
        add(farm, f"PA-DIAM-{number}", "S-DIAM")
    most = 0
    for _one in survey(monitored(), Limits(0.5, 0.5), at_once=2):
        most = max(most, farm.client_count("S-DIAM"))
    assert most <= 2


def test_ctrl_c_prints_what_is_known_so_far(farm: Farm) -> None:
    add(farm, "PA-BAIK-11", "S-BAIK")
    add(farm, "PA-DIAM-11", "S-DIAM")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "probe", "--all", "--timeout", "60"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Under a shell that started the tests in the background, Ctrl-C would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 30
    while farm.client_count("S-DIAM") == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 130, errors
    assert "1" in output and "2" in output
    assert "Traceback" not in errors
