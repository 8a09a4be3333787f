"""From a broken camera to its ticket and back, with real cameras, Redis, worker and beat."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from cameras.models import Camera
from maintenance.models import Ticket, TicketState
from monitoring.models import CameraHealth, HealthSpan, Incident, SnapshotKind
from monitoring.verdicts import Reason, Verdict
from tests.e2e.program import (
    PATIENCE_S,
    PEOPLE_CLOSE,
    Program,
    longest_silence,
    probed_since,
    wait_for,
)
from tests.factories import make_camera
from tests.farm import Farm, FarmCamera

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm() as farm:
        yield farm


@pytest.fixture
def program(transactional_db: None) -> Iterator[Program]:
    with Program(**PEOPLE_CLOSE) as program:
        program.sees(" ready.", within_s=120)
        yield program
        program.stop()


def stream(camera: FarmCamera, **fields: str) -> Camera:
    return make_camera(code=camera.code, snapshot_url="", substream_url=camera.rtsp_url, **fields)


def snapshot(camera: FarmCamera, **fields: str) -> Camera:
    return make_camera(code=camera.code, snapshot_url=camera.snapshot_url, **fields)


def state(camera: Camera) -> str | None:
    """The state of the camera's only ticket; None when it has none."""
    found = list(Ticket.objects.filter(camera=camera).values_list("state", flat=True))
    assert len(found) <= 1
    return found[0] if found else None


def test_the_life_of_faults(farm: Farm, program: Program) -> None:
    secret = {"username": "operator", "password": "kata/sandi@kamera"}
    good = [
        stream(farm.add("PA-A-01", auth="digest", **secret), **secret),
        snapshot(farm.add("PA-A-02", scene="road-day")),
        stream(farm.add("PA-A-03", codec="h265", scene="water-night")),
    ]
    black = snapshot(farm.add("PA-B-01", fault="black"))
    refused = stream(farm.add("PA-B-02", fault="refused"))

    def verdicts() -> dict[str, str]:
        return dict(CameraHealth.objects.values_list("camera__code", "verdict"))

    for camera, reason in ((black, ""), (refused, Reason.REFUSED)):
        wait_for(
            lambda c=camera: state(c) == TicketState.NEW, f"{camera}: a ticket", program, PATIENCE_S
        )
        assert Incident.objects.get(camera=camera).reason == reason
    wait_for(
        lambda: {verdicts()[camera.code] for camera in good} == {Verdict.HEALTHY},
        "good cameras healthy",
        program,
        30,
    )

    farm.break_("PA-A-01", "frozen")
    victim = good[0]
    wait_for(lambda: state(victim) == TicketState.NEW, "a ticket of the frozen", program, 90)
    incident = Incident.objects.get(camera=victim)
    assert incident.verdict == Verdict.FROZEN
    assert incident.snapshot(SnapshotKind.BEFORE) and incident.snapshot(SnapshotKind.FAULT)

    farm.mend("PA-A-01")
    farm.mend("PA-B-02")
    for camera in (victim, refused):
        wait_for(
            lambda c=camera: state(c) == TicketState.AWAITING_VERIFICATION,
            f"{camera}: awaiting verification",
            program,
            PATIENCE_S,
        )
    incident.refresh_from_db()
    assert incident.ended_at is not None
    assert incident.snapshot(SnapshotKind.AFTER) is not None

    assert state(black) == TicketState.NEW
    assert [state(camera) for camera in good[1:]] == [None, None]
    for camera in (*good, black, refused):
        assert HealthSpan.objects.filter(camera=camera, ended_at=None).count() == 1
    assert secret["password"] not in program.printed
    assert "Traceback" not in program.printed


def test_what_is_killed_comes_back_and_nothing_is_lost_or_doubled(
    farm: Farm, program: Program
) -> None:
    good = [
        snapshot(farm.add(f"PA-C-{number:02}", scene=scene))
        for number, scene in enumerate(("water-day", "road-day", "water-night"))
    ]
    bad = stream(farm.add("PA-D-01", fault="not-found"))
    everyone = [*good, bad]
    wait_for(lambda: probed_since(everyone, timezone.now()) or state(bad), "a start", program, 90)

    worker_main = program.process("celery --quiet -A monitoring worker")
    victims = [
        ("a worker's child", lambda: worker_main.children()[0]),
        ("the worker", lambda: program.process("celery --quiet -A monitoring worker")),
        ("the broker", lambda: program.process("redis")),
        ("the web server", lambda: program.process("gunicorn")),
        ("the beat", lambda: program.process("celery --quiet -A monitoring beat")),
    ]
    for who, find in victims:
        find().kill()
        killed_at = timezone.now()
        wait_for(
            lambda at=killed_at: probed_since(everyone, at),
            f"every camera probed after the end of {who}",
            program,
            PATIENCE_S,
        )
    wait_for(lambda: state(bad) == TicketState.NEW, "the ticket", program, PATIENCE_S)
    assert [state(camera) for camera in good] == [None] * 3
    assert Incident.objects.filter(camera=bad).count() == 1
    assert longest_silence(everyone).total_seconds() < 30
    for camera in everyone:
        assert HealthSpan.objects.filter(camera=camera, ended_at=None).count() == 1
