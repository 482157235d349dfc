"""What people and devices tell of who is in a row: bounds against brute force, and who can be in a row at all."""

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from anonymization.origins import Origins
from anonymization.people import PEOPLE_BASE
from anonymization.territory import ZoneArea
from pipelines.attacks.solving.composition import COMPOSITION, Weighings, between
from pipelines.attacks.solving.strata import Strata
from pipelines.attacks.solving.weighed_rows import Weighed
from pipelines.attacks.target import Target
from pipelines.day_counts import Weighing
from pipelines.inputs import Inputs
from pipelines.weights import Weights
from schemas.indicators import INDICATORS
from schemas.vocabulary import AGE_BANDS

K, BASE = 20, 5


def row(printed: int, people: float, weights: list[int], true: list[int], half: float = PEOPLE_BASE / 2) -> Weighed:
    """One row in which every weight, in thousandths, can be; `people` may be off by `half`."""
    low, high = (np.array([(people + side) * 1000 / printed]) for side in (-half, half))
    possible = np.ones((1, len(weights)), np.bool_)
    return Weighed(np.array([printed]), low, high, np.array(weights), possible, np.array([true]), np.array([np.inf]))


def enumerated(rows: Weighed, base: int = BASE) -> list[tuple[int, int]]:
    """The least and the most devices of each stratum over all whole numbers that explain the row."""
    printed = int(rows.printed[0])
    counts = range(max(printed - base + 1, K), printed + base)
    found = [
        some
        for some in product(range(printed + base), repeat=rows.weights.size)
        if sum(some) in counts and rows.low[0] <= np.dot(some, rows.weights) / sum(some) <= rows.high[0]
    ]
    return [(min(each), max(each)) for each in zip(*found, strict=True)]


@pytest.mark.parametrize("people", [50, 60, 70, 80, 90])
@pytest.mark.parametrize("weights", [[2500, 4500], [2500, 3500, 4500], [2500, 2600, 4500]])
@pytest.mark.parametrize("printed", [20, 25])
def test_no_composition_lies_outside_the_bounds(printed: int, weights: list[int], people: int) -> None:
    rows = row(printed, people * printed / 20, weights, [0] * len(weights))
    least, most = between(rows, K, BASE)
    for at, (fewest, largest) in enumerate(enumerated(rows)):
        assert least[0, at] <= fewest
        assert largest <= most[0, at]


def test_the_bounds_of_the_extreme_strata_are_reached() -> None:
    rows = row(20, 60, [2500, 3500, 4500], [0, 0, 0])
    least, most = between(rows, K, BASE)
    found = enumerated(rows)
    assert [found[0][1], found[2][1]] == [most[0, 0], most[0, 2]]
    assert [each[0] for each in found] == least[0].tolist()


def measured(*rows: Weighed) -> dict[str, float]:
    target = cast(Target, SimpleNamespace(policy=SimpleNamespace(k=K)))
    return dict(COMPOSITION.measure(Weighings(rows, BASE), target).figures)


def test_a_mean_near_the_lightest_weight_tells_how_few_are_heavy() -> None:
    found = measured(row(20, 50, [2500, 4500], [18, 2]))
    assert found["strata told"] == 2
    assert found["fewest values"] == 4
    assert found["wrong claims"] == 0


def test_a_claim_that_is_not_so_is_wrong() -> None:
    assert measured(row(20, 60, [2500, 4500], [18, 2]))["wrong claims"] == 1


def test_weights_that_are_alike_tell_nothing() -> None:
    assert measured(row(20, 60, [3000, 3200], [2, 18]))["strata told"] == 0


def test_a_stratum_is_told_to_be_there_where_the_mean_needs_it() -> None:
    # 20 devices or more of a mean of 3.75 to 4.25 are 13 heavy ones and 3 light ones at least.
    found = measured(row(20, 80, [2500, 4500], [4, 19]))
    assert found["strata told to be there"] == 2


def test_a_stratum_of_k_or_more_is_no_small_number() -> None:
    assert measured(row(25, 65, [2500, 4500], [23, 20]))["strata told"] == 0


def test_people_to_the_thousandth_tell_more_than_people_in_tens() -> None:
    few, many = [measured(row(40, 130, [2500, 3500, 4500], [16, 18, 6], half))["fewest values"] for half in (0.0005, 5)]
    assert few < many


def with_variance(rows: Weighed) -> Weighed:
    """The row with the variance of the weights of those who are in it."""
    true = rows.true[0]
    mean = true @ rows.weights / true.sum()
    return replace(rows, variance=np.array([true @ (rows.weights - mean) ** 2 / true.sum()]))


