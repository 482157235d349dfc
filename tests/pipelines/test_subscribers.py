from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.prf import hash_strings
from pipelines.day_register import DayRegister, day_register
from pipelines.subscribers import HOLDERS, SIMS, Register, age_bands, read_register, register
from schemas.errors import InputError
from schemas.vocabulary import AGE_BANDS, EXCLUDED_LINE_TYPES, SPC

KEY = b"0123456789abcdef"
YEAR = 2026
UNKNOWN_AGE, UNKNOWN_SPC = 7, 8


def of(**columns: object) -> Register:
    return register(pa.table({name: list(values) for name, values in columns.items()}))


def pseudonym(text: str, key: bytes = KEY) -> int:
    return int(hash_strings(key, pa.array([text]))[0])


def day(found: Register, year: int = YEAR) -> dict[str, dict[str, int]]:
    """What the register of the day says of each subscriber."""
    register_of_day = found.for_day(KEY, year)
    identifiers = found.subscriber_id.to_pylist()
    rows = register_of_day.find(hash_strings(KEY, found.subscriber_id))
    names = ("device", "line", "age_band", "spc", "home_zone", "excluded")
    return {
        identifier: {name: int(getattr(register_of_day, name)[row]) for name in names}
        for identifier, row in zip(identifiers, rows, strict=True)
    }


def test_a_register_of_identifiers_alone_knows_nothing_else() -> None:
    found = of(subscriber_id=["b", "a"])
    assert day(found)["b"] == {
        "device": pseudonym("b"),
        "line": 0,
        "age_band": UNKNOWN_AGE,
        "spc": UNKNOWN_SPC,
        "home_zone": -1,
        "excluded": 0,
    }
    assert (found.unit, found.home_zones, found.warnings) == (SIMS, (), ())


def test_attributes_are_places_in_their_closed_lists() -> None:
    found = of(subscriber_id=list("abc"), age_band=["<18", " 65+ ", "unknown"], spc=["1", "8", "unknown"])
    codes = [(row["age_band"], row["spc"]) for row in day(found).values()]
    assert codes == [(0, 0), (6, 7), (UNKNOWN_AGE, UNKNOWN_SPC)]
    assert [AGE_BANDS[6], SPC[7]] == ["65+", "8"]
    assert found.warnings == ()


def test_an_spc_may_be_a_number() -> None:
    for values in ([1, 8, None], [1.0, 8.0, None]):
        assert [row["spc"] for row in day(of(subscriber_id=list("abc"), spc=values)).values()] == [0, 7, UNKNOWN_SPC]


def test_values_outside_the_closed_lists_are_unknown_and_counted() -> None:
    found = of(
        subscriber_id=list("abcd"),
        age_band=["18-25", "", None, "18-24"],
        spc=["9", "0", "x", "2"],
        birth_year=["1980s", "1900", "2101", None],
    )
    assert found.warnings == (
        "table subscribers: 1 of 4 rows with age_band outside its closed list: unknown",
        "table subscribers: 3 of 4 rows with birth_year that is no year of birth: unknown",
        "table subscribers: 3 of 4 rows with spc outside its closed list: unknown",
    )
    assert [row["age_band"] for row in day(found).values()] == [UNKNOWN_AGE] * 3 + [1]
    assert [row["spc"] for row in day(found).values()] == [UNKNOWN_SPC] * 3 + [1]


def test_the_age_band_follows_from_the_year_of_birth() -> None:
    first_ages = {"<18": 0, "18-24": 18, "25-34": 25, "35-44": 35, "45-54": 45, "55-64": 55, "65+": 65, "none": 121}
    for (band, first), end in zip(first_ages.items(), [*first_ages.values()][1:], strict=False):
        ages = np.array([first - 1, first, end - 1, end])
        found = [AGE_BANDS[code] == band for code in age_bands((YEAR - ages).astype(np.int16), YEAR)]
        assert found == [False, True, True, False]
    assert age_bands(np.array([YEAR + 1, YEAR - 121, 0], np.int16), YEAR).tolist() == [UNKNOWN_AGE] * 3


def test_a_known_age_band_wins_over_the_year_of_birth() -> None:
    found = of(subscriber_id=list("abc"), age_band=["65+", "unknown", None], birth_year=[2000, 2000, 0])
    assert [row["age_band"] for row in day(found, 2026).values()] == [6, 2, UNKNOWN_AGE]
    assert [row["age_band"] for row in day(found, 2024).values()] == [6, 1, UNKNOWN_AGE]


def test_home_zones_are_in_order() -> None:
    found = of(subscriber_id=list("abcd"), home_zone=["21231", "01004", None, "21231"])
    assert found.home_zones == ("01004", "21231")
    assert [row["home_zone"] for row in day(found).values()] == [1, 0, -1, 1]


