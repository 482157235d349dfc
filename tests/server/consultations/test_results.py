"""Results are of k people at least, no group is unanimous, and no unpublished cell can be worked out."""

import time
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.server.consultations.proof import prove
from pipelines.server.consultations.results import Results, Row, results

YES_NO = ("yes", "no")
K = 20
AGES = ("16-24", "25+")


def by_district(table: list[list[int]], k: int = K) -> list[tuple[str, str, int]]:
    """The rows of a table of choices (yes, no) by districts (a, b, ...), everybody of one age."""
    districts = tuple("abcdef"[: len(table[0])])
    found = results(np.array(table)[:, :, None], YES_NO, districts, ("16+",), k)
    return [
        ("".join(row.members), "|".join(row.choices), row.people) for row in found.rows if row.breakdown == "district"
    ]


@pytest.mark.parametrize(
    ("yes", "expected"),
    [
        (K - 1, [("ab", "yes", K - 1 + 60), ("ab", "no", 120)]),
        (K, [("a", "yes", K), ("a", "no", 60), ("b", "yes", 60), ("b", "no", 60)]),
        (K + 1, [("a", "yes", K + 1), ("a", "no", 60), ("b", "yes", 60), ("b", "no", 60)]),
    ],
)
def test_a_district_stands_alone_from_k_of_each_choice_on(yes: int, expected: list[tuple[str, str, int]]) -> None:
    assert by_district([[yes, 60], [60, 60]]) == expected


@pytest.mark.parametrize(
    ("people", "expected"), [(K - 1, []), (K, [("a", "yes|no", K)]), (K + 1, [("a", "yes|no", K + 1)])]
)
def test_a_town_is_told_from_k_people_on(people: int, expected: list[tuple[str, str, int]]) -> None:
    assert by_district([[people], [0]]) == expected


@pytest.mark.parametrize("other", [0, 1, K - 1])
def test_a_unanimous_town_tells_how_many_answered_and_not_what(other: int) -> None:
    assert by_district([[100, 100], [other, 0]]) == [("a", "yes|no", 100 + other), ("b", "yes|no", 100)]


@pytest.mark.parametrize("other", [0, 1, K - 1])
def test_a_unanimous_district_is_pooled_with_one_that_is_not(other: int) -> None:
    found = by_district([[100, 60, 60], [other, 60, 60]])
    assert found == [("ac", "yes", 160), ("ac", "no", 60 + other), ("b", "yes", 60), ("b", "no", 60)]


def test_an_empty_district_looks_like_one_with_a_few_people() -> None:
    few, none = by_district([[3, 60, 60], [2, 60, 60]]), by_district([[0, 60, 60], [0, 60, 60]])
    assert [row[:2] for row in few] == [row[:2] for row in none]


def test_a_pool_absorbs_the_last_districts_until_it_holds_2k_less_1() -> None:
    assert by_district([[3, 30, 30, 30], [3, 30, 25, 30]]) == [
        ("acd", "yes", 63),
        ("acd", "no", 58),
        ("b", "yes", 30),
        ("b", "no", 30),
    ]


def test_a_choice_of_few_is_pooled_with_the_last_one_of_many() -> None:
    counts = np.array([[[50]], [[4]], [[60]]])
    found = results(counts, ("yes", "no", "none"), ("a",), ("16+",), K)
    assert [(row.choices, row.people) for row in found.rows[:2]] == [(("yes",), 50), (("no", "none"), 64)]


def test_neighbouring_ages_are_pooled_first() -> None:
    ages = ("16-24", "25-39", "40-59", "60+")
    counts = np.array([[[5, 40, 40, 40]], [[5, 40, 40, 40]]])
    found = results(counts, YES_NO, ("a",), ages, K)
    assert [row.members for row in found.rows if row.breakdown == "age_band" and row.choices == ("yes",)] == [
        ("16-24", "25-39"),
        ("40-59",),
        ("60+",),
    ]


TABLES = st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.sampled_from([0, 1, 5, 19, 20, 21, 38, 39, 40, 90]),
        min_size=int(np.prod(shape)),
        max_size=int(np.prod(shape)),
    ).map(lambda flat: np.array(flat).reshape(shape))
)


