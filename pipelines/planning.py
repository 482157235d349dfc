"""Planning a run: which fragments and which events a step takes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipelines.fold import Step
from pipelines.lateness import BUCKET
from pipelines.publish import DayGrid
from pipelines.sources.fragment import Fragment
from pipelines.state import DayState
from pipelines.stays import HOLD, MISSING

Batch: TypeAlias = tuple[str, int]
"""A working file and the number of one of its record batches."""

Span: TypeAlias = tuple[int, int]
"""Two instants, in microseconds: from the first to before the second."""


@dataclass(frozen=True)
class ShardInput:
    """What a shard takes into a step: its open stays, and of each of some batches the events in a span, [from, to)."""

    shard: int
    open_stays: tuple[Batch, ...]
    events: tuple[tuple[Batch, Span], ...]


def name_of(fragment: Fragment) -> str:
    """What a fragment is called in the state."""
    return f"{fragment.file}#{fragment.first}"


def ingest_steps(waiting: Sequence[Fragment], rows: int) -> Iterator[list[Fragment]]:
    """Fragments for each step: about `rows` events, or one file of unknown length."""
    some: list[Fragment] = []
    for fragment in waiting:
        size = rows if fragment.rows is None else fragment.rows
        if some and size + sum(rows if part.rows is None else part.rows for part in some) > rows:
            yield some
            some = []
        some.append(fragment)
    if some:
        yield some


def fold_rows(known: DayState, step_rows: int) -> int:
    """About how many events a step of the fold takes: as many as stays are open, at least `step_rows`.

    Each step writes all open stays anew. So it writes no more of them than it takes events, however many there are.
    """
    return max(step_rows, known.carried)


def cut(waiting: dict[int, int], rows: int) -> int:
    """The bucket before which a step ends: about `rows` events, at least one bucket."""
    total = 0
    for bucket, count in waiting.items():
        if total and total + count > rows:
            return bucket
        total += count
    return bucket + 1


@dataclass(frozen=True)
class Ground:
    """What of the place every step knows: its hexagons, and the mobile country codes that are domestic."""

    hexagons: int
    domestic_mcc: tuple[int, ...]

    def step(self, grid: DayGrid, end: int, measured: int, *, last: bool) -> Step:
        """The step of a day to before bucket `end`, with its slots from `measured` on; to its end with `last`."""
        return Step(
            watermark=int(grid.slots[-1]) if last else int(grid.slots[0]) + end * BUCKET,
            edges=grid.slots,
            measured=measured,
            half_hours=grid.half_hours,
            hold=HOLD,
            missing=MISSING,
            hexagons=self.hexagons,
            domestic_mcc=self.domestic_mcc,
            last=last,
        )


def shard_inputs(known: DayState, shards: int, start: int, end: int) -> Iterator[ShardInput]:
    """What each shard takes into a step that ends before bucket `end`, of a day that begins at `start`."""
    files = [
        (spool.file, (start + max(known.bucket, spool.first) * BUCKET, start + min(end, spool.end or end) * BUCKET))
        for spool in known.spools
        if any(known.bucket <= bucket < end for bucket in spool.buckets)
    ]
    carried = {shard: (file.file, at) for file in known.open_stays for at, shard in enumerate(file.shards)}
    for shard in range(shards):
        open_stays = (carried[shard],) if shard in carried else ()
        yield ShardInput(shard, open_stays, tuple(((file, shard), span) for file, span in files))
