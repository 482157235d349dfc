"""A state of a former version is upgraded, one of a later version is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.state import DayFacts, DayState, Partition, Spool, State
from pipelines.state_format import FORMAT, STEPS, read_state, state_bytes
from schemas.errors import InputError, SystemFailure

SAMPLES = Path(__file__).parent / "states"

STATE = State(
    "release",
    {"area": "0" * 64},
    step=7,
    inputs={"a": (1, 2)},
    fragments=("a#0",),
    days={
        "2026-06-12": DayState("closed", facts=DayFacts(notice="events only from 07:00")),
        "2026-06-13": DayState(bucket=3, spools=(Spool("000001/a", (3, 4), (10, 20), 2, 9),), terms="f" * 16),
    },
    partitions={"p": Partition(5, 6, 7)},
    topics={"t": "x"},
    watermark=12,
    terms="e" * 16,
    closed_before="2026-06-12",
    left_out=40,
)


def test_a_state_is_read_as_it_was_written_and_says_its_format_first() -> None:
    assert read_state(state_bytes(STATE), "state.json") == STATE
    assert next(iter(json.loads(state_bytes(STATE)).items())) == ("format", FORMAT)


def test_there_is_a_step_and_a_sample_for_every_former_format() -> None:
    assert sorted(STEPS) == list(range(1, FORMAT))
    assert {path.name for path in SAMPLES.iterdir()} == {f"format-{number}.json" for number in STEPS}


@pytest.mark.parametrize("number", sorted(STEPS))
def test_a_state_of_a_former_version_is_upgraded(number: int) -> None:
    data = (SAMPLES / f"format-{number}.json").read_bytes()
    state = read_state(data, "state.json")
    assert state.accounting.rows_in == 11_956
    assert state.accounting.balances
    assert {day: known.status for day, known in state.days.items()} == {"2026-06-12": "closed", "2026-06-13": "open"}
    assert sum(state.days["2026-06-13"].waiting.values()) == 135
    assert list(state.step_files())
    assert read_state(state_bytes(state), "state.json") == state


def test_a_spool_of_coarser_buckets_keeps_its_rows_and_is_read_until_its_last_is_done() -> None:
    written: dict[str, Any] = {
        "days": {
            "2026-06-13": {"bucket": 4, "spools": [{"file": "a", "buckets": [3, 4], "rows": [10, 20], "first": 2}]}
        }
    }
    (day,) = STEPS[1](written)["days"].values()
    (spool,) = day["spools"]
    assert day["bucket"] == 20
    assert spool["buckets"] == list(range(15, 25))
    assert [(at, rows) for at, rows in zip(spool["buckets"], spool["rows"], strict=True) if rows] == [
        (15, 10),
        (20, 20),
    ]
    assert spool["first"] == 10
    assert written["days"]["2026-06-13"]["bucket"] == 4


@pytest.mark.parametrize("number", [0, FORMAT + 1, 99, "x", None])
def test_a_state_of_another_version_is_refused_with_what_to_do(number: object) -> None:
    data = json.dumps({**json.loads(state_bytes(STATE)), "format": number}).encode()
    with pytest.raises(InputError) as refused:
        read_state(data, "state.json")
    assert (
        refused.value.message == f"state.json: expected a state of format {FORMAT} or a former one, got format {number}"
    )
    assert "later version" in refused.value.hint


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"release_id": ', b"{}", b'{"format": 1, "days": 3}', b"\xff"])
def test_what_is_no_state_is_a_failure(data: bytes) -> None:
    with pytest.raises(SystemFailure, match=r"state\.json: expected the state of a run"):
        read_state(data, "state.json")


def test_a_state_without_the_fields_of_this_version_is_that_of_a_run_that_has_none() -> None:
    written = json.loads((SAMPLES / "format-1.json").read_bytes())
    assert "terms" not in written
    state = read_state(json.dumps(written).encode(), "state.json")
    assert (state.terms, state.closed_before, state.left_out) == ("", "", 0)
    assert replace(state, days={}).closed_days == 0
