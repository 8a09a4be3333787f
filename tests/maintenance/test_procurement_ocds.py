"""Releases are valid against the schema that the Open Contracting Data Standard publishes.

`ocds-release-schema-1.1.json` is that schema (release 1.1.5), unchanged.
"""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft4Validator

from maintenance import contracts, ocds, procurement
from maintenance.models import Package
from tests.factories import make_line
from tests.maintenance.packages import (
    MILLION,
    accepted,
    contracted,
    go_on,
    make_package,
    make_ticket,
    stage,
)

pytestmark = pytest.mark.django_db

SCHEMA = json.loads((Path(__file__).parent / "ocds-release-schema-1.1.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)
FEBRUARY = date(2026, 2, 2)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-11-24 10:00+07:00", tick=False):
        yield


def of_every_state() -> list[Package]:
    line = make_line(9000 * MILLION)
    planned = make_package(line=line, tickets=[make_ticket()])
    planned.upkeep.create(description="Bersihkan lensa", quantity=12, unit_rupiah=500_000)
    failed = procurement.start(make_package(line=line), FEBRUARY, None)
    go_on(failed, "evaluation")
    procurement.fail_tender(failed, "Satu penawaran", stage(failed, "opening").actual_end, None)
    cancelled = procurement.start(make_package(line=line), FEBRUARY, None)
    procurement.cancel(cancelled, "Dialihkan", None)
    signed = contracted(line=line, method="quick_tender")
    paid = accepted(line=line, tickets=[make_ticket()])
    contracts.pay(paid, "SP2D-1", date(2026, 7, 20), 280 * MILLION, None)
    old_line = make_line(750 * MILLION, 2013)
    old = make_package(line=old_line, method="simple_tender", rule_date=date(2013, 9, 16))
    return [planned, failed, cancelled, signed, paid, old]


def test_the_checker_itself_refuses_what_is_no_release_and_no_moment() -> None:
    assert list(VALIDATOR.iter_errors({"ocid": "x"}))
    release = ocds.release(make_package())
    assert list(VALIDATOR.iter_errors({**release, "date": "kemarin"}))


def test_releases_of_every_state_are_valid() -> None:
    packages = of_every_state()
    found = ocds.release_package(Package.objects.order_by("pk"), uri="http://localhost/ocds.json")
    assert len(found["releases"]) == len(packages)
    for release in found["releases"]:
        # As it goes over the wire.
        errors = [
            f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in VALIDATOR.iter_errors(json.loads(json.dumps(release)))
        ]
        assert errors == [], release["ocid"]


def test_a_paid_package_tells_the_whole_story() -> None:
    paid = of_every_state()[4]
    found = ocds.release_package(Package.objects.filter(pk=paid.pk), uri="x")["releases"][0]
    assert found["tag"] == ["planning", "tender", "award", "contract", "implementation"]
    assert found["tender"]["value"] == {"amount": 300 * MILLION, "currency": "IDR"}
    assert found["contracts"][0]["value"]["amount"] == 280 * MILLION
    (payment,) = found["contracts"][0]["implementation"]["transactions"]
    assert (payment["id"], payment["value"]["amount"]) == ("SP2D-1", 280 * MILLION)
    assert found["tender"]["items"][0]["id"] == paid.links.get().ticket.number


def test_a_failed_round_stays_in_the_release() -> None:
    failed = of_every_state()[1]
    milestones = ocds.release(failed)["tender"]["milestones"]
    assert [each["description"] for each in milestones if each["status"] == "notMet"] == [
        "Satu penawaran"
    ]


def test_the_export_is_a_release_package_for_those_who_may(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    of_every_state()
    address = reverse("admin:maintenance_package_ocds")
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_superuser("kepala"))
    with django_assert_max_num_queries(14):
        answer = client.get(address)
    assert answer.json()["version"] == "1.1"
    assert len(answer.json()["releases"]) == 6


def test_an_addendum_raises_the_contract_and_leaves_the_award() -> None:
    package = contracted(tickets=[make_ticket()])
    signed_on = package.signed_on
    contracts.amend_contract(package, "ADD-1", 10 * MILLION, signed_on, "Kabel", None)
    found = ocds.release(package)
    assert found["awards"][0]["value"]["amount"] == 280 * MILLION
    assert found["contracts"][0]["value"]["amount"] == 290 * MILLION


def test_a_ticket_that_was_taken_out_before_the_contract_is_none_of_its_items() -> None:
    stays, leaves = make_ticket(), make_ticket()
    package = contracted(tickets=[stays, leaves])
    link = package.links.get(ticket=leaves)
    signed = timezone.make_aware(datetime.combine(package.signed_on, time()))
    for hours, expected in ((-1, {stays.number}), (1, {stays.number, leaves.number})):
        left = signed + timedelta(hours=hours)
        package.links.filter(pk=link.pk).update(joined_at=left, left_at=left)
        fresh = Package.objects.get(pk=package.pk)
        assert {each["id"] for each in ocds.release(fresh)["tender"]["items"]} == expected
