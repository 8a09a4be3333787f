"""The order of a tour: short, complete, the same each time."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from maintenance.tours import Place, distance_km, length_km, visiting_order

places = st.tuples(st.floats(-6.4, -6.1), st.floats(106.7, 107.0))


def test_distances_are_those_of_the_globe() -> None:
    manggarai, pluit = (-6.208, 106.848), (-6.111, 106.799)
    assert 11.9 < distance_km(manggarai, pluit) < 12.2
    assert distance_km(pluit, pluit) == 0


def test_sites_in_a_row_are_visited_in_a_row() -> None:
    row: dict[int, Place] = {n: (-6.1 - n / 100, 106.8) for n in (3, 0, 4, 1, 2)}
    assert visiting_order(list(row.items())) == [0, 1, 2, 3, 4]


def test_what_has_no_coordinates_comes_last_in_its_own_order() -> None:
    stops = [("b", None), ("x", (-6.2, 106.8)), ("a", None), ("y", (-6.1, 106.8))]
    assert visiting_order(stops)[2:] == ["b", "a"]
    assert visiting_order([]) == []


@given(st.lists(places, max_size=9))
@settings(max_examples=60, deadline=None)
def test_everything_is_visited_once_and_no_turned_piece_would_be_shorter(
    all_places: list[Place],
) -> None:
    order = visiting_order(list(enumerate(all_places)))
    assert sorted(order) == list(range(len(all_places)))
    way = [all_places[key] for key in order]
    if len(way) < 3:
        return
    for first, last in itertools.combinations(range(1, len(way)), 2):
        turned = [*way[:first], *reversed(way[first : last + 1]), *way[last + 1 :]]
        assert length_km(way) <= length_km(turned) + 1e-6
