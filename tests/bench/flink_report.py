"""What the benchmark on Flink tells: tables of runs, of where their seconds went, of variants, and costs."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from tests.bench.flink_follow import TOPIC_HOURS
from tests.bench.flink_found import (
    AS_IT_IS,
    EMBEDDED,
    FEW,
    FLINK,
    SHARDS,
    SOME,
    STRIDES,
    Found,
    costs,
    processor,
)
from tests.bench.flink_parts import ROWS
from tests.bench.flink_tables import compared, of_each, table
from tests.bench.report import GB, machine


def lines(found: Found) -> Iterator[str]:
    """All results, as Markdown."""
    yield from _facts(found)
    if found.many:
        yield from compared(found.few, found.many)
    if found.timed:
        yield from ("", *table(PARTS, _parts(found)))
    if found.ways:
        yield from ("", *table(WAYS, _ways(found)))
    if found.costs:
        yield from ("", *_costs(found))


def follow_lines(found: Found) -> Iterator[str]:
    """The results of followers, as Markdown."""
    events, few = (runs[EMBEDDED][0].events for runs in (found.follow_many, found.follow_few))
    yield f"- {found.followed} followers; those of the same topic published the same rows of both days, and took all"
    yield f"- {events:,} events of {found.asked.follow:,} devices; {few:,} of {found.asked.few:,} for the start-up"
    yield f"- a checkpoint every {found.asked.checkpoint_every}; {found.asked.rounds} rounds, in turns"
    yield from _machine(found)
    yield from compared(found.follow_few, found.follow_many)


def section(found: Found) -> str:
    """The section of the page of benchmarks."""
    return "\n".join([_INTRODUCTION, "", *lines(found)])


def follow_section(found: Found) -> str:
    """The section of followers."""
    return "\n".join([_FOLLOWING, "", *follow_lines(found)])


PARTS: Final = (
    "CPU s",
    f"{EMBEDDED}, few events",
    f"{EMBEDDED}",
    f"{FLINK}, few events",
    f"{FLINK}",
    f"{FLINK}, more for each M events",
)
WAYS: Final = ("", "seconds", "CPU s", "x as it is", "peak GB")


def _facts(found: Found) -> Iterator[str]:
    asked = found.asked
    yield f"- {found.same} runs; those of the same events published the same Parquet files, byte for byte"
    many, few, some = (f"{devices * 40:,}" for devices in (asked.devices, asked.few, asked.some))
    yield f"- {many} events; {few} of them for the start-up, {some} for variants; {asked.rounds} rounds, in turns"
    yield from _machine(found)


def _machine(found: Found) -> Iterator[str]:
    low, middle, high = found.load
    yield f"- load of the machine before each run: {low:.1f} to {high:.1f}, {middle:.1f} in the median"
    yield from (f"- {fact}" for fact in machine())


def _parts(found: Found) -> Iterator[Sequence[str]]:
    taken = [run.parts for name in (EMBEDDED, FLINK) for run in found.timed[name]]
    few, many = found.timed[FLINK]
    millions = (many.events - few.events) / 1e6
    rows = [(part, *(parts[part] for parts in taken)) for part in ROWS]
    for part, *told in [*rows, ("all", *(sum(parts.values()) for parts in taken))]:
        more = (told[-1] - told[-2]) / millions
        yield part, *(f"{value:.2f}" if round(value, 2) else "" for value in told), f"{more:.2f}"


def _ways(found: Found) -> Iterator[Sequence[str]]:
    as_it_is = found.ways[AS_IT_IS]
    for name, runs in found.ways.items():
        ratio = median(run.processor / other.processor for run, other in zip(runs, as_it_is, strict=True))
        yield (
            name,
            of_each(runs, "seconds"),
            of_each(runs, "processor"),
            f"{ratio:.2f}",
            f"{max(run.used.peaks['all'] for run in runs) / GB:.2f}",
        )


def _costs(found: Found) -> Iterator[str]:
    told = costs(found)
    few, some = found.costs[FEW][0].events, found.costs[SOME][0].events
    per_million = (processor(found.costs[SOME]) - processor(found.costs[FEW])) / (some - few) * 1e6
    yield f"- start-up of a run: {processor(found.costs[FEW]):.1f} CPU s"
    yield f"- 1 M events in one bounded job: {per_million:.2f} CPU s"
    yield f"- a shard of a day, with almost no event: {told.shard_day * 1e3:.0f} CPU ms"
    yield (
        f"- a stride of a shard, of {STRIDES} a day, with almost no event: {told.stride * 1e3:.1f} CPU ms; with "
        f"{some / STRIDES / SHARDS:,.0f} events and {some / 40 / SHARDS:,.0f} devices: "
        f"{told.stride_of_some * 1e3:.1f} CPU ms more than in one step. Strides of one key follow each other here; "
        "those of a stream are bundles of their own"
    )
    for runs in found.strides.values():
        one = sorted(runs, key=lambda each: each.seconds)[(len(runs) - 1) // 2]
        yield (
            f"- in Python alone, a stride of a shard of {one.devices:,} devices and {one.events:,.0f} events: "
            f"{one.seconds * 1e3:.2f} CPU ms, {one.packing * 1e3:.2f} of it packing; it keeps {one.kept / 1e3:,.0f} kB "
            f"of open stays, and hands on {one.handed / 1e3:,.0f} kB"
        )


_INTRODUCTION: Final = """\
`make bench-flink` has a day of events counted by `hexaflux run` with the embedded driver and by the same command with
`driver = "flink"`, on a cluster on loopback: one JobManager, and one TaskManager of 4 slots with a heap of 2 GB,
512 MB for RocksDB, and a Java that compiles in one stage. CPU seconds are of all processes that a run has at work: the
driver, the process that submits the job, JobManager, TaskManager and its Python workers. Those of the cluster count
while the command runs and 1.5 s after it. The start-up is a run with almost no events, on a cluster that has had a job
before. Where seconds went is told by timers around the functions in a run of its own, and by the names of Java's
threads; a part is without the parts in it, and what is left is told as such. A peak is the sum of resident memory over
the processes of a group."""

_FOLLOWING: Final = f"""\
`make bench-flink` also fills topics of a broker on loopback, of four partitions, with Arrow messages of 5,000 events,
{TOPIC_HOURS} hours of them, and then has `hexaflux follow` read one from its beginning to its end: with the embedded
driver, and with `driver = "flink"` on the cluster described above, with one reader. Seconds and CPU seconds are from
the start of the command until all rows have come in, the first day is closed and all windows of the second that are due
are published; those of the broker do not count, nor does the end of the follower with its savepoint. The start-up is a
follower of almost no events in as many hours: the strides of a day are in it. Of a backlog the embedded driver folds
millions of events at a time, while Flink folds each shard every five minutes of them, as it always does. Seconds hold
waits for checkpoints: nothing is published on Flink before one."""
