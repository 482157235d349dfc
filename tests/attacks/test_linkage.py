"""Whether a device can be recognised on another privacy day."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.keys import PSEUDONYM, MasterKey
from anonymization.prf import hash_strings
from pipelines.attacks.files.linkage import LINKAGE, Sightings
from pipelines.attacks.finding import Finding, Measured
from pipelines.subscribers import register

DAYS = (date(2026, 6, 10), date(2026, 6, 11), date(2026, 6, 12))
KEYS = [MasterKey(day, "", "", "", bytes([at]) * 32) for at, day in enumerate(DAYS)]


def of(*pseudonyms: list[int], there: list[list[bool]] | None = None) -> Measured:
    """Days with a pseudonym for each of the same people."""
    pseudonym = np.array(pseudonyms, np.uint64)
    present = np.array(there, np.bool_) if there else np.ones(pseudonym.shape, np.bool_)
    seen = tuple(np.unique(some[here]) for some, here in zip(pseudonym, present, strict=True))
    return LINKAGE.measure(Sightings(seen, pseudonym, present), SimpleNamespace())


def test_days_without_an_equal_pseudonym_link_nobody() -> None:
    found = of([1, 2, 3], [4, 5, 6])
    assert found.figures == {"equal pseudonyms": 0, "share of returns linked": 0}
    assert found.tried == {"privacy days": 2, "pseudonyms": 6, "returns": 3}


def test_days_that_are_not_next_to_each_other_are_compared_too() -> None:
    found = of([1, 2], [3, 4], [5, 2])
    assert found.figures == {"equal pseudonyms": 1, "share of returns linked": 1 / 6}


def test_a_pseudonym_that_another_device_had_is_equal_but_links_nobody() -> None:
    assert of([1, 2], [2, 3]).figures == {"equal pseudonyms": 1, "share of returns linked": 0}


def test_who_was_there_on_one_day_only_does_not_return() -> None:
    found = of([1, 2], [1, 2], there=[[True, True], [False, True]])
    assert found.tried["returns"] == 1
    assert found.figures == {"equal pseudonyms": 1, "share of returns linked": 1}


def test_the_lines_of_one_holder_are_one_device() -> None:
    assert of([7, 7, 8], [7, 7, 9]).figures["share of returns linked"] == 0.5


def test_one_day_has_nothing_to_link_it_to() -> None:
    found = of([1, 2])
    assert found.skipped is not None
    assert Finding(LINKAGE, found, ()).outcome == "not attacked"


@pytest.fixture
def worked(tmp_path: Path) -> SimpleNamespace:
    """Three days on which B stays away once; C and D are lines of one holder; E is in the events alone."""
    (tmp_path / "truth" / "devices").mkdir(parents=True)
    pq.write_table(pa.table({"subscriber_id": ["A", "A", "B"]}), tmp_path / "truth" / "devices" / "date=1.parquet")
    pq.write_table(
        pa.table({"event_time": ["2026-06-10T09:00", None], "subscriber_id": ["E", None], "cell_id": ["1", "1"]}),
        tmp_path / "events.parquet",
    )
    known = register(pa.table({"subscriber_id": ["C", "D"], "holder": ["H", "H"]}))
    files = SimpleNamespace(files=tmp_path / "events.parquet", columns={})
    inputs = SimpleNamespace(register=known, configuration=SimpleNamespace(input=files))
    days = [
        SimpleNamespace(pseudonym=np.sort(hash_strings(key.subkey(PSEUDONYM), pa.array(["A", *away, "E", "holder|H"]))))
        for key, away in zip(KEYS, (["B"], [], ["B"]), strict=True)
    ]
    return SimpleNamespace(
        truth=tmp_path / "truth", inputs=inputs, days=days, reproduction=SimpleNamespace(keys=KEYS, inputs=inputs)
    )


def test_returns_are_told_from_the_keys_that_ingestion_used(worked: SimpleNamespace) -> None:
    found = LINKAGE.measure(LINKAGE.subject(worked), worked)
    assert found.tried == {"privacy days": 3, "pseudonyms": 11, "returns": 3 * 3 + 1}
    assert found.figures == {"equal pseudonyms": 0, "share of returns linked": 0}


def test_one_key_for_all_days_links_everybody_who_returns(worked: SimpleNamespace) -> None:
    (weakness,) = LINKAGE.weaknesses
    found = LINKAGE.measure(weakness.build(worked), worked)
    assert found.figures == {"equal pseudonyms": 10, "share of returns linked": 1}
