"""Addresses that somebody wrote by hand: a number that is none, or is far too large."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.maintenance.repairing import make_ticket

pytestmark = pytest.mark.django_db

HUGE = "9" * 30


@pytest.mark.parametrize("odd", ["\u00b2", HUGE, "9" * 5000])
def test_no_address_breaks_by_an_odd_number(client: Client, odd: str) -> None:
    client.force_login(User.objects.create_superuser("kepala"))
    ticket = make_ticket()
    for address, status in (
        (f"workorder/issue/?ticket={odd}", 404),
        (f"ticket/?agency={odd}", 200),
        (f"ticket/?area={odd}", 200),
        (f"ticket/?priority={odd}", 200),
        (f"repair/enter/{ticket.pk}/?corrects={odd}", 200),
    ):
        assert client.get(f"/admin/maintenance/{address}").status_code == status, address
    for name in ("agency", "area"):
        assert client.get(f"/admin/cameras/camera/?{name}={odd}").status_code == 200
    forget = client.post("/admin/maintenance/ticket/view/", {"forget": odd})
    assert forget.status_code == 302


def test_no_row_has_a_number_that_is_far_too_large(client: Client) -> None:
    client.force_login(User.objects.create_superuser("kepala"))
    assert client.get(f"/admin/maintenance/workorder/{HUGE}/sheet.pdf").status_code == 404
    assert client.get(f"/admin/maintenance/ticket/{HUGE}/change/").status_code == 404
