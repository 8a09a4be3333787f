"""Nothing stands below itself, and where something does all the same, no walk is without end."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cameras.models import Area, Uplink, UplinkKind
from cameras.trees import Tree
from monitoring import area_days
from monitoring.admin.camera_filters import indented_areas
from monitoring.explaining import Rules, Seen, explain


def test_of_a_circle_one_link_is_cut_and_everything_else_stays() -> None:
    tree = Tree({1: 2, 2: 3, 3: 1, 4: 1, 5: 5, 6: None, 7: 6})
    assert len(list(tree.upwards(1))) == 3 and len(list(tree.upwards(4))) == 4
    assert list(tree.upwards(7)) == [7, 6] and list(tree.upwards(5)) == [5]
    assert tree.below(1) >= {1, 4} and 5 not in tree.children(5)
    assert Tree({1: 2, 2: 1}).roots == Tree({2: 1, 1: 2}).roots


def test_walks_end_in_whatever_a_table_holds() -> None:
    chance = random.Random(3)
    for _each in range(300):
        rows = chance.randrange(1, 12)
        tree = Tree({key: chance.choice([None, *range(rows)]) for key in range(rows)})
        for key in range(rows):
            path = list(tree.upwards(key))
            assert len(path) == len(set(path)) and path[-1] in tree.below(path[-1])
            assert key in tree.below(path[-1])


def test_an_outage_behind_a_circle_of_uplinks_is_explained() -> None:
    now = timezone.now()
    dark = [Seen(number, 1 + number % 2, now) for number in range(4)]
    outages = explain(Tree({1: 2, 2: 1}), dark, Rules(timedelta(minutes=5)))
    assert [len(each.camera_ids) for each in outages] == [4]


@pytest.mark.django_db
def test_areas_in_a_circle_stay_in_filters_and_below_one_city() -> None:
    city = Area.objects.create(code="31.74", name="Jakarta Selatan")
    part = Area.objects.create(code="31.74.01", name="Tebet", parent=city)
    other = Area.objects.create(code="31.75", name="Jakarta Timur")
    Area.objects.filter(pk=city.pk).update(parent=part)
    rows = list(Area.objects.order_by("code").values_list("pk", "name", "parent_id"))
    assert {key for key, _label in indented_areas(rows)} == {city.pk, part.pk, other.pk}
    found = area_days.cities()
    assert found[other.pk] == other.pk
    assert found[city.pk] == found[part.pk] == Tree({city.pk: part.pk, part.pk: city.pk}).roots[0]


@pytest.mark.django_db
def test_no_form_puts_an_area_or_an_uplink_below_itself() -> None:
    city = Area.objects.create(code="31.74", name="Jakarta Selatan")
    part = Area.objects.create(code="31.74.01", name="Tebet", parent=city)
    switch = Uplink.objects.create(code="S", name="S", kind=UplinkKind.SWITCH)
    nvr = Uplink.objects.create(code="N", name="N", kind=UplinkKind.NVR, parent=switch)
    for above, below in ((city, part), (city, city), (switch, nvr)):
        above.parent = below
        with pytest.raises(ValidationError, match=r"itself|sendiri"):
            above.full_clean()
