"""The distance of a published split from the true one, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.score.split import compare
from tests.score.town import dated

BANDS = ("<18", "18-24", "25-34", "35-44", "65+")


def rows(**people: float) -> list[dict[str, object]]:
    """Rows of classes, whose names are joined by `_or_`; the interval is ten to each side."""
    names = {"young": "<18", "middle": "25-34", "old": "65+"}
    found = []
    for words, number in people.items():
        value = "|".join(names.get(word, word) for word in words.split("_or_"))
        found.append({"value": value, "people": number, "people_low": number - 10, "people_high": number + 10})
    return found


def distance(published: list[dict[str, object]], truth: dict[str, float]) -> float:
    split = compare(published, truth)
    assert split is not None
    return split.distance


def test_the_distance_is_half_the_sum_of_the_differences_of_shares() -> None:
    # 60, 30, 10 % against 50, 30, 20 %.
    assert distance(rows(young=600, middle=300, old=100), {"<18": 50, "25-34": 30, "65+": 20}) == pytest.approx(0.1)


def test_the_level_does_not_matter() -> None:
    assert distance(rows(young=10, old=30), {"<18": 1000, "65+": 3000}) == 0


def test_pooled_classes_are_compared_as_pools() -> None:
    truth = {"<18": 10, "25-34": 50, "65+": 40}
    assert distance(rows(young_or_middle=60, old=40), truth) == 0
    assert distance(rows(young_or_middle=50, old=50), truth) == pytest.approx(0.1)


def test_a_class_without_a_row_is_one_of_nobody() -> None:
    assert distance(rows(young=50), {"<18": 30, "65+": 70}) == pytest.approx(0.7)


def test_a_row_of_people_who_are_not_there_counts() -> None:
    assert distance(rows(young=50, old=50), {"<18": 100}) == pytest.approx(0.5)


def test_unknown_is_spread_over_the_known_domestic_classes() -> None:
    # 80 known and 20 unknown domestic people: 50 of the young stand for 62.5, and 100 are foreign.
    split = compare(rows(young=50, old=30, unknown=20, foreign=100), {"<18": 62.5, "65+": 37.5, "foreign": 100})
    assert split is not None
    assert split.distance == pytest.approx(0)
    assert [pair["truth"] for pair in split.pairs] == [62.5, 37.5, 100]


def test_a_pool_with_unknown_has_a_distance_but_no_pair() -> None:
    split = compare(rows(young=50, old_or_unknown=50), {"<18": 50, "65+": 50})
    assert split is not None
    assert split.distance == 0
    assert [pair["people"] for pair in split.pairs] == [50]


def test_foreign_people_are_left_out_where_they_are_no_class() -> None:
    split = compare(rows(young=50, old=50), {"<18": 50, "65+": 50, "foreign": 900})
    assert split is not None
    assert (split.distance, split.people) == (0, 100)


def test_foreign_people_are_compared_where_they_are_a_class() -> None:
    assert distance(rows(young=50, foreign=50), {"<18": 100}) == pytest.approx(0.5)


def test_countries_are_foreign_and_departements_are_not() -> None:
    published = dated(
        """
        value   people people_low people_high
        21      40     0          0
        unknown 40     0          0
        2A      0      0          0
        DE|FR   20     0          0
        """
    ).to_pylist()
    # The unknown ones are of 21: no part of them is foreign.
    assert distance(published, {"21": 80, "DE": 15, "FR": 5}) == pytest.approx(0)


@pytest.mark.parametrize(
    ("published", "truth"),
    [({"unknown": 10}, {"<18": 5}), ({"young": 10}, {}), ({"young": 0}, {"<18": 5}), ({"young": 5}, {"<18": 0})],
)
def test_there_is_nothing_to_compare_without_people_on_both_sides(
    published: dict[str, float], truth: dict[str, float]
) -> None:
    assert compare(rows(**published), truth) is None


people = st.dictionaries(st.sampled_from(BANDS), st.integers(1, 10_000), min_size=1)


@given(people, people)
def test_a_distance_lies_between_0_and_1(published: dict[str, int], truth: dict[str, int]) -> None:
    assert 0 <= distance(_plain(published), truth) <= 1 + 1e-12


@given(people, st.floats(0.01, 100), st.data())
def test_the_truth_at_any_scale_and_in_any_pools_has_no_distance(
    truth: dict[str, int], factor: float, data: st.DataObject
) -> None:
    assert distance(_pooled({name: count * factor for name, count in truth.items()}, data), truth) == pytest.approx(0)


@given(people, people, st.data())
def test_pooling_never_makes_a_distance_greater(
    published: dict[str, int], truth: dict[str, int], data: st.DataObject
) -> None:
    assert distance(_pooled(published, data), truth) <= distance(_plain(published), truth) + 1e-9


def _plain(people: dict[str, int]) -> list[dict[str, object]]:
    return [{"value": name, "people": n, "people_low": n, "people_high": n} for name, n in people.items()]


def _pooled(people: dict[str, float], data: st.DataObject) -> list[dict[str, object]]:
    """The classes cut into pools at random places of their order."""
    names = [name for name in BANDS if name in people]
    pools: list[list[str]] = [[names[0]]]
    for name in names[1:]:
        if data.draw(st.booleans()):
            pools[-1].append(name)
        else:
            pools.append([name])
    sums = [("|".join(pool), sum(people[name] for name in pool)) for pool in pools]
    return [{"value": value, "people": n, "people_low": n, "people_high": n} for value, n in sums]
