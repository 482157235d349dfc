"""What a device stands for, against tables worked out by hand."""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.weights import CLOSE, THIN, Weights, raked, weights
from schemas.errors import InputError
from schemas.vocabulary import AGE_BANDS
from tests.tables import table

AGES = len(AGE_BANDS)
UNKNOWN_AGE = AGES - 1
CHILD, YOUNG = 0, 1
TEXT = {"zone_id": pa.string(), "age_band": pa.string(), "country": pa.string()}

GERMANY, BELGIUM, SPAIN, NOWHERE = 262, 206, 214, 299


def counts(*homes: Sequence[int], unknown: Sequence[int] = ()) -> np.ndarray:
    """Devices by home, each a short row of the first age bands and, as a negative number at its end, of unknown age."""
    found = np.zeros((len(homes) + 1, AGES), np.int64)
    for row, devices in enumerate([*homes, unknown]):
        known = [number for number in devices if number >= 0]
        found[row, : len(known)] = known
        found[row, UNKNOWN_AGE] = -sum(number for number in devices if number < 0)
    return found


def population(text: str) -> pa.Table:
    return table("zone_id age_band people\n" + text, types={**TEXT, "people": pa.float64()})


def shares(text: str) -> pa.Table:
    return table("country share sd\n" + text, types={**TEXT, "share": pa.float64(), "sd": pa.float64()})


def weigh(
    devices: np.ndarray, people: pa.Table | None, roaming: pa.Table | None = None, factor: float | None = None
) -> tuple[Weights, tuple[str, ...]]:
    """With home zones a, b, c and so on."""
    return weights(devices, tuple("abcdefghij"[: len(devices) - 1]), people, roaming, factor)


def domestic(devices: np.ndarray, people: pa.Table | None, factor: float | None = None) -> list[list[float]]:
    return (weigh(devices, people, factor=factor)[0].domestic / 1000).tolist()


def alike(weight: float) -> list[float]:
    return [weight] * AGES


def test_a_stratum_weighs_its_people_over_its_devices() -> None:
    people = population("a <18 300\n a 18-24 80\n b <18 100\n b 18-24 120")
    found = domestic(counts([60, 40], [50, 30]), people)
    assert found[0] == [5, *[2] * 6, 3.8]
    assert found[1] == [2, *[4] * 6, 2.75]
    assert found[2] == alike(round(600 / 180, 3))


def test_rows_of_several_classes_add_up() -> None:
    people = table("zone_id age_band spc people\n a <18 5 30\n a <18 8 90", types={**TEXT, "spc": pa.string()})
    assert domestic(counts([60]), people)[0] == alike(2)


def test_devices_of_unknown_age_count_like_those_of_the_zone_whose_age_is_known() -> None:
    people = population("a <18 300\n a 18-24 80")
    # 60 and 40 of known age and 25 of unknown age: like 75 and 50.
    assert domestic(counts([60, 40, -25]), people)[0] == [4, *[1.6] * 6, 3.04]


def test_devices_of_unknown_home_count_like_all_whose_home_is_known() -> None:
    people = population("a <18 300\n a 18-24 80")
    # Of 150 devices with a known home, 100 live in the table's zone; 30 more live anywhere: 60 is like 72.
    found = domestic(counts([60, 40], [50], unknown=[10, 10, -10]), people)
    assert found[0] == [round(300 / 72, 3), *[round(80 / 48, 3)] * 6, round(380 / 120, 3)]


def test_homes_outside_the_census_and_unknown_homes_take_the_area_mean() -> None:
    people = population("a <18 300\n a 18-24 80")
    found = domestic(counts([60, 40], [1000], unknown=[0]), people)
    assert found[1:] == [alike(3.8), alike(3.8)]


def test_the_area_mean_counts_devices_of_unknown_home_too() -> None:
    people = population("a <18 300\n a 18-24 80")
    # Half as many again live anywhere: the 100 of the table's zone are like 150.
    found = domestic(counts([60, 40], [20], unknown=[60]), people)
    assert found[1:] == [alike(round(380 / 150, 3))] * 2


def test_a_zone_without_people_in_the_census_is_as_if_it_were_not_there() -> None:
    people = population("a <18 300\n b <18 0")
    assert domestic(counts([60], [40]), people)[1] == alike(5)


