"""Where steps are cut changes nothing: the fold of whole privacy days, cut between any of their buckets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines import graph
from pipelines.arrays import instants
from pipelines.fold import Advance, Step, Weigh, advance, merged
from pipelines.lateness import BUCKET
from pipelines.stays import Locate
from schemas.configuration import Engine
from schemas.tables import OPEN_STAY
from tests.oracle.chain import assert_same, run_chain
from tests.oracle.generate import generate


@dataclass(frozen=True)
class Folded:
    """A whole privacy day in one step, as the driver asked for it."""

    events: pa.Table
    step: Step
    locate: Locate
    weigh: Weigh


def whole_days(directory: Path) -> list[Folded]:
    """The days of a lot, one step each."""
    days = []

    def recorded(open_stays: pa.Table, events: pa.Table, step: Step, locate: Locate, weigh: Weigh, _: None) -> Advance:
        days.append(Folded(events, step, locate, weigh))
        return advance(open_stays, events, step, locate, weigh)

    lot = generate(directory, 300, 9_000, 2, date(2026, 10, 24), 10, "mixed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "advance", recorded)
        run_chain(lot, engine=Engine(shards=1))
    return days


def advances(day: Folded, cuts: list[int]) -> Iterator[Advance]:
    """The steps of a day that is cut before each of some buckets."""
    bucket = (instants(day.events, "event_time") - day.step.edges[0]) // BUCKET
    open_stays, measured, first = OPEN_STAY.empty(), 0, 0
    for cut in [*cuts, int(bucket.max()) + 1]:
        last = cut > bucket.max()
        watermark = int(day.step.edges[-1] if last else day.step.edges[0] + cut * BUCKET)
        step = replace(day.step, watermark=watermark, measured=measured, last=last)
        events = day.events.filter(pa.array((first <= bucket) & (bucket < cut)))
        moved = advance(open_stays, events, step, day.locate, day.weigh)
        yield moved
        open_stays, measured, first = moved.open_stays, step.due, cut


@pytest.mark.slow
def test_a_day_cut_before_any_of_its_buckets_is_the_day_in_one_piece(tmp_path: Path) -> None:
    days = whole_days(tmp_path)
    assert len(days) == 2
    rng = np.random.default_rng(1)
    for day in days:
        [whole] = advances(day, [])
        assert whole.open_stays.num_rows == 0
        # Steps end with the last event: the driver makes none after it.
        busy = int((instants(day.events, "event_time").max() - day.step.edges[0]) // BUCKET)
        some = [sorted(rng.choice(np.arange(1, busy + 1), 7, replace=False).tolist()) for _ in range(10)]
        for cuts in (list(range(1, busy + 1)), list(range(2, busy + 1, 3)), *some):
            steps = list(advances(day, cuts))
            assert_same(merged([step.measures for step in steps]), whole.measures)
            assert_same(pa.concat_tables([step.closed for step in steps]), whole.closed)
            assert sum(step.accepted for step in steps) == whole.accepted
            assert sum(step.duplicates for step in steps) == whole.duplicates


@pytest.mark.parametrize(("past", "due"), [(-1, 3), (0, 4), (1, 4)])
def test_a_slot_is_due_once_the_watermark_passes_its_end_by_the_hold(past: int, due: int) -> None:
    edges = np.arange(97, dtype=np.int64) * 900_000_000
    hold = 110 * 60_000_000
    half_hours, watermark = np.zeros(0, np.int32), int(edges[4]) + hold + past
    step = Step(watermark, edges, 0, half_hours, hold, 180 * 60_000_000, 7, (208,), last=False)
    assert step.due == due
    assert replace(step, last=True).due == 96
