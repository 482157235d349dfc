"""Tables of runs by the embedded driver and on Flink, with almost no events and with many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from tests.bench.flink_found import EMBEDDED, FLINK, processor, seconds
from tests.bench.flink_parts import DRIVER, MANAGER, SUBMISSION, TASKS, WORKERS
from tests.bench.flink_turns import Run
from tests.bench.report import GB

RUNS: Final = ("", "seconds", "CPU s", "start-up alone, CPU s", "events per CPU s", "without start-up", "peak GB")
GROUPS: Final = ("on Flink", "CPU s", "of start-up alone", "peak GB")

Runs = Mapping[str, Sequence[Run]]
"""By the name of the driver."""


def compared(few: Runs, many: Runs) -> Iterator[str]:
    """Both drivers beside each other, who used what on Flink, and what the cluster tells of its job."""
    yield from ("", *table(RUNS, _runs(few, many)), "", *table(GROUPS, _groups(few, many)), "", *_stages(few, many))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def of_each(runs: Sequence[Run], name: str) -> str:
    """Something of each round."""
    return " / ".join(f"{getattr(run, name):.1f}" for run in runs)


def _runs(few: Runs, many: Runs) -> Iterator[Sequence[str]]:
    for name, runs in many.items():
        start = processor(few[name])
        events, took = runs[0].events, processor(runs)
        yield (
            name,
            of_each(runs, "seconds"),
            of_each(runs, "processor"),
            f"{start:.1f}",
            f"{events / took:,.0f}",
            f"{(events - few[name][0].events) / (took - start):,.0f}",
            f"{max(run.used.peaks['all'] for run in runs) / GB:.2f}",
        )
    ours, theirs = (many[name] for name in (EMBEDDED, FLINK))
    start, over = (processor(few[name]) for name in (EMBEDDED, FLINK))
    yield (
        f"{FLINK} / {EMBEDDED}",
        f"{seconds(theirs) / seconds(ours):.2f}",
        f"{processor(theirs) / processor(ours):.2f}",
        f"{over / start:.2f}",
        f"{processor(ours) / processor(theirs):.2f}",
        f"{(processor(ours) - start) / (processor(theirs) - over):.2f}",
        "",
    )


def _groups(few: Runs, many: Runs) -> Iterator[Sequence[str]]:
    for group in (DRIVER, SUBMISSION, MANAGER, TASKS, WORKERS):
        took, start = (median(run.used.processor[group] for run in runs[FLINK]) for runs in (many, few))
        yield (
            group,
            f"{took:.1f}",
            f"{start:.1f}",
            f"{max(run.used.peaks.get(group, 0) for run in many[FLINK]) / GB:.2f}",
        )


def _stages(few: Runs, many: Runs) -> Iterator[str]:
    run = many[FLINK][-1]
    if run.job is None:
        return
    start = median(other.job.seconds for other in few[FLINK] if other.job)
    yield f"- the job itself, as Flink tells: {run.job.seconds:.1f} s of {run.seconds:.1f}; with few events {start:.1f}"
    if run.job.checkpoints is not None:
        yield f"- checkpoints that it took: {run.job.checkpoints}"
    for stage in run.job.stages[1:]:
        yield (
            f"- {stage.name}: {stage.size / 1e6:,.0f} MB came in ({stage.size / run.events:.0f} bytes for each event), "
            f"{stage.records:,} records; tasks were busy {stage.busy:.1f} s and waited for the next stage "
            f"{stage.backpressured:.1f} s"
        )
