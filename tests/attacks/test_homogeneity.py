"""Parts and the classes that are printed of them: how much they tell of who is known to be there."""

import pyarrow as pa
import pytest

from pipelines.arrays import Ints, column
from pipelines.attacks.figures.homogeneity import HOMOGENEITY, Split, split
from pipelines.attacks.target import Target
from tests.tables import table

HALVES = """
    window_start value devices
    05:00        18-24 500
    05:00        65+   500
"""


def of(text: str, around: str = HALVES) -> Split:
    """Rows of one window by age: the part, the printed value, and the devices behind each, printed as they are."""
    rows = table(text, types={"zone_id": pa.string(), "age_band": pa.string()})
    devices: Ints = column(rows, "devices").astype(int)
    start = table("at\n" + "05:00\n" * rows.num_rows)["at"]
    cells = pa.array([[1]] * rows.num_rows, pa.list_(pa.uint64()))
    rows = rows.append_column("window_start", start).append_column("cells", cells)
    return split(rows, devices, table(around, types={"value": pa.string()}), "age_band")


@pytest.mark.parametrize(("devices", "beyond"), [(79, False), (80, False), (81, True)])
def test_a_class_has_four_fifths_of_its_part_at_most(devices: int, beyond: bool) -> None:
    found = of(f"zone_id age_band devices\na 18-24 {devices}\na 65+ {100 - devices}")
    share = found.shares(found.true).max()
    assert share == devices / 100
    assert HOMOGENEITY.levels[0].holds(share) is not beyond


@pytest.mark.parametrize("value", ["all", "unknown", "foreign", "55-64|unknown"])
def test_what_tells_no_class_has_no_share(value: str) -> None:
    found = of(f"zone_id age_band devices\na {value} 90\na 18-24 10")
    assert found.shares(found.true).tolist() == [0.0, 0.1]


def test_the_share_is_that_of_all_devices_of_the_part() -> None:
    found = of("zone_id age_band devices\na 18-24 60\na unknown 40\nb 18-24 30\nb 65+ 30")
    assert found.shares(found.true).tolist() == [0.6, 0.0, 0.5, 0.5]


def test_a_part_like_the_territory_is_at_no_distance_from_it() -> None:
    found = of("zone_id age_band devices\na 18-24 30\na 65+ 30")
    assert found.distances().tolist() == [0.0, 0.0]


def test_a_class_that_is_in_no_row_is_one_of_nobody() -> None:
    found = of("zone_id age_band devices\na 18-24 60")
    assert found.distances().tolist() == [0.5]


def test_what_stands_with_unknown_devices_is_left_out_on_both_sides() -> None:
    thirds = HALVES + "    05:00 25-34 500\n"
    rows = "zone_id age_band devices\na 18-24 30\na 25-34 30\na {} 30"
    assert of(rows.format("unknown"), thirds).distances().max() == pytest.approx(1 / 3)
    assert of(rows.format("65+"), thirds).distances().max() == 0
    assert of(rows.format("65+|unknown"), thirds).distances().max() == 0


def test_a_part_of_one_row_for_all_is_at_no_distance() -> None:
    assert of("zone_id age_band devices\na all 60").distances().tolist() == [0.0]


def test_a_release_tells_little_of_who_is_in_a_part(small_target: Target) -> None:
    found = HOMOGENEITY.measure(HOMOGENEITY.subject(small_target), small_target)
    assert all(level.holds(found.figures[level.figure]) for level in HOMOGENEITY.levels)
    assert found.tried["parts that tell classes"] > 0


def test_a_crowd_of_one_class_is_told_without_a_largest_share(small_target: Target) -> None:
    (weakness,) = HOMOGENEITY.weaknesses
    found = HOMOGENEITY.measure(weakness.build(small_target), small_target)
    assert not HOMOGENEITY.levels[0].holds(found.figures["largest share"])
