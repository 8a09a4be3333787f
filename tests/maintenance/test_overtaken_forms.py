"""A form whose row was moved by a deed in between: it saves what was typed, and no more."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from maintenance import ledger, procurement
from maintenance.models import FiscalYear, Package, PackageState
from maintenance.procurement_schedule import Role
from tests.factories import make_line
from tests.maintenance.packages import go_on, make_package, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_chief(rf: RequestFactory) -> Any:
    request = rf.post("/")
    request.user = User.objects.create_superuser("kepala")
    return request


def save_read_before(request: Any, row: Any, **typed: Any) -> None:
    """Save a page's form onto the row as it was read before, as the admin does."""
    its_admin = admin.site._registry[type(row)]
    form = its_admin.get_form(request, row, change=True)(typed, instance=row)
    assert form.is_valid(), form.errors
    its_admin.save_model(request, its_admin.save_form(request, form, change=True), form, True)


@time_machine.travel("2026-11-24 10:00+07:00")
def test_a_new_name_of_a_package_leaves_the_contract_signed_meanwhile(
    request_of_chief: Any,
) -> None:
    package = procurement.start(make_package(), date(2026, 2, 2), None)
    go_on(package, Role.CONTRACT)
    read = Package.objects.get(pk=package.pk)
    signed = sign(package)
    save_read_before(request_of_chief, read, name="Lensa Sunter")
    package.refresh_from_db()
    assert (package.name, package.state) == ("Lensa Sunter", PackageState.CONTRACTED)
    assert package.commitment == signed.commitment


@time_machine.travel("2027-01-04 09:00+07:00")
def test_a_new_limit_of_addenda_does_not_open_a_year_closed_meanwhile(
    request_of_chief: Any,
) -> None:
    read = FiscalYear.objects.get(pk=make_line(1000).year_id)
    ledger.close_year(read, None)
    save_read_before(request_of_chief, read, addendum_limit_percent="5")
    year = FiscalYear.objects.get(pk=read.pk)
    assert year.is_closed
    assert year.addendum_limit_percent == 5