@pytest.mark.parametrize(
    ("devices", "first", "second"),
    [(THIN - 1, 100 / 79, 100 / 79), (THIN, 30 / THIN, 70 / 50), (THIN + 1, 30 / (THIN + 1), 70 / 50)],
)
def test_a_stratum_of_fewer_than_thin_devices_joins_the_next(devices: int, first: float, second: float) -> None:
    people = population("a <18 30\n a 18-24 70")
    assert domestic(counts([devices, 50]), people)[0][:2] == [round(first, 3), round(second, 3)]


@pytest.mark.parametrize(
    ("devices", "first", "last"),
    [(THIN - 1, 100 / 79, 100 / 79), (THIN, 70 / 50, 30 / THIN), (THIN + 1, 70 / 50, 30 / (THIN + 1))],
)
def test_a_thin_stratum_at_the_end_joins_the_group_before(devices: int, first: float, last: float) -> None:
    people = population("a <18 70\n a 65+ 30")
    found = domestic(counts([50, 0, 0, 0, 0, 0, devices]), people)[0]
    assert (found[0], found[6]) == (round(first, 3), round(last, 3))


def test_strata_join_in_the_order_of_their_bands_until_there_are_enough() -> None:
    people = population("a <18 10\n a 18-24 20\n a 25-34 30\n a 35-44 40\n a 45-54 50")
    # 10 + 10 + 10 are enough, 40 are, 5 at the end are not: bands 0 to 2, and bands 3 to the end.
    found = domestic(counts([10, 10, 10, 40, 5]), people)[0]
    assert found[:7] == [2, 2, 2, 2, 2, 2, 2]
    found = domestic(counts([10, 10, 40, 40, 5]), people)[0]
    assert found[:7] == [1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("devices", "own"), [(THIN - 1, False), (THIN, True), (THIN + 1, True)], ids=["below", "at", "above"]
)
def test_zones_of_fewer_than_thin_devices_are_weighed_together(devices: int, own: bool) -> None:
    people = population("a <18 300\n b <18 58\n c <18 116")
    found = domestic(counts([100], [devices], [20]), people)
    assert found[0] == alike(3)
    if own:
        # The other thin zone is left alone, with fewer than THIN devices: the area mean.
        assert found[1] == alike(round(58 / devices, 3))
        assert found[2] == found[3] == alike(round(474 / (120 + devices), 3))
    else:
        assert found[1] == found[2] == alike(round(174 / 49, 3))


def test_zones_weighed_together_still_have_weights_by_age() -> None:
    people = population("a <18 20\n a 18-24 60\n b <18 40\n b 18-24 30\n c <18 500")
    found = domestic(counts([20, 5], [15, 10, -4], [5, 19]), people)
    # 78 devices, 4 of them of unknown age: 40 and 34 of known age are like 40 and 34 times 78 over 74.
    assert found[0] == found[1] == found[2]
    assert found[0][:2] == [round(560 / (40 * 78 / 74), 3), round(90 / (34 * 78 / 74), 3)]
    assert found[0][UNKNOWN_AGE] == round(650 / 78, 3)


@pytest.mark.parametrize(("devices", "weight"), [(14, 400 / 129), (15, 100 / 30), (16, 100 / 31)])
def test_zones_that_are_thin_even_together_take_the_area_mean(devices: int, weight: float) -> None:
    people = population("a <18 300\n b <18 50\n c <18 50")
    found = domestic(counts([100], [15], [devices]), people)
    assert found[1] == found[2] == alike(round(weight, 3))
    assert found[0] == alike(3)


def test_without_any_known_age_a_zone_has_one_weight() -> None:
    people = population("a <18 20\n a 65+ 60\n b <18 60")
    assert domestic(counts([-40], [30]), people)[:2] == [alike(2), alike(2)]


def test_people_of_unknown_age_have_the_ages_of_their_zone() -> None:
    people = population("a <18 30\n a 18-24 90\n a unknown 40")
    assert domestic(counts([40, 60]), people)[0][:2] == [1, 2]


def test_without_age_totals_weights_are_by_zone_only() -> None:
    people = population("a unknown 200\n b <18 30\n b 18-24 120")
    found = domestic(counts([60, 40, -10], [30, 30]), people)
    assert found[0] == alike(round(200 / 110, 3))
    assert found[1][:2] == [1, 4]


def test_zones_without_ages_are_raked_to_the_age_totals() -> None:
    people = population("a unknown 200\n b unknown 100\n town <18 180\n town 18-24 120")
    devices = counts([60, 40], [50, 50])
    found = domestic(devices, people)
    inhabitants = np.array(found)[:2, :2] * devices[:2, :2]
    assert inhabitants.sum(1) == pytest.approx([200, 100], abs=0.1)
    assert inhabitants.sum(0) == pytest.approx([180, 120], abs=0.1)
    # The odds ratio stays that of the register, but for the one device that raking adds to each zone.
    odds = inhabitants[0, 0] * inhabitants[1, 1] / inhabitants[0, 1] / inhabitants[1, 0]
    assert odds == pytest.approx(60.6 * 50.4 / 40.4 / 50.6, rel=1e-3)


