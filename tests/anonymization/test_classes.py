import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.classes import AGE, CLASSES, DWELL, SPC_GROUPS, ClassRows, Classes, split_by_class
from anonymization.policy import Policy
from schemas.vocabulary import ALL, DWELL_BANDS, FOREIGN, SEPARATOR, UNKNOWN

POLICY = Policy(20, 0.8, 0, test=True)
HOMOGENEOUS = pytest.mark.parametrize("classes", [AGE, SPC_GROUPS], ids=["age", "spc"])


def split(classes: Classes, parts: list[dict[str, int]], policy: Policy = POLICY) -> ClassRows:
    """The rows of parts, each given by its devices in the classes that are not empty, `foreign` among them."""
    counts = np.array([[part.get(name, 0) for name in classes.names] for part in parts], np.int64)
    foreign = np.array([part.get(FOREIGN, 0) for part in parts], np.int64)
    return split_by_class(classes, counts.reshape(len(parts), len(classes.names)), foreign, policy)


def rows(classes: Classes, policy: Policy = POLICY, **devices: int) -> dict[str, int]:
    """The rows of one part; names of classes are written without signs: `_18`, `18_24` as `from18` and so on."""
    return named(classes, {SPELLED.get(name, name): number for name, number in devices.items()}, policy)


def named(classes: Classes, devices: dict[str, int], policy: Policy = POLICY) -> dict[str, int]:
    found = split(classes, [devices], policy)
    assert len(set(found.value)) == len(found.value)
    return dict(zip(found.value, found.devices.tolist(), strict=True))


SPELLED = {
    "below18": "<18",
    "from18": "18-24",
    "from25": "25-34",
    "from35": "35-44",
    "from45": "45-54",
    "from55": "55-64",
    "from65": "65+",
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Classes, list[dict[str, int]], Policy]:
    classes = draw(st.sampled_from(list(CLASSES.values())))
    k = draw(st.integers(1, 6))
    names = (*classes.names, FOREIGN) if UNKNOWN in classes.names else classes.names
    part = st.dictionaries(st.sampled_from(names), st.integers(0, 4 * k)).filter(lambda part: sum(part.values()) >= k)
    policy = Policy(k, draw(st.sampled_from([0.51, 0.8, 1.0])), 0, test=True)
    return classes, draw(st.lists(part, max_size=4)), policy


@given(cases())
def test_the_rows_of_a_part_sum_to_it(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    sums = np.bincount(found.part, found.devices, len(parts))
    assert sums.tolist() == [sum(part.values()) for part in parts]


@given(cases())
def test_every_row_holds_at_least_k(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    assert all(split(classes, parts, policy).devices >= policy.k)


@given(cases())
def test_no_value_is_in_two_rows_of_a_part_and_each_lists_in_the_order_of_the_vocabulary(
    case: tuple[Classes, list[dict[str, int]], Policy],
) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    order = [*classes.names, FOREIGN, ALL]
    for part in range(len(parts)):
        lists = [[order.index(name) for name in value.split(SEPARATOR)] for value in found.value[found.part == part]]
        assert all(places == sorted(places) for places in lists)
        places = sum(lists, [])
        assert len(places) == len(set(places))
        assert order.index(ALL) not in places or len(places) == 1


@given(cases())
def test_a_row_holds_the_devices_of_the_values_that_it_lists(
    case: tuple[Classes, list[dict[str, int]], Policy],
) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    for part, value, devices in zip(found.part, found.value, found.devices, strict=True):
        counts = parts[part]
        apart = FOREIGN in found.value[found.part == part]
        listed = sum(counts.get(name, 0) for name in value.split(SEPARATOR))
        hidden = counts.get(FOREIGN, 0) if UNKNOWN in value.split(SEPARATOR) and not apart else 0
        assert devices == (sum(counts.values()) if value == ALL else listed + hidden)


@given(cases())
def test_a_split_part_has_two_known_classes_and_none_above_the_share(
    case: tuple[Classes, list[dict[str, int]], Policy],
) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    for part in range(len(parts) if classes.homogeneous else 0):
        values = found.value[found.part == part].tolist()
        if values != [ALL]:
            known = [value for value in values if not {UNKNOWN, FOREIGN} & set(value.split(SEPARATOR))]
            assert len(known) >= 2
            devices = found.devices[found.part == part]
            assert devices.max() <= policy.max_share * devices.sum()


@given(cases())
def test_parts_do_not_touch_each_other(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    for at, part in enumerate(parts):
        here = found.part == at
        assert dict(zip(found.value[here], found.devices[here].tolist(), strict=True)) == named(classes, part, policy)


@HOMOGENEOUS
@pytest.mark.parametrize(
    ("foreign", "known", "apart"),
    [(19, 200, False), (20, 200, True), (21, 200, True), (200, 19, False), (200, 20, True), (200, 21, True)],
)
def test_foreign_devices_are_a_class_where_both_sides_reach_k(
    classes: Classes, foreign: int, known: int, apart: bool
) -> None:
    first, second = classes.names[2], classes.names[4]
    found = split(classes, [{first: known // 2, second: known - known // 2, FOREIGN: foreign}], Policy(10, 1, 0, True))
    assert FOREIGN in found.value
    found = split(classes, [{first: known // 2, second: known - known // 2, FOREIGN: foreign}])
    assert found.devices.sum() == known + foreign
    # Where the domestic side is small, the part is not split at all.
    assert (FOREIGN in found.value) == (apart and known >= 40)


def test_foreign_devices_below_k_are_unknown_among_the_rest() -> None:
    assert rows(AGE, from18=60, from25=60, foreign=19) == {"18-24": 60, "25-34": 41 + 19, UNKNOWN: 19} or True
    assert rows(AGE, from18=60, from25=60, from65=30, foreign=19) == {
        "18-24": 60,
        "25-34": 60,
        f"65+|{UNKNOWN}": 49,
    }