@pytest.mark.parametrize("value", ["true", "TRUE", " Yes ", "oui", "1", "maybe", "t"])
def test_a_line_that_does_not_plainly_stay_is_opted_out(value: str) -> None:
    assert day(of(subscriber_id=["a"], opted_out=[value]))["a"]["excluded"] == 1


@pytest.mark.parametrize("value", ["false", "No", "non", "0", "", " ", None])
def test_a_line_that_plainly_stays_is_kept(value: str | None) -> None:
    table = pa.table({"subscriber_id": ["a"], "opted_out": pa.array([value], pa.string())})
    assert day(register(table))["a"]["excluded"] == 0


def test_opted_out_may_be_a_truth_value_or_a_number() -> None:
    for values in ([True, False, None], [1, 0, None], [1.0, 0.0, None]):
        found = of(subscriber_id=list("abc"), opted_out=values)
        assert [row["excluded"] for row in day(found).values()] == [1, 0, 0]
        assert found.warnings == ()


def test_an_unclear_opted_out_is_counted() -> None:
    assert of(subscriber_id=["a", "b"], opted_out=["maybe", "no"]).warnings == (
        "table subscribers: 1 of 2 rows with opted_out neither true nor false: opted out",
    )


def test_line_types_that_stand_for_no_person_are_left_out() -> None:
    types = [*EXCLUDED_LINE_TYPES, "M2M", "Secondary-SIM", "secondary sim", "voice", "", None]
    found = of(subscriber_id=[f"{row:02}" for row in range(len(types))], line_type=types)
    assert [row["excluded"] for row in day(found).values()] == [2] * (len(types) - 3) + [0] * 3


def test_of_a_repeated_subscriber_the_first_row_counts_but_any_row_excludes() -> None:
    found = of(
        subscriber_id=["a", "b", "c", "a", "b", " c"],
        spc=["1", "2", "3", "4", "5", "6"],
        opted_out=[False, False, False, True, False, False],
        line_type=["m2m", None, None, None, None, "watch"],
    )
    assert {name: (row["spc"], row["excluded"]) for name, row in day(found).items()} == {
        "a": (0, 1),
        "b": (1, 0),
        "c": (2, 2),
    }
    assert found.warnings == ("table subscribers: 3 of 6 rows repeat a subscriber_id: the first one counts",)


def test_rows_without_subscriber_are_left_out_and_counted() -> None:
    found = of(subscriber_id=["a", None, " "], spc=["1", "2", "3"])
    assert list(day(found)) == ["a"]
    assert found.warnings == ("table subscribers: 2 of 3 rows without subscriber_id: left out",)


def test_the_lines_of_a_holder_are_one_device_with_the_attributes_of_the_first() -> None:
    found = of(
        subscriber_id=["s3", "s1", "s2", "s4"],
        holder=["h", "h ", "g", None],
        spc=["3", "1", "2", "4"],
        birth_year=[1950, 2000, 1990, 1980],
        opted_out=[True, False, False, False],
    )
    rows = day(found)
    assert [rows[name]["device"] for name in ("s1", "s3")] == [pseudonym("holder|h")] * 2
    assert rows["s2"]["device"] == pseudonym("holder|g")
    assert rows["s4"]["device"] == pseudonym("s4")
    assert [rows[name]["line"] for name in ("s1", "s2", "s3", "s4")] == [0, 0, 1, 0]
    assert [rows[name]["spc"] for name in ("s1", "s2", "s3", "s4")] == [0, 1, 0, 3]
    assert [rows[name]["age_band"] for name in ("s1", "s3")] == [2, 2]
    assert [rows[name]["excluded"] for name in ("s1", "s3")] == [0, 1]
    assert found.unit == HOLDERS
    assert found.warnings == ("table subscribers: 1 of 4 rows without holder: each counts as its own",)


def test_some_lines_are_under_a_key_as_they_are_among_all() -> None:
    whole = of(
        subscriber_id=["c", "a", "b", "d", "e"],
        holder=["h", "h", None, "i", "h"],
        spc=["1", "2", "3", None, "4"],
        home_zone=["z2", "z1", None, "z2", "z1"],
        opted_out=[False, False, True, False, False],
    )
    some = day(whole.only(pa.chunked_array([["e", "b", "e"], ["unknown"]])))
    assert len(some) == 2
    assert some == {name: row for name, row in day(whole).items() if name in some}


def test_a_holder_is_another_device_than_the_subscriber_of_the_same_text() -> None:
    rows = day(of(subscriber_id=["x", "y"], holder=["y", None]))
    assert rows["x"]["device"] != rows["y"]["device"]


