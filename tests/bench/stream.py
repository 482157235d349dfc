"""The benchmark of follow mode: Arrow at a steady rate beside broker and producer; JSON, Avro and files as backlogs.

Beside them, on the same machine and in the same run, a naive Beam job: one dict for each event.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
from rich.console import Console

from tests.bench import lots
from tests.bench.backlogs import Backlog, of_topic, taken
from tests.bench.measured import JobFailed
from tests.bench.report import GB, Target, machine
from tests.bench.sections import with_section
from tests.bench.session import PER_DEVICE, Naive, Say, Session
from tests.bench.steady import BEFORE_HOURS, STEADY_HOURS, Load, Steady, steady
from tests.bench.watched import sparkline
from tests.cluster.broker import Broker

TITLE: Final = "Events as they arrive"
ARROW, JSON, AVRO, INBOX, NAIVE = PARTS = ("arrow", "json", "avro", "inbox", "naive")

LATEST_SECONDS: Final = 10.0
STEADY_SHARE: Final = 0.05
KEPT_UP: Final = 0.98
"""Of the rate that is asked for: rows are counted in rounds, and the last one is not over."""

INBOX_RATE: Final = 0.8e6
BACKLOG_DEVICES: Final = 300_000
BACKLOG_HOURS: Final = 6


@dataclass(frozen=True)
class Asked:
    """What is measured, and at what size: the backlogs in events, that of the inbox in devices of 40 events each."""

    parts: tuple[str, ...]
    load: Load
    backlog: int
    inbox_devices: int


@dataclass
class Found:
    """What was measured, of the parts that were asked for."""

    arrow: Steady | None = None
    json: Backlog | None = None
    avro: Backlog | None = None
    inbox: Backlog | None = None
    naive: Naive | None = None


def measured(folder: Path, asked: Asked, say: Say) -> Found:
    """Measure part after part; raises JobFailed, or RuntimeError, where one fails."""
    found = Found()
    if ARROW in asked.parts:
        with Broker(folder / "broker-arrow") as broker:
            found.arrow = steady(folder / ARROW, broker, asked.load, say)
    for form in (each for each in (JSON, AVRO) if each in asked.parts):
        with Broker(folder / f"broker-{form}") as broker:
            part = of_topic(folder / form, broker, form, asked.backlog, BACKLOG_DEVICES, BACKLOG_HOURS, say)
        setattr(found, form, part)
    if INBOX in asked.parts:
        lot = lots.folder_of(folder, asked.inbox_devices)
        say(f"inbox: writing {asked.inbox_devices * PER_DEVICE:,} events")
        lots.write(lot, asked.inbox_devices)
        say("inbox: following")
        found.inbox = taken(lot / lots.CONFIG, _rows(lot))
    if NAIVE in asked.parts:
        naive = Session(folder, 1, say).naive(asked.inbox_devices)
        if isinstance(naive, str):
            raise JobFailed(naive)
        found.naive = naive
    return found


def _rows(lot: Path) -> int:
    """Events of a lot."""
    return sum(pq.read_metadata(path).num_rows for path in (lot / "events").glob("*.parquet"))


# What is told


def lines(asked: Asked, found: Found) -> Iterator[str]:
    """The results in words."""
    if found.arrow:
        yield from _steady_lines(asked.load, found.arrow)
    for name in (JSON, AVRO):
        if part := getattr(found, name):
            yield f"{name}, a backlog of {BACKLOG_HOURS} hours in a topic, one event to a message: {_backlog(part)}"
    if found.inbox:
        yield f"inbox, a backlog of a day in 24 Parquet files: {_backlog(found.inbox)}"
    if found.naive:
        naive = found.naive.events / found.naive.seconds
        yield f"naive Beam, presence only, on {found.naive.events:,} of these events: {naive:,.0f} events/s"
        if found.inbox:
            yield f"the inbox is taken {found.inbox.rate / naive:,.0f} times as fast as by naive Beam"


def _steady_lines(load: Load, arrow: Steady) -> Iterator[str]:
    yield (
        f"arrow, {load.rate:,.0f} events/s asked for, {load.minutes:g} minutes, {load.devices:,} devices: "
        f"{arrow.rate:,.0f} events/s taken; when the last was sent, {arrow.lag:,} were not yet taken "
        f"({arrow.lag / load.rate:.1f} s)"
    )
    late = np.array(arrow.late or (np.nan,))
    yield (
        f"windows: {len(arrow.late)} entries; from the event that made a window due to its release "
        f"{np.quantile(late, 0.5):.1f} s in the median, {np.quantile(late, 0.95):.1f} s at the 95th percentile, "
        f"{late.max():.1f} s at most"
    )
    first, second = arrow.halves
    yield (
        f"resident memory of the follower: {np.mean(first) / GB:.2f} GB on average in the first half, "
        f"{np.mean(second) / GB:.2f} in the second ({arrow.moved[0]:+.1%}); at its peak {max(first) / GB:.2f} and "
        f"{max(second) / GB:.2f} ({arrow.moved[1]:+.1%})"
    )
    yield (
        f"processors at work: follower {arrow.seen.cores:.2f}, broker {arrow.broker:.2f}, "
        f"producer {arrow.producer:.2f}; the producer alone sends {arrow.alone:,.0f} events/s"
    )


def _backlog(part: Backlog) -> str:
    return (
        f"{part.rows:,} events in {part.seconds:.1f} s, {part.rate:,.0f} events/s, {part.rate_of_processor:,.0f} for "
        f"each second of a processor; {part.rounds} rounds, {part.slots} slots published, "
        f"peak {part.run.peak / GB:.2f} GB"
    )


def pictures(found: Found) -> Iterator[str]:
    """Memory and lag along the time, as lines of text."""
    if found.arrow:
        seen = found.arrow.seen
        rate = (seen.counts[-1] + found.arrow.lag - seen.counts[0]) / (seen.at[-1] - seen.at[0])
        sent = (np.array(seen.at) - seen.at[0]) * rate + seen.counts[0]
        lag = np.maximum(sent - np.array(seen.counts), 0.0)
        yield f"memory {sparkline(seen.resident)} up to {max(seen.resident) / GB:.2f} GB"
        yield f"lag    {sparkline(lag.tolist())} up to {lag.max():,.0f} events"


def targets(asked: Asked, found: Found) -> Iterator[Target]:
    """The targets, and whether they are met."""
    rate, arrow = asked.load.rate, found.arrow
    texts = (
        f"arrow: {rate:,.0f} events/s taken, nothing lost",
        f"arrow: 95 % of windows within {LATEST_SECONDS:.0f} s",
        f"arrow: memory of the second half within {STEADY_SHARE:.0%} of the first, its peak no more than that above",
    )
    if arrow:
        late = float(np.quantile(arrow.late, 0.95)) if arrow.late else np.inf
        kept_up = arrow.rate >= KEPT_UP * rate and arrow.taken == arrow.sent
        yield Target(texts[0], f"{arrow.rate:,.0f}", kept_up)
        yield Target(texts[1], f"{late:.1f} s", late <= LATEST_SECONDS)
        mean, peak = arrow.moved
        steady = abs(mean) <= STEADY_SHARE and peak <= STEADY_SHARE
        yield Target(texts[2], f"{mean:+.1%} and {peak:+.1%}", steady)
    if part := found.inbox:
        text = f"inbox of Parquet: at least {INBOX_RATE / 1e6:.1f} M events/s"
        yield Target(text, f"{part.rate / 1e6:.2f} M events/s", part.rate >= INBOX_RATE)


def section(asked: Asked, found: Found) -> str:
    """The section of the page of benchmarks."""
    facts = "\n".join(f"- {line}" for line in (*lines(asked, found), *machine()))
    shown = "\n".join(pictures(found))
    rows = "\n".join(f"| {target.text} | {target.found} | {target.verdict} |" for target in targets(asked, found))
    drawn = f"```text\n{shown}\n```\n\n" if shown else ""
    return f"{_INTRODUCTION}\n\n{facts}\n\n{drawn}| hexaflux follow | measured |  |\n|---|---:|---:|\n{rows}"


_INTRODUCTION: Final = f"""\
`make bench-stream` sends the events of {STEADY_HOURS} hours to a Kafka topic at a steady rate, in Arrow batches
of 5,000 events, and `hexaflux follow` takes them, with the broker and the producer on the same machine. The
{BEFORE_HOURS} hours before are taken at once, and are not measured. Time goes by faster than in life: a slot of
a quarter of an hour falls due every few seconds. Then it follows backlogs, as fast as it can. Memory and lag
are drawn from zero, the peak of each piece."""


def main() -> int:
    """Run it; 1 where a part failed, events were lost, or a target is missed."""
    chosen = _parser().parse_args()
    results, errors = Console(soft_wrap=True), Console(stderr=True)
    load = Load(chosen.rate, chosen.minutes, chosen.devices)
    asked = Asked(tuple(chosen.only or PARTS), load, chosen.backlog, chosen.inbox_devices)
    with tempfile.TemporaryDirectory(prefix="hexaflux-stream-", dir=chosen.dir) as name:
        try:
            found = measured(Path(name), asked, lambda text: errors.print(text, style="dim", highlight=False))
        except (JobFailed, RuntimeError) as stopped:
            errors.print(f"Error: {stopped}", style="red", markup=False)
            return 1
    for line in (*lines(asked, found), *pictures(found)):
        results.print(line, highlight=False)
    for target in targets(asked, found):
        results.print(f"{target.text}: {target.found}, {target.verdict}", highlight=False)
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(with_section(page, TITLE, section(asked, found)), encoding="utf-8")
    return 0 if all(target.met for target in targets(asked, found)) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stream", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts (default: all)")
    parser.add_argument(
        "--rate", type=float, default=200_000, help="of Arrow, events per second (default: %(default)s)"
    )
    parser.add_argument("--minutes", type=float, default=10, help="of Arrow (default: %(default)s)")
    parser.add_argument("--devices", type=int, default=300_000, help="of Arrow (default: %(default)s)")
    parser.add_argument("--backlog", type=int, default=3_000_000, help="events of JSON, of Avro (default: %(default)s)")
    parser.add_argument(
        "--inbox-devices", type=int, default=500_000, help="of the inbox, 40 events each (default: %(default)s)"
    )
    parser.add_argument("--dir", type=Path, help="where to work (default: the temporary folder)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the results into this page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
