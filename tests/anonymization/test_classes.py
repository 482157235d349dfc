import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.classes import AGE, ARRIVAL, CATEGORY, CLASSES, DWELL, SPC_GROUPS, Classes, ClassRows, split_by_class
from anonymization.policy import Policy
from anonymization.tally import Tally
from schemas.vocabulary import ALL, DWELL_BANDS, FOREIGN, SEPARATOR, UNKNOWN

POLICY = Policy(20, 0.8, 0, test=True)
HOMOGENEOUS = pytest.mark.parametrize("classes", [AGE, SPC_GROUPS], ids=["age", "spc"])


def split(classes: Classes, parts: list[dict[str, int]], policy: Policy = POLICY) -> ClassRows:
    """The rows of parts, each given by its devices in the classes that are not empty, `foreign` among them."""
    names = (*classes.names, FOREIGN)[: classes.columns]
    counts = np.array([[part.get(name, 0) for name in names] for part in parts], np.int64)
    counts = counts.reshape(len(parts), classes.columns)
    return split_by_class(classes, Tally(counts, counts * (1 + np.arange(classes.columns))), policy)


def rows(classes: Classes, devices: dict[str, int], policy: Policy = POLICY) -> dict[str, int]:
    """The rows of one part."""
    found = split(classes, [devices], policy)
    assert len(set(found.value)) == len(found.value)
    return dict(zip(found.value, found.tally.devices.tolist(), strict=True))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Classes, list[dict[str, int]], Policy]:
    classes = draw(st.sampled_from(list(CLASSES.values())))
    k = draw(st.integers(1, 6))
    names = (*classes.names, FOREIGN)[: classes.columns]
    part = st.dictionaries(st.sampled_from(names), st.integers(0, 4 * k)).filter(lambda part: sum(part.values()) >= k)
    policy = Policy(k, draw(st.sampled_from([0.51, 0.8, 1.0])), 0, test=True)
    return classes, draw(st.lists(part, max_size=4)), policy