def test_age_totals_are_scaled_to_the_zones() -> None:
    people = "a unknown 200\n b unknown 100\n town <18 {}\n town 18-24 {}"
    devices = counts([60, 40], [50, 50])
    assert domestic(devices, population(people.format(180, 120))) == domestic(
        devices, population(people.format(360, 240))
    )


def test_zones_with_ages_keep_them_and_the_others_share_what_the_totals_leave() -> None:
    people = population("a unknown 100\n b <18 80\n b 18-24 20\n town <18 120\n town 18-24 80")
    devices = counts([50, 50], [40, 40])
    found = domestic(devices, people)
    assert found[1][:2] == [2, 0.5]
    assert found[0][:2] == pytest.approx([40 / 50, 60 / 50], abs=0.001)


def test_age_totals_are_scaled_before_stated_ages_are_taken_from_them() -> None:
    people = population("a unknown 100\n b <18 80\n b 18-24 20\n town <18 240\n town 18-24 160")
    assert domestic(counts([50, 50], [40, 40]), people)[0][:2] == pytest.approx([40 / 50, 60 / 50], abs=0.001)


@pytest.mark.parametrize(("people", "is_total"), [(269, False), (270, True), (271, True)])
def test_another_zone_is_a_total_from_nine_tenths_of_the_home_zones_on(people: int, is_total: bool) -> None:
    census = population(f"a unknown 200\n b unknown 100\n town 18-24 {people}")
    found, notes = weigh(counts([60, 40], [50, 50]), census)
    lost = f"table population: 1 of 3 zones are the home of no device: nobody stands for their {people} people"
    assert notes == (() if is_total else (lost,))
    assert (found.domestic[0, CHILD] < found.domestic[0, YOUNG]) == is_total


def test_of_several_totals_the_smallest_with_ages_counts() -> None:
    census = "a unknown 300\n town 18-24 300\n region <18 900\n land unknown 280"
    assert domestic(counts([60, 40]), population(census))[0][:2] == [0.001, 7.5]


def test_a_zone_whose_devices_have_no_age_is_raked_too() -> None:
    people = population("a unknown 200\n b unknown 100\n town <18 150\n town 18-24 150")
    found = domestic(counts([-100], [50, 50]), people)
    assert found[0] == alike(2)


def test_people_of_zones_without_devices_are_left_out_and_stated() -> None:
    people = population("a <18 300\n b <18 1040.6\n c <18 1000\n x <18 20\n y <18 0")
    found, notes = weigh(counts([100], [0], [500]), people)
    assert notes == ("table population: 2 of 4 zones are the home of no device: nobody stands for their 1,061 people",)
    assert found.domestic[-1, CHILD] == round(1300 / 600 * 1000)


@pytest.mark.parametrize("people", [None, "", "x <18 100", "a <18 0"], ids=["none", "empty", "elsewhere", "nobody"])
def test_without_people_at_home_all_weigh_the_stated_factor(people: str | None) -> None:
    census = None if people is None else population(people)
    for factor, weight in ((2.5, 2.5), (None, 1)):
        found, notes = weigh(counts([100, 20], unknown=[10]), census, factor=factor)
        assert (found.domestic == weight * 1000).all()
        assert (found.foreign == weight * 1000).all()
        assert notes[-1] == f"people follow one stated factor: {weight:g} per device"
        assert len(notes) == 1 + (people == "x <18 100")


def test_without_a_known_home_all_weigh_the_stated_factor() -> None:
    found, notes = weigh(counts(unknown=[100]), population("x <18 100"), factor=4)
    assert (found.domestic.tolist(), notes) == ([alike(4000)], ("people follow one stated factor: 4 per device",))


def test_with_people_at_home_the_stated_factor_is_not_used() -> None:
    found, notes = weigh(counts([100]), population("a <18 300"), factor=7)
    assert set(found.domestic.flat) == {3000}
    assert notes == ()


def test_a_weight_is_never_nothing() -> None:
    people = population("a <18 0\n a 18-24 100")
    assert weigh(counts([50, 50]), people)[0].domestic[0, :2].tolist() == [1, 2000]


