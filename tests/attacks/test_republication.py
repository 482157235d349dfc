"""What two publications of a day tell, and that late events change nothing of one."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.policy import Policy
from pipelines.attacks.files.deliveries import SHARES, deliveries
from pipelines.attacks.files.republication import REPUBLICATION, Versions
from pipelines.attacks.finding import Finding, Measured
from pipelines.attacks.target import Target
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.tables import table

DAY = date(2026, 6, 10)
TARGET = SimpleNamespace(days=[SimpleNamespace(day=DAY)], policy=Policy(k=20, max_share=0.8, rounding=5, test=True))
HEAD = "window_start window_end zone_id cell devices people"


def publish(folder: Path, text: str, day: date = DAY, name: str = "presence") -> Path:
    """Write the rows of an indicator as a release has them; returns the folder."""
    rows = table(f"{HEAD}\n{text}")
    cells = pa.array([[cell] for cell in rows["cell"].to_pylist()], pa.list_(pa.uint64()))
    more = {"cells": cells, "people_low": rows["people"], "people_high": rows["people"]}
    for column, values in more.items():
        rows = rows.append_column(column, values)
    rows = rows.append_column("additive", pa.array([True] * rows.num_rows))
    path = folder / name / f"date={day}" / "part-0.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(INDICATORS[name].table.conform(rows), path)
    return folder


def compared(before: Path, after: Path, late: int = 0, told: object = None) -> Measured:
    return REPUBLICATION.measure((Versions(before, after, late, told),), TARGET)


def test_the_same_files_twice_differ_in_nothing(tmp_path: Path) -> None:
    text = "05:00 05:15 a 1 25 250"
    found = compared(publish(tmp_path / "before", text), publish(tmp_path / "after", text))
    assert set(found.figures.values()) == {0}
    assert found.tried["figures"] == 1


@pytest.mark.parametrize(("difference", "below"), [(1, 1), (19, 1), (20, 0), (21, 0), (-19, 1), (-20, 0)])
def test_a_difference_of_fewer_than_k_devices_is_one_too_many(tmp_path: Path, difference: int, below: int) -> None:
    before = publish(tmp_path / "before", "05:00 05:15 a 1 50 500\n05:00 05:15 b 2 40 400")
    after = publish(tmp_path / "after", f"05:00 05:15 a 1 {50 + difference} 500\n05:00 05:15 b 2 40 400")
    found = compared(before, after)
    assert found.figures["differences below k"] == below
    assert found.figures["figures that differ"] == 1
    assert found.figures["share of figures that differ"] == 0.5
    assert found.figures["figures that come or go"] == 0
    assert found.figures["changed bytes"] > 0


def test_other_people_of_as_many_devices_differ_too(tmp_path: Path) -> None:
    before, after = (publish(tmp_path / str(people), f"05:00 05:15 a 1 50 {people}") for people in (500, 510))
    assert compared(before, after).figures["figures that differ"] == 1


def test_a_part_that_only_one_publication_has_differs(tmp_path: Path) -> None:
    before = publish(tmp_path / "before", "05:00 05:15 a 1 50 500")
    after = publish(tmp_path / "after", "05:00 05:15 a 1 50 500\n05:00 05:15 b 2 20 200")
    found = compared(before, after)
    assert found.figures["figures that come or go"] == 1
    assert found.figures["figures that differ"] == 1
    assert found.figures["differences below k"] == 0


def test_every_byte_of_a_file_that_comes_late_has_changed(tmp_path: Path) -> None:
    before = publish(tmp_path / "before", "05:00 05:15 a 1 50 500")
    after = publish(tmp_path / "after", "05:00 05:15 a 1 50 500")
    publish(after, "05:00 05:00 a 1 50 500", name="attendance")
    size = (after / "attendance" / f"date={DAY}" / "part-0.parquet").stat().st_size
    assert compared(before, after).figures["changed bytes"] == size
    assert compared(after, before).figures["changed bytes"] == size


def test_another_day_may_be_published_meanwhile(tmp_path: Path) -> None:
    before = publish(tmp_path / "before", "05:00 05:15 a 1 50 500")
    after = publish(tmp_path / "after", "05:00 05:15 a 1 50 500")
    publish(after, "05:00 05:15 a 1 50 500", day=date(2026, 6, 11))
    assert set(compared(before, after).figures.values()) == {0}


@pytest.mark.parametrize(
    ("late", "told", "otherwise"),
    [
        (0, None, 0),
        (99, None, 0),
        (100, None, 1),
        (99, 99, 1),
        (100, 100, 0),
        (1_179, 1_200, 0),
        (1_179, 1_179, 1),
        (1_179, 1_100, 0),
        (1_179, 1_000, 1),
        (1_179, "1179", 1),
    ],
)
def test_a_manifest_tells_late_events_in_two_digits(tmp_path: Path, late: int, told: object, otherwise: int) -> None:
    folder = publish(tmp_path, "05:00 05:15 a 1 50 500")
    finding = Finding(REPUBLICATION, compared(folder, folder, late, told), ())
    assert finding.found.figures["late events told otherwise"] == otherwise
    assert [level.figure for level in finding.beyond(finding.found)] == ["late events told otherwise"] * otherwise


@pytest.mark.slow
def test_late_events_change_nothing_that_is_published(small_target: Target) -> None:
    finding = Finding(REPUBLICATION, REPUBLICATION.measure(REPUBLICATION.subject(small_target), small_target), ())
    assert finding.beyond(finding.found) == ()
    assert finding.found.tried["figures"] > 1000
    late = [delivery.late for delivery in deliveries(small_target)]
    assert late[0] == 0 < late[1] < late[2]
    assert len(late) == len(SHARES)


@pytest.mark.slow
def test_the_late_events_that_were_delivered_are_those_that_the_product_counts(small_target: Target) -> None:
    for delivery in deliveries(small_target):
        state = WorkingDirectory(delivery.folder / "release.work").load()
        assert state is not None
        assert state.accounting.late == delivery.late


@pytest.mark.slow
def test_the_day_published_again_with_its_late_events_is_broken(small_target: Target) -> None:
    weakness, _ = REPUBLICATION.weaknesses
    measured = REPUBLICATION.measure(weakness.build(small_target), small_target)
    broken = {level.figure for level in Finding(REPUBLICATION, measured, ()).beyond(measured)}
    assert broken == {"changed bytes", "figures that differ", "differences below k"}
    assert measured.figures["share of figures that differ"] > 0.3


@pytest.mark.slow
def test_a_manifest_that_tells_late_events_to_the_unit_is_found(small_target: Target) -> None:
    _, weakness = REPUBLICATION.weaknesses
    measured = REPUBLICATION.measure(weakness.build(small_target), small_target)
    broken = [level.figure for level in Finding(REPUBLICATION, measured, ()).beyond(measured)]
    assert broken == ["late events told otherwise"]