def test_an_empty_holder_column_counts_sims() -> None:
    found = of(subscriber_id=["a"], holder=[""])
    assert (found.unit, found.warnings) == (SIMS, ())


def numbers(found: Register, year: int = YEAR) -> dict[tuple[int, int], int]:
    """Home zone code and age band code to devices; 0 is left out."""
    counts = found.counts(year)
    assert counts.shape == (len(found.home_zones) + 1, len(AGE_BANDS))
    return {(int(zone), int(age)): int(counts[zone, age]) for zone, age in np.argwhere(counts)}


def test_devices_are_counted_by_home_and_age_the_unknown_last() -> None:
    found = of(
        subscriber_id=list("abcde"),
        home_zone=["y", "x", "y", None, "y"],
        age_band=["<18", "18-24", "<18", "<18", None],
    )
    assert numbers(found) == {(1, 0): 2, (0, 1): 1, (2, 0): 1, (1, UNKNOWN_AGE): 1}


def test_the_age_of_devices_is_that_of_the_year() -> None:
    found = of(subscriber_id=["a"], home_zone=["x"], birth_year=[2008])
    assert [numbers(found, year) for year in (2025, 2026)] == [{(0, 0): 1}, {(0, 1): 1}]


def test_a_holder_is_counted_once_and_only_with_a_line_that_is_kept() -> None:
    found = of(
        subscriber_id=list("abcdefg"),
        holder=["h", "h", "h", "g", "g", None, None],
        opted_out=[True, False, False, True, True, True, False],
        home_zone=["x", "y", "y", "x", "x", "x", "y"],
    )
    # Attributes are those of the holder's first line, kept or not.
    assert numbers(found) == {(0, UNKNOWN_AGE): 1, (1, UNKNOWN_AGE): 1}


def test_lines_left_out_are_no_devices() -> None:
    found = of(subscriber_id=list("ab"), line_type=["m2m", "mobile"])
    assert numbers(found) == {(0, UNKNOWN_AGE): 1}


def test_a_register_without_rows_has_no_devices() -> None:
    assert numbers(register(pa.table({"subscriber_id": pa.array([], pa.string())}))) == {}


def test_a_register_without_rows_is_no_fault() -> None:
    found = register(pa.table({"subscriber_id": pa.array([], pa.string())}))
    assert len(found.for_day(KEY, YEAR)) == 0


def test_the_order_of_the_rows_changes_nothing() -> None:
    columns = {"subscriber_id": ["a", "b", "c"], "holder": ["h", "h", "g"], "home_zone": ["z", "y", "x"]}
    forward = of(**columns)
    backward = of(**{name: values[::-1] for name, values in columns.items()})
    assert day(forward) == day(backward)


def test_warnings_name_nobody() -> None:
    found = of(
        subscriber_id=["id-7", "id-7", None],
        holder=["holder-7", None, None],
        age_band=["age-7"] * 3,
        spc=["spc-7"] * 3,
        birth_year=["year-7"] * 3,
        opted_out=["opt-7"] * 3,
    )
    assert len(found.warnings) == 6
    assert not any("-7" in warning for warning in found.warnings)


def test_a_register_is_read_from_csv_through_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("imsi;csp\n007;3\n")
    assert day(read_register(path, {"subscriber_id": "imsi", "spc": "csp"}))["007"]["spc"] == 2
    path.write_text("imsi;csp\n007;3\n008\n")
    with pytest.raises(InputError, match="row 2"):
        read_register(path, {"subscriber_id": "imsi", "spc": "csp"})


U64 = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**63, 2**64 - 2, 2**64 - 1])


@given(st.sets(U64, max_size=40), st.lists(U64, max_size=40))
def test_every_pseudonym_is_found_and_no_other(present: set[int], asked: list[int]) -> None:
    found = _numbered(present)
    queries = np.array([*present, *asked], np.uint64)
    lines = found.line[found.find(queries)]
    expected = {pseudonym: row + 1 for row, pseudonym in enumerate(present)}
    assert lines.tolist() == [expected.get(int(query), 0) for query in queries]


def _numbered(present: set[int]) -> DayRegister:
    """Subscribers whose line is their place, from 1."""
    pseudonyms = np.array(list(present), np.uint64)
    zeros = np.zeros(len(present), np.int8)
    return day_register(
        pseudonyms,
        device=pseudonyms,
        line=np.arange(1, len(present) + 1, dtype=np.int16),
        age_band=zeros,
        spc=zeros,
        home_zone=zeros.astype(np.int32),
        excluded=zeros,
    )