def test_roamers_weigh_one_over_the_share_of_their_country() -> None:
    found, _ = weigh(counts([100]), population("a <18 300"), shares("DE 0.25 0.1\n BE 0.5 0.1"))
    assert found.foreign[[GERMANY, BELGIUM]].tolist() == [4000, 2000]
    assert found.foreign[[SPAIN, NOWHERE, 0, 999]].tolist() == [3000] * 4


@pytest.mark.parametrize("roaming", [None, ""])
def test_without_shares_roamers_weigh_the_area_mean(roaming: str | None) -> None:
    table_of_shares = None if roaming is None else shares(roaming)
    assert set(weigh(counts([100]), population("a <18 250"), table_of_shares)[0].foreign) == {2500}


def test_shares_hold_without_a_census_too() -> None:
    found, notes = weigh(counts([100]), None, shares("DE 0.25 0.1"), 2)
    assert (set(found.foreign), set(found.domestic.flat)) == ({4000}, {2000})
    assert notes == ("people follow one stated factor: 2 per device",)


def test_a_share_of_no_known_country_is_stated() -> None:
    _, notes = weigh(counts([100]), population("a <18 250"), shares("UK 0.5 0.1\n DE 0.5 0.1"))
    assert notes == ("table roaming_share: 1 of 2 rows of no known country",)


@pytest.mark.parametrize(("share", "fine"), [(0.0, False), (0.001, True), (1.0, True), (1.001, False), (-0.1, False)])
def test_a_share_is_above_0_and_at_most_1(share: float, fine: bool) -> None:
    roaming = shares(f"BE 0.5 0.1\n DE {share} 0.1")
    if fine:
        assert weigh(counts([100]), None, roaming)[0].foreign[GERMANY] == round(1000 / share)
    else:
        with pytest.raises(InputError, match=f"country DE: expected a share above 0 and at most 1, got {share:g}$"):
            weigh(counts([100]), None, roaming)


def test_a_share_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match=r"country DE: .* got nan$"):
        weigh(counts([100]), None, shares("DE nan 0.1"))


def test_a_country_has_one_share() -> None:
    with pytest.raises(InputError, match="country DE: expected one row, got two"):
        weigh(counts([100]), None, shares("DE 0.5 0.1\n DE 0.4 0.1"))


@pytest.mark.parametrize(("people", "fine"), [("-0.001", False), ("0", True), ("nan", False), ("inf", False)])
def test_people_are_a_count(people: str, fine: bool) -> None:
    census = population(f"a <18 100\n b 65+ {people}")
    # Refused even where the table is not used.
    for devices in (counts([100], [50]), counts(unknown=[100])):
        if fine:
            assert (weigh(devices, census)[0].domestic > 0).all()
        else:
            with pytest.raises(InputError, match=f"zone b, age band 65\\+: expected people from 0, got {people}$"):
                weigh(devices, census)


def test_an_age_band_outside_the_closed_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"zone b: expected an age band out of .*, got 75\+$") as refused:
        weigh(counts([100]), population("a <18 100\n b 75+ 10"))
    assert "unknown" in refused.value.hint


def test_each_device_gets_its_weight() -> None:
    found, _ = weigh(
        counts([60, 40], [50, 50], unknown=[10]),
        population("a <18 300\n a 18-24 80\n b <18 100\n b 18-24 200"),
        shares("DE 0.2 0.1"),
    )
    rows = table(
        """
        home_mcc home_zone age_band
             208         0        0
               0         0        1
             647         1        0
             208        -1        1
             208         1        7
             262        -1        7
             262         0        0
        """,
        types={"home_mcc": pa.int16(), "home_zone": pa.int32(), "age_band": pa.int8()},
    )
    expected = [found.domestic[place] for place in ((0, 0), (0, 1), (1, 0), (2, 1), (1, 7))]
    weighed = found.of(rows, (208, 647))
    assert (weighed.tolist(), weighed.dtype) == ([*expected, 5000, 5000], np.int64)
    assert found.of(rows, (208, 647, 262)).tolist() == [*expected, found.domestic[2, 7], found.domestic[0, 0]]
    assert found.of(rows.slice(0, 0), (208,)).tolist() == []


def rows_of(people: np.ndarray, zones: str) -> pa.Table:
    found = [
        {"zone_id": zones[zone], "age_band": AGE_BANDS[age], "people": float(number)}
        for (zone, age), number in np.ndenumerate(people)
    ]
    return pa.Table.from_pylist(found)


NUMBERS = st.integers(0, 60)
HOMES = st.integers(1, 5)


