"""How fine a release is."""

import h3
import pyarrow as pa
import pytest

from pipelines.score import detail
from tests.score.town import A_CELLS, B_CELLS, NINES, OUTSIDE, dated, numbers, values

FAR = h3.latlng_to_cell(48.0, 5.04, 9)


def presence(*rows: tuple[str, list[str], float]) -> dict[str, float]:
    names, cells, people = zip(*rows, strict=True)
    lists = pa.array([numbers(each).tolist() for each in cells], pa.list_(pa.uint64()))
    return values(detail.presence(pa.table({"zone_id": names, "cells": lists, "people": people})))


def test_people_are_shared_out_by_the_level_of_their_part() -> None:
    found = presence(
        ("A", NINES[:1], 10.0),
        ("A", NINES[1:2], 10.0),
        ("A", NINES[2:], 15.0),
        ("A", A_CELLS[1:], 5.0),
        ("A", A_CELLS, 20.0),
        ("A", [NINES[0], FAR], 10.0),
        ("rest", [OUTSIDE, FAR], 10.0),
        ("A|B", [*A_CELLS, *B_CELLS], 15.0),
        ("territory", [NINES[0]], 5.0),
    )
    assert {key.removeprefix("presence.detail."): value for key, value in found.items()} == pytest.approx(
        {
            "resolution_9": 0.2,
            "within_resolution_8": 0.15,
            "resolution_8": 0.05,
            "within_resolution_7": 0.2,
            "zone": 0.1,
            "rest": 0.1,
            "pool": 0.2,
            "fine": 0.4,
        }
    )


def test_a_slice_of_a_table_is_read_as_what_it_is() -> None:
    cells = pa.array([numbers(NINES[:1]).tolist(), numbers(A_CELLS).tolist()], pa.list_(pa.uint64()))
    table = pa.table({"zone_id": ["A", "A"], "cells": cells, "people": [1.0, 1.0]}).slice(1)
    assert values(detail.presence(table)) == {"presence.detail.within_resolution_7": 1, "presence.detail.fine": 0}


def test_a_release_of_nobody_has_no_shares() -> None:
    assert presence(("A", NINES[:1], 0.0)) == {}
    assert values(detail.attendance(dated("zone_id people\nA 0"))) == {}


def test_attendance_is_in_single_zones_or_in_pools() -> None:
    table = dated("zone_id people\nA 60\nB 20\nAB 20")
    names = pa.array(["A", "B", "A|B"])
    table = table.set_column(table.column_names.index("zone_id"), "zone_id", names)
    assert values(detail.attendance(table)) == {"attendance.single_zone": pytest.approx(0.8)}