@given(cases())
def test_the_rows_of_a_part_sum_to_it(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    sums = np.bincount(found.part, found.tally.devices, len(parts))
    assert sums.tolist() == [sum(part.values()) for part in parts]


@given(cases())
def test_the_weights_of_rows_are_those_of_their_devices(
    case: tuple[Classes, list[dict[str, int]], Policy],
) -> None:
    classes, parts, policy = case
    names = (*classes.names, FOREIGN)[: classes.columns]
    found = split(classes, parts, policy)
    for part, value, weight in zip(found.part, found.value, found.tally.weight, strict=True):
        apart = FOREIGN in found.value[found.part == part]
        listed = set(names) if value == ALL else set(value.split(SEPARATOR))
        listed |= {FOREIGN} if UNKNOWN in listed and not apart else set()
        # A device of class i weighs 1 + i.
        assert weight == sum(parts[part].get(name, 0) * (1 + names.index(name)) for name in listed if name in names)


@given(cases())
def test_every_row_holds_at_least_k(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    assert all(split(classes, parts, policy).tally.devices >= policy.k)


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
        places = [place for each in lists for place in each]
        assert len(places) == len(set(places))
        assert order.index(ALL) not in places or len(places) == 1


@given(cases())
def test_a_row_holds_the_devices_of_the_values_that_it_lists(
    case: tuple[Classes, list[dict[str, int]], Policy],
) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    for part, value, devices in zip(found.part, found.value, found.tally.devices, strict=True):
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
            devices = found.tally.devices[found.part == part]
            assert devices.max() <= policy.max_share * devices.sum()


@given(cases())
def test_parts_do_not_touch_each_other(case: tuple[Classes, list[dict[str, int]], Policy]) -> None:
    classes, parts, policy = case
    found = split(classes, parts, policy)
    for at, part in enumerate(parts):
        here = found.part == at
        assert dict(zip(found.value[here], found.tally.devices[here].tolist(), strict=True)) == rows(
            classes, part, policy
        )


@pytest.mark.parametrize(("foreign", "apart"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_foreign_devices_of_k_are_a_class(foreign: int, apart: bool) -> None:
    found = rows(AGE, {"18-24": 100, "45-54": 100, FOREIGN: foreign})
    assert (FOREIGN in found) is apart
    assert sum(found.values()) == 200 + foreign


@pytest.mark.parametrize("known", [19, 20, 21])
def test_foreign_devices_beside_few_others_are_no_class(known: int) -> None:
    assert rows(AGE, {"18-24": known - 9, "45-54": 9, FOREIGN: 200}) == {ALL: known + 200}


def test_foreign_devices_below_k_are_unknown_among_the_rest() -> None:
    part = {"18-24": 60, "25-34": 60, "65+": 30, FOREIGN: 19}
    assert rows(AGE, part) == {"18-24": 60, "25-34": 60, "65+|unknown": 49}
    assert rows(AGE, {**part, UNKNOWN: 1}) == {"18-24": 60, "25-34": 60, "65+": 30, UNKNOWN: 20}


def test_foreign_devices_of_k_are_never_unknown() -> None:
    part = {"18-24": 60, "25-34": 60, "65+": 30, FOREIGN: 20}
    assert rows(AGE, part) == {"18-24": 60, "25-34": 60, "65+": 30, FOREIGN: 20}
    assert rows(AGE, {**part, UNKNOWN: 19}) == {"18-24": 60, "25-34": 60, "65+|unknown": 49, FOREIGN: 20}


@pytest.mark.parametrize(
    ("greatest", "uniform"), [(159, False), (160, False), (161, True)], ids=["below", "at the share", "above"]
)
@HOMOGENEOUS
def test_a_part_that_one_class_dominates_is_not_split(classes: Classes, greatest: int, uniform: bool) -> None:
    first, second = classes.names[1], classes.names[5]
    # The other class is of at least k each time: 200 devices in all, of which 160 are 0.8.
    found = rows(classes, {first: greatest, second: 200 - greatest})
    assert found == ({ALL: 200} if uniform else {first: greatest, second: 200 - greatest})


def test_a_pool_counts_for_the_share_as_one_class() -> None:
    assert rows(AGE, {"<18": 81, "18-24": 5, "45-54": 20}) == {ALL: 106}
    assert rows(AGE, {"<18": 75, "18-24": 5, "45-54": 20}) == {"<18|18-24": 80, "45-54": 20}


@pytest.mark.parametrize(("second", "uniform"), [(19, True), (20, False), (21, False)], ids=["k-1", "k", "k+1"])
@HOMOGENEOUS
def test_a_part_with_fewer_than_two_known_classes_of_k_is_not_split(
    classes: Classes, second: int, uniform: bool
) -> None:
    one, other = classes.names[1], classes.names[5]
    found = rows(classes, {one: 30, other: second})
    assert found == ({ALL: 30 + second} if uniform else {one: 30, other: second})


@HOMOGENEOUS
def test_unknown_and_foreign_are_no_known_classes(classes: Classes) -> None:
    one = classes.names[1]
    assert rows(classes, {one: 40, UNKNOWN: 40}) == {ALL: 80}
    assert rows(classes, {one: 40, FOREIGN: 40}) == {ALL: 80}
    assert rows(classes, {one: 40, UNKNOWN: 40, FOREIGN: 40}) == {ALL: 120}
    assert rows(classes, {UNKNOWN: 500}) == {ALL: 500}


def test_a_pool_with_unknown_is_no_known_class() -> None:
    # It may hold nobody of a known class but one.
    assert rows(AGE, {"18-24": 25, "65+": 1, UNKNOWN: 20}) == {ALL: 46}


def test_the_collapse_is_judged_on_what_would_be_published() -> None:
    # Judged on single classes it would tell them: of a|b = 21, beside another class of k, one would be 1 or 20.
    assert rows(AGE, {"<18": 1, "18-24": 20, "45-54": 30}) == {"<18|18-24": 21, "45-54": 30}
    assert rows(AGE, {"<18": 10, "18-24": 11, "45-54": 30}) == {"<18|18-24": 21, "45-54": 30}


def test_an_empty_class_is_no_class() -> None:
    assert rows(AGE, {"<18": 0, "18-24": 30, "45-54": 40}) == {"18-24": 30, "45-54": 40}
    assert rows(AGE, {"<18": 1, "18-24": 30, "45-54": 40}) == {"<18|18-24": 31, "45-54": 40}


def test_a_pool_names_every_class_that_it_covers_even_those_that_are_empty() -> None:
    assert rows(AGE, {"18-24": 19, "25-34": 30, "65+": 50}) == {"<18|18-24|25-34|35-44": 49, "65+": 50}
    assert rows(DWELL, {"2-4 h": 19, "4-8 h": 20}) == {SEPARATOR.join(DWELL_BANDS): 39}
    found = rows(DWELL, {"<30 min": 50, "2-4 h": 1, ">=8 h": 60})
    assert found == {"<30 min|30-60 min|1-2 h|2-4 h": 51, ">=8 h": 60}


def test_neighbours_merge_first() -> None:
    assert rows(AGE, {"<18": 5, "18-24": 40, "25-34": 40, "55-64": 40, "65+": 40}) == {
        "<18|18-24": 45,
        "25-34": 40,
        "55-64": 40,
        "65+": 40,
    }


@pytest.mark.parametrize("band", DWELL_BANDS)
def test_dwell_in_one_band_keeps_its_name(band: str) -> None:
    assert rows(DWELL, {band: 20}) == {band: 20}


def test_dwell_is_split_whoever_dominates() -> None:
    assert rows(DWELL, {"<30 min": 5000, "4-8 h": 20}) == {"<30 min": 5000, "4-8 h": 20}


def test_leaving_foreign_devices_out_would_show_their_number_by_subtraction() -> None:
    # Measured: of 100 devices 93 by age would mean 7 foreign ones. Both attributes sum to the plain count instead.
    by_age = rows(AGE, {"18-24": 50, "45-54": 43, FOREIGN: 7})
    by_spc = rows(SPC_GROUPS, {"1": 50, "5": 43, FOREIGN: 7})
    assert sum(by_age.values()) == sum(by_spc.values()) == 100
    assert FOREIGN not in by_age
    assert FOREIGN not in by_spc


def test_unknown_of_60_beside_foreign_of_52_does_not_show_8_domestic_ones() -> None:
    ages = {"18-24": 70, "45-54": 70, "65+": 40}
    assert rows(AGE, {**ages, UNKNOWN: 8, FOREIGN: 52}) == {
        "18-24": 70,
        "45-54": 70,
        "65+|unknown": 48,
        FOREIGN: 52,
    }


def sets(classes: Classes, devices: dict[str, int]) -> dict[str, str]:
    """The device set of each row of one part."""
    found = split(classes, [devices])
    return dict(zip(found.value, found.devices_of, strict=True))


def test_rows_with_the_same_devices_have_the_same_device_set_in_all_attributes() -> None:
    ages = sets(AGE, {"18-24": 30, "45-54": 40, FOREIGN: 25})
    assert ages == {"18-24": "18-24", "45-54": "45-54", FOREIGN: FOREIGN}
    assert sets(AGE, {"18-24": 95}) == {ALL: ""}
    category = {"resident": 40, "tourist": 30, "foreign excursionist": 5, "foreign tourist": 20}
    assert sets(CATEGORY, category) == {
        "resident": "resident",
        "tourist": "other domestic",
        "foreign excursionist|foreign tourist": FOREIGN,
    }
    assert sets(CATEGORY, {"tourist": 30}) == {"tourist": ""}
    assert sets(CATEGORY, {**category, "excursionist": 20})["tourist"] == "tourist"
    pooled = sets(CATEGORY, {"resident": 19, "tourist": 20, "foreign tourist": 40})
    assert pooled == {"resident|excursionist|tourist": "other domestic|resident", "foreign tourist": FOREIGN}
    assert sets(DWELL, {"<30 min": 20, "4-8 h": 20}) == {"<30 min": "<30 min", "4-8 h": "4-8 h"}


@pytest.mark.parametrize(("residents", "split_off"), [(19, False), (20, True), (21, True)], ids=["k-1", "k", "k+1"])
def test_residents_are_the_first_split_of_categories(residents: int, split_off: bool) -> None:
    found = rows(CATEGORY, {"resident": residents, "excursionist": 30, "tourist": 30, "foreign tourist": 30})
    assert ("resident" in found) is split_off
    assert split_off or found == {"resident|excursionist|tourist": residents + 60, "foreign tourist": 30}


@pytest.mark.parametrize(
    ("hour", "pool"), [("05", "05|06"), ("23", "23|00"), ("21", "21|22"), ("04", "03|04"), ("20", "19|20")]
)
def test_an_hour_of_few_arrivals_merges_with_the_one_beside_it(hour: str, pool: str) -> None:
    found = rows(ARRIVAL, {name: 3 if name == hour else 50 for name in ARRIVAL.names})
    assert "|".join(sorted(pool.split("|"))) in found


@given(st.integers(0, 60), st.integers(0, 60), st.integers(20, 60), st.integers(20, 60))
def test_age_and_spc_tell_the_same_number_of_foreign_devices_or_none(
    foreign: int, unknown: int, one: int, other: int
) -> None:
    by_age = rows(AGE, {"18-24": one, "45-54": other, UNKNOWN: unknown, FOREIGN: foreign})
    by_spc = rows(SPC_GROUPS, {"1": one, "8": other + unknown, FOREIGN: foreign})
    told = {found[FOREIGN] for found in (by_age, by_spc) if FOREIGN in found}
    assert told <= {foreign}
    assert foreign >= 20 or not told


@pytest.mark.parametrize("classes", CLASSES.values(), ids=CLASSES)
def test_a_part_below_k_has_no_row(classes: Classes) -> None:
    assert rows(classes, {classes.names[0]: 19}) == {}
    assert rows(classes, {}) == {}


@pytest.mark.parametrize("classes", CLASSES.values(), ids=CLASSES)
def test_no_part_has_no_row(classes: Classes) -> None:
    found = split(classes, [])
    assert found.part.size == found.value.size == found.tally.devices.size == 0


def test_the_counts_given_stay_as_they_were() -> None:
    counts = np.full((1, AGE.columns), 9, np.int64)
    split_by_class(AGE, Tally(counts, counts * 3), POLICY)
    assert set(counts[0].tolist()) == {9}


@pytest.mark.parametrize("classes", [*CLASSES.values(), ARRIVAL], ids=[*CLASSES, "arrival_hour"])
def test_the_tree_of_classes_has_each_class_once(classes: Classes) -> None:
    assert sorted(classes.tree.leaf_order.tolist()) == list(range(len(classes.names)))
    assert len(classes.groups) == len(classes.names)


@pytest.mark.parametrize(
    ("small", "pool"),
    [("<30 min", "<30 min|30-60 min"), (">=8 h", "4-8 h|>=8 h"), ("1-2 h", "1-2 h|2-4 h")],
)
def test_a_small_dwell_band_merges_with_the_one_beside_it(small: str, pool: str) -> None:
    assert pool in rows(DWELL, {name: 3 if name == small else 50 for name in DWELL.names})


@pytest.mark.parametrize(("few", "pool"), [((0, 1), (0, 1, 2, 3)), ((4, 5), (2, 3, 4, 5))])
def test_two_small_dwell_bands_at_an_end_merge_with_the_middle(few: tuple[int, int], pool: tuple[int, ...]) -> None:
    counts = {name: 3 if place in few else 50 for place, name in enumerate(DWELL.names)}
    assert "|".join(DWELL.names[place] for place in pool) in rows(DWELL, counts)