def square(homes: int, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[np.ndarray]:
    row = st.lists(numbers, min_size=AGES, max_size=AGES)
    return st.lists(row, min_size=homes, max_size=homes).map(np.array)


@st.composite
def censuses(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Devices of some homes and of none, and people of the homes but perhaps the last."""
    homes = draw(HOMES)
    devices = draw(square(homes + 1, NUMBERS))
    people = draw(square(homes - draw(st.integers(0, homes > 1)), st.integers(0, 500)))
    return devices, people


@given(censuses())
def test_the_devices_of_the_register_stand_for_the_people_of_the_represented_zones(
    drawn: tuple[np.ndarray, np.ndarray],
) -> None:
    devices, people = drawn
    at_home = devices[: len(people)].sum(1)
    represented = (at_home > 0) & (people.sum(1) > 0)
    assume(represented.any())
    found, _ = weigh(devices, rows_of(people, "abcde"))
    scale = devices.sum() / devices[:-1].sum()
    stands_for = (found.domestic * devices).sum(1)[: len(people)] / 1000 * scale
    rounding = devices.sum() * scale / 1000
    alone = represented & (at_home >= THIN)
    assert stands_for[alone] == pytest.approx(people.sum(1)[alone], abs=rounding)
    together = represented & ~alone
    inhabitants, thin = people[together].sum(), at_home[together].sum()
    if thin < THIN:
        inhabitants = thin * people[represented].sum() / at_home[represented].sum()
    assert stands_for[together].sum() == pytest.approx(inhabitants, abs=rounding)


@given(censuses())
def test_no_weight_is_of_fewer_devices_than_thin(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    devices, people = drawn
    assume((people.sum(1) > 0).any())
    # People who are all different, so that strata share a weight only where they were put together.
    different = np.where(people > 0, people * 1000 + np.arange(people.size).reshape(people.shape), 0)
    found = weigh(devices, rows_of(different, "abcde"))[0].domestic
    mean, known = found[-1, -1], found[:-1, :-1]
    for weight in set(known.flat) - {mean, 1}:
        zones = (known == weight).any(1)
        own = devices[:-1, :-1][known == weight].sum()
        # Where all ages of a zone have one weight, those of unknown age count too.
        whole = (known[zones] == weight).all()
        assert own + (devices[:-1, -1][zones].sum() if whole else 0) >= THIN


@given(censuses(), st.randoms())
def test_the_order_of_the_census_changes_nothing(drawn: tuple[np.ndarray, np.ndarray], random: object) -> None:
    devices, people = drawn
    rows = rows_of(people, "abcde")
    order = list(range(rows.num_rows))
    random.shuffle(order)  # type: ignore[attr-defined]
    first, second, third = (weigh(devices, census) for census in (rows, rows, rows.take(order)))
    for found, notes in (second, third):
        assert (found.domestic == first[0].domestic).all()
        assert (found.foreign == first[0].foreign).all()
        assert notes == first[1]


MARGINS = st.lists(st.integers(0, 1000), min_size=3, max_size=3).map(lambda margin: np.array(margin, np.float64))
SEEDS = st.lists(st.integers(1, 60), min_size=9, max_size=9).map(lambda seed: np.array(seed, np.float64).reshape(3, 3))


@given(SEEDS, MARGINS, MARGINS)
def test_raking_meets_both_margins(seed: np.ndarray, zones: np.ndarray, ages: np.ndarray) -> None:
    assume(zones.any() and ages.any())
    ages = ages * zones.sum() / ages.sum()
    found, off = raked(seed, zones, ages)
    assert found.sum(1) == pytest.approx(zones, rel=1e-9)
    assert np.abs(found.sum(0) - ages).sum() <= CLOSE * zones.sum() * 1.001
    assert 0 <= off <= CLOSE
    assert (found >= 0).all()


def test_raking_says_how_far_margins_that_contradict_are_off() -> None:
    seed = np.array([[1.0, 0.0], [0.0, 1.0]])
    found, off = raked(seed, np.array([60.0, 40.0]), np.array([50.0, 50.0]))
    assert found.tolist() == [[60, 0], [0, 40]]
    assert math.isclose(off, 0.2)


def test_totals_that_zones_cannot_meet_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.weights.ROUNDS", 1)
    people = population("a unknown 200\n b unknown 100\n town <18 100\n town 18-24 200")
    _, notes = weigh(counts([900, 40], [50, 900]), people)
    assert len(notes) == 1
    assert notes[0].startswith("table population: ages of zones could not be fitted to the totals: ")
