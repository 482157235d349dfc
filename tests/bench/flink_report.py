"""What the benchmark on Flink tells: tables of runs, of where their seconds went, of variants, and costs."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

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
    seconds,
)
from tests.bench.flink_parts import DRIVER, MANAGER, ROWS, SUBMISSION, TASKS, WORKERS
from tests.bench.flink_turns import Run
from tests.bench.report import GB, machine


def lines(found: Found) -> Iterator[str]:
    """All results, as Markdown."""
    yield from _facts(found)
    if found.many:
        yield from ("", *_table(RUNS, _runs(found)), "", *_table(GROUPS, _groups(found)), "", *_stages(found))
    if found.timed:
        yield from ("", *_table(PARTS, _parts(found)))
    if found.ways:
        yield from ("", *_table(WAYS, _ways(found)))
    if found.costs:
        yield from ("", *_costs(found))


def section(found: Found) -> str:
    """The section of the page of benchmarks."""
    return "\n".join([_INTRODUCTION, "", *lines(found)])


RUNS: Final = ("", "seconds", "CPU s", "start-up alone, CPU s", "events per CPU s", "without start-up", "peak GB")
GROUPS: Final = ("on Flink", "CPU s", "of start-up alone", "peak GB")
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
    asked, (low, middle, high) = found.asked, found.load
    yield f"- {found.same} runs; those of the same events published the same Parquet files, byte for byte"
    many, few, some = (f"{devices * 40:,}" for devices in (asked.devices, asked.few, asked.some))
    yield f"- {many} events; {few} of them for the start-up, {some} for variants; {asked.rounds} rounds, in turns"
    yield f"- load of the machine before each run: {low:.1f} to {high:.1f}, {middle:.1f} in the median"
    yield from (f"- {fact}" for fact in machine())


def _runs(found: Found) -> Iterator[Sequence[str]]:
    for name, runs in found.many.items():
        start = processor(found.few[name])
        events, took = runs[0].events, processor(runs)
        yield (
            name,
            " / ".join(f"{run.seconds:.1f}" for run in runs),
            " / ".join(f"{run.processor:.1f}" for run in runs),
            f"{start:.1f}",
            f"{events / took:,.0f}",
            f"{(events - found.few[name][0].events) / (took - start):,.0f}",
            f"{max(run.used.peaks['all'] for run in runs) / GB:.2f}",
        )
    ours, theirs = (found.many[name] for name in (EMBEDDED, FLINK))
    start, over = (processor(found.few[name]) for name in (EMBEDDED, FLINK))
    yield (
        f"{FLINK} / {EMBEDDED}",
        f"{seconds(theirs) / seconds(ours):.2f}",
        f"{processor(theirs) / processor(ours):.2f}",
        f"{over / start:.2f}",
        f"{processor(ours) / processor(theirs):.2f}",
        f"{(processor(ours) - start) / (processor(theirs) - over):.2f}",
        "",
    )


def _groups(found: Found) -> Iterator[Sequence[str]]:
    for group in (DRIVER, SUBMISSION, MANAGER, TASKS, WORKERS):
        took, start = (median(run.used.processor[group] for run in runs[FLINK]) for runs in (found.many, found.few))
        yield (
            group,
            f"{took:.1f}",
            f"{start:.1f}",
            f"{max(run.used.peaks.get(group, 0) for run in found.many[FLINK]) / GB:.2f}",
        )


def _stages(found: Found) -> Iterator[str]:
    run = found.many[FLINK][-1]
    if run.job is None:
        return
    start = median(each.job.seconds for each in found.few[FLINK] if each.job)
    yield f"- the job itself, as Flink tells: {run.job.seconds:.1f} s of {run.seconds:.1f}; with few events {start:.1f}"
    for stage in run.job.stages[1:]:
        yield (
            f"- {stage.name}: {stage.size / 1e6:,.0f} MB came in ({stage.size / run.events:.0f} bytes for each event), "
            f"{stage.records:,} records; tasks were busy {stage.busy:.1f} s and waited for the next stage "
            f"{stage.backpressured:.1f} s"
        )


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
            _each(runs, "seconds"),
            _each(runs, "processor"),
            f"{ratio:.2f}",
            f"{max(run.used.peaks['all'] for run in runs) / GB:.2f}",
        )


def _each(runs: Sequence[Run], name: str) -> str:
    return " / ".join(f"{getattr(run, name):.1f}" for run in runs)


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


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


_INTRODUCTION: Final = """\
`make bench-flink` has a day of events counted by `hexaflux run` with the embedded driver and by the same command with
`driver = "flink"`, on a cluster on loopback: one JobManager, and one TaskManager of 4 slots with a heap of 2 GB,
512 MB for RocksDB, and a Java that compiles in one stage. CPU seconds are of all processes that a run has at work: the
driver, the process that submits the job, JobManager, TaskManager and its Python workers. Those of the cluster count
while the command runs and 1.5 s after it. The start-up is a run with almost no events, on a cluster that has had a job
before. Where seconds went is told by timers around the functions in a run of its own, and by the names of Java's
threads; a part is without the parts in it, and what is left is told as such. A peak is the sum of resident memory over
the processes of a group."""