def named(shape: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"{axis}{at}" for at in range(size)) for axis, size in zip("cda", shape, strict=True))


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_every_row_is_of_k_people_and_everybody_is_in_one_row_of_each_breakdown(table: np.ndarray) -> None:
    found = results(table, *named(table.shape), K)
    assert all(row.people >= K for row in found.rows)
    for breakdown in ("district", "age_band") if found.people is not None else ():
        rows = [row for row in found.rows if row.breakdown == breakdown]
        assert sum(row.people for row in rows) == table.sum()
        cells = [cell for row in rows for cell in product(row.members, row.choices)]
        assert len(cells) == len(set(cells)) == table.shape[0] * table.shape[1 if breakdown == "district" else 2]
        # Every part has the same classes: the total of a class is the sum of its rows.
        assert len({(row.choices) for row in rows}) * len({row.members for row in rows}) == len(rows)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_the_proof_holds_for_whatever_is_published(table: np.ndarray) -> None:
    names = named(table.shape)
    assert prove(results(table, *names, K), *names, K).holds


@pytest.mark.parametrize("shape", [(100, 25, 1), pytest.param((200, 25, 1), marks=pytest.mark.slow)])
def test_the_proof_of_a_large_table_does_not_keep_its_closing_waiting(shape: tuple[int, ...]) -> None:
    found = results(np.full(shape, 30), *named(shape), K)
    begun = time.process_time()
    proof = prove(found, *named(shape), K)
    assert proof.holds
    assert proof.rank == np.prod(shape)
    # A second or two; trying every row for every cell takes a minute and more.
    assert time.process_time() - begun < 10


def row(breakdown: str, members: str, choices: str, people: int) -> Row:
    return Row(breakdown, tuple(members), tuple(choices), people)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("district", "a", "y", 30), row("district", "ab", "y", 35)], "choice y, district b"),
        (
            [
                row("district", "ab", "y", 50),
                row("district", "bc", "y", 50),
                row("district", "ac", "y", 50),
            ],
            "choice y, district a",
        ),
        ([row("district", "abc", "y", 90), row("age_band", "1", "y", 80)], "choice y, age_band 2"),
        ([row("district", "abc", "yn", 90), row("district", "abc", "y", 80)], "choice n"),
    ],
)
def test_the_proof_finds_what_a_difference_tells(rows: list[Row], expected: str) -> None:
    found = prove(Results(100, tuple(rows)), ("y", "n"), ("a", "b", "c"), ("1", "2"), K)
    assert not found.holds
    assert expected in found.recovered
    assert "DOES NOT HOLD" in found.lines()[-1]


def test_the_proof_finds_a_cross_that_is_known_too_well() -> None:
    rows = [row("district", "a", "y", 30), row("district", "b", "y", 5), row("age_band", "1", "y", 20)]
    rows.append(row("age_band", "2", "y", 15))
    found = prove(Results(35, tuple(rows)), ("y", "n"), ("a", "b"), ("1", "2"), K)
    assert found.recovered == ()
    assert not found.holds
    assert found.narrowest == 5


# By enumeration: all boxes that would have been published so are looked at, with no arithmetic of the proof.


@cache
def worlds(k: int, most: int, districts: int) -> dict[tuple[object, ...], list[np.ndarray]]:
    """All tables of two choices by districts, by what is published of them."""
    found: dict[tuple[object, ...], list[np.ndarray]] = {}
    for flat in product(range(most + 1), repeat=2 * districts):
        table = np.array(flat).reshape(2, districts, 1)
        told = results(table, YES_NO, tuple("abc"[:districts]), ("16+",), k)
        found.setdefault((told.people, told.rows), []).append(table[:, :, 0])
    return found


@pytest.mark.parametrize(
    ("k", "most", "districts"),
    [(2, 4, 2), pytest.param(2, 3, 3, marks=pytest.mark.slow), pytest.param(3, 7, 2, marks=pytest.mark.slow)],
)
def test_no_count_below_k_can_be_told_even_by_who_knows_the_rule(k: int, most: int, districts: int) -> None:
    small = 0
    for (people, _), tables in worlds(k, most, districts).items():
        if people is None:
            continue
        values = np.stack(tables)
        # What is at the edge of the enumeration may have fewer tables than there are.
        if values.max() == most:
            continue
        least, greatest = values.min(axis=0), values.max(axis=0)
        hidden = least < k
        small += int(hidden.sum())
        assert (greatest[hidden] > least[hidden]).all()
    assert small


def test_no_district_is_known_to_be_of_one_mind() -> None:
    seen = 0
    for (people, _), tables in worlds(2, 4, 2).items():
        values = np.stack(tables)
        if people is None or values.max() == 4:
            continue
        seen += 1
        # In some table of those that are told alike, each district has both choices, or nobody.
        for district in range(2):
            assert any((table[:, district] > 0).all() or not table[:, district].any() for table in tables)
    assert seen
