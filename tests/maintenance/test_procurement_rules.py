"""What the rules in force on a day allow and refuse, and what they are made of."""

from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from maintenance.models import (
    Kind,
    Method,
    MethodRule,
    RuleSet,
    StageTemplate,
    StageTemplateItem,
)
from maintenance.procurement_rules import ProcurementError, rules_on, ruling, usable_methods
from maintenance.procurement_schedule import Role
from maintenance.rules_data import load_rules
from tests.maintenance.packages import MILLION

pytestmark = pytest.mark.django_db

BILLION = 1000 * MILLION


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2012, 8, 1), "Perpres 70/2012"),
        (date(2018, 6, 30), "Perpres 70/2012"),
        (date(2018, 7, 1), "Perpres 16/2018"),
        (date(2021, 2, 1), "Perpres 16/2018"),
        (date(2021, 2, 2), "Perpres 12/2021"),
        (date(2025, 4, 29), "Perpres 12/2021"),
        (date(2025, 4, 30), "Perpres 46/2025"),
        (date(2026, 11, 24), "Perpres 46/2025"),
    ],
)
def test_the_rules_of_a_day_are_those_in_force_on_it(day: date, name: str) -> None:
    assert rules_on(day).name == name


def test_a_day_without_rules_on_record_is_refused_in_words() -> None:
    with pytest.raises(ProcurementError, match="2012"):
        rules_on(date(2012, 7, 31))


@pytest.mark.parametrize(
    ("day", "method", "kind", "limit"),
    [
        (date(2013, 9, 16), Method.DIRECT_PROCUREMENT, Kind.SERVICES, 200 * MILLION),
        (date(2013, 9, 16), Method.DIRECT_PROCUREMENT, Kind.WORKS, 200 * MILLION),
        (date(2013, 9, 16), Method.SIMPLE_TENDER, Kind.GOODS, 5 * BILLION),
        (date(2013, 9, 16), Method.SIMPLE_TENDER, Kind.WORKS, 5 * BILLION),
        (date(2019, 1, 2), Method.DIRECT_PROCUREMENT, Kind.GOODS, 200 * MILLION),
        (date(2022, 1, 3), Method.DIRECT_PROCUREMENT, Kind.WORKS, 200 * MILLION),
        (date(2026, 1, 2), Method.DIRECT_PROCUREMENT, Kind.SERVICES, 200 * MILLION),
        (date(2026, 1, 2), Method.DIRECT_PROCUREMENT, Kind.WORKS, 400 * MILLION),
    ],
)
def test_a_method_ends_exactly_at_its_limit_and_the_refusal_cites_the_rule(
    day: date, method: Method, kind: Kind, limit: int
) -> None:
    rules = rules_on(day)
    assert ruling(rules, method, kind, limit).is_allowed
    refused = ruling(rules, method, kind, limit + 1)
    assert not refused.is_allowed
    assert rules.citation in refused.refusal
    assert f"{limit:,}".replace(",", ".") in refused.refusal


@pytest.mark.parametrize(
    ("day", "method", "known"),
    [
        (date(2013, 9, 16), Method.SIMPLE_TENDER, True),
        (date(2013, 9, 16), Method.QUICK_TENDER, False),
        (date(2019, 1, 2), Method.SIMPLE_TENDER, False),
        (date(2019, 1, 2), Method.QUICK_TENDER, True),
        (date(2026, 1, 2), Method.QUICK_TENDER, True),
    ],
)
def test_each_period_knows_its_own_methods(day: date, method: Method, known: bool) -> None:
    answer = ruling(rules_on(day), method, Kind.SERVICES, 100 * MILLION)
    assert answer.is_allowed is known
    assert known or answer.rule is None


def test_direct_appointment_wants_to_know_which_case_it_is() -> None:
    rules = rules_on(date(2026, 1, 2))
    asked = ruling(rules, Method.DIRECT_APPOINTMENT, Kind.SERVICES, BILLION)
    assert not asked.is_allowed and rules.citation in asked.refusal
    assert ruling(rules, Method.DIRECT_APPOINTMENT, Kind.SERVICES, BILLION, "Darurat").is_allowed


def test_the_methods_for_750_million_in_2013() -> None:
    found = {
        rule.method
        for rule in usable_methods(rules_on(date(2013, 9, 16)), "services", 750 * MILLION)
    }
    assert Method.DIRECT_PROCUREMENT not in found
    assert {Method.SIMPLE_TENDER, Method.TENDER, Method.E_PURCHASING} <= found


def test_every_method_of_every_period_has_a_template_that_can_be_followed() -> None:
    for rule in MethodRule.objects.select_related("template"):
        items = list(rule.template.items.all())
        codes = [item.code for item in items]
        roles = [item.role for item in items]
        for role in (Role.ANNOUNCEMENT, Role.CONTRACT, Role.WORK, Role.HANDOVER, Role.PAYMENT):
            assert roles.count(role) == 1, (rule, role)
        order = [
            roles.index(role) for role in (Role.CONTRACT, Role.WORK, Role.HANDOVER, Role.PAYMENT)
        ]
        assert order == sorted(order)
        for place, item in enumerate(items):
            assert not item.anchor or item.anchor in codes[:place], (rule, item)


@pytest.mark.parametrize(
    ("template", "stage", "days"),
    [
        ("pelelangan-umum-2012", "announcement", 7),
        ("pelelangan-umum-2012", "objection", 5),
        ("pelelangan-sederhana-2012", "announcement", 4),
        ("pelelangan-sederhana-2012", "objection", 3),
        ("tender-2018", "announcement", 5),
        ("tender-2018", "bids", 3),
        ("tender-2018", "objection", 5),
        ("tender-cepat-2018", "announcement", 3),
    ],
)
def test_the_shortest_times_of_the_law_are_on_record(template: str, stage: str, days: int) -> None:
    item = StageTemplateItem.objects.get(template__code=template, code=stage)
    assert item.minimum_days == days
    assert item.typical_days >= days


def test_loading_again_adds_nothing_and_leaves_what_people_changed() -> None:
    before = (
        RuleSet.objects.count(),
        MethodRule.objects.count(),
        StageTemplateItem.objects.count(),
    )
    assert before[0] == 4
    MethodRule.objects.filter(method=Method.DIRECT_PROCUREMENT).update(maximum_rupiah=1)
    assert load_rules(apps) == 0
    after = (RuleSet.objects.count(), MethodRule.objects.count(), StageTemplateItem.objects.count())
    assert after == before
    assert set(
        MethodRule.objects.filter(method=Method.DIRECT_PROCUREMENT).values_list(
            "maximum_rupiah", flat=True
        )
    ) == {1}


def test_the_database_refuses_durations_that_do_not_rise() -> None:
    template = StageTemplate.objects.create(code="salah", name="Salah")
    with pytest.raises(IntegrityError), transaction.atomic():
        StageTemplateItem.objects.create(
            template=template,
            order=1,
            code="satu",
            name="Satu",
            holder="ppk",
            phase="tender",
            typical_days=2,
            minimum_days=3,
        )