@pytest.mark.parametrize("true", [[15, 4, 1], [6, 9, 6], [1, 17, 3], [2, 1, 18]])
def test_no_composition_of_at_most_that_variance_lies_outside_the_bounds(true: list[int]) -> None:
    weights = [2500, 3500, 4500]
    people = 10 * round(np.dot(true, weights) * 20 / sum(true) / 10_000)
    rows = with_variance(row(20, people, weights, true))
    least, most = between(rows, K, BASE)
    for some in product(range(25), repeat=3):
        if not K <= sum(some) < 25:
            continue
        mean = np.dot(some, weights) / sum(some)
        variance = np.dot(some, (np.array(weights) - mean) ** 2) / sum(some)
        if rows.low[0] <= mean <= rows.high[0] and variance <= rows.variance[0]:
            assert (least[0] <= some).all()
            assert (some <= most[0]).all()


def test_a_variance_tells_how_few_are_far_from_the_mean() -> None:
    rows = row(40, 140, [2500, 3500, 6500], [2, 36, 2])
    assert measured(rows)["strata told"] < measured(with_variance(rows))["strata told"] == 2
    assert measured(with_variance(rows))["wrong claims"] == 0


def test_a_release_with_variances_breaks_the_level(small_target: Target) -> None:
    level = COMPOSITION.levels[0]
    found = COMPOSITION.measure(COMPOSITION.weaknesses[0].build(small_target), small_target)
    assert level.is_broken(found.figures[level.figure])
    assert found.figures["wrong claims"] == 0


def test_the_only_stratum_of_a_row_is_no_secret() -> None:
    lone = row(20, 50, [2500, 4500], [20, 0])
    lone.possible[:] = [True, False]
    assert measured(lone)["strata told"] == 0


ZONES = (
    ZoneArea("21001", "commune", -1, np.zeros(0, np.uint64), 1.0, False),
    ZoneArea("21002", "commune", -1, np.zeros(0, np.uint64), 1.0, False),
    ZoneArea("venue", "venue", 0, np.zeros(0, np.uint64), 1.0, False),
)
ORIGINS = Origins(ZONES)


def strata() -> Strata:
    """Two communes with a weight for each age, 1001 to 1008 and 2001 to 2008, unknown homes 3000, roamers 4000."""
    ages = np.arange(1, len(AGE_BANDS) + 1)
    domestic = np.stack([1000 + ages, 2000 + ages, np.full(ages.size, 3000)])
    weights = Weights(domestic, np.full(1000, 4000))
    weighing = Weighing(weights, (208,), ORIGINS.of_homes(["21001", "21002"]), ORIGINS.of_codes())
    inputs = SimpleNamespace(origins=ORIGINS, territory=SimpleNamespace(zones=ZONES))
    return Strata(cast(Inputs, inputs), weighing)


@pytest.mark.parametrize(
    ("indicator", "values", "expected"),
    [
        ("attendance_by_age", {"age_band": "<18"}, [1001, 2001, 3000]),
        ("attendance_by_age", {"age_band": "<18|18-24"}, [1001, 1002, 2001, 2002, 3000]),
        ("attendance_by_age", {"age_band": "unknown"}, [1008, 2008, 3000, 4000]),
        ("attendance_by_age", {"age_band": "foreign"}, [4000]),
        ("attendance_by_spc", {"spc": "foreign"}, [4000]),
        ("attendance_by_origin", {"origin": "21002"}, [*range(2001, 2009)]),
        ("attendance_by_origin", {"origin": "DE|FR"}, [4000]),
        ("attendance_by_origin", {"origin": "unknown"}, [3000]),
        ("attendance_by_category", {"visitor_category": "resident", "zone_id": "21001"}, [*range(1001, 1009)]),
        ("attendance_by_category", {"visitor_category": "tourist", "zone_id": "21001"}, [*range(2001, 2009), 3000]),
        ("attendance_by_category", {"visitor_category": "foreign tourist", "zone_id": "21001"}, [4000]),
        (
            "attendance_by_category",
            {"visitor_category": "tourist", "zone_id": "venue"},
            [*range(1001, 1009), *range(2001, 2009), 3000],
        ),
    ],
)
def test_a_row_holds_the_strata_of_its_classes(indicator: str, values: dict[str, str], expected: list[int]) -> None:
    rows = pa.table({name: [value] for name, value in values.items()})
    found = strata()
    assert found.weights[found.possible(INDICATORS[indicator], rows)[0]].tolist() == expected


@pytest.mark.parametrize(
    ("indicator", "attribute", "value", "abroad"),
    [
        ("attendance_by_spc", "spc", "1|2", False),
        ("attendance_by_spc", "spc", "unknown", True),
        ("attendance_by_age", "age_band", "all", True),
        ("dwell", "dwell_band", ">=8 h", True),
    ],
)
def test_other_classes_leave_every_domestic_stratum(indicator: str, attribute: str, value: str, abroad: bool) -> None:
    possible = strata().possible(INDICATORS[indicator], pa.table({attribute: [value]}))
    assert possible[0, :-1].all()
    assert possible[0, -1] == abroad


def test_rows_without_classes_hold_everybody() -> None:
    assert strata().possible(INDICATORS["presence"], pa.table({"zone_id": ["21001", "21002"]})).all()
