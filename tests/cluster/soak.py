"""A follower that is killed again and again, and its broker with it, ends as one that never was.

Events arrive out of order up to the lateness, some messages more than once, a portion with each follower. Each is
killed with SIGKILL at a moment that chance gives: as it starts, reads, folds, publishes, closes a day or commits. At
some of the kills the broker is killed too, or restarted. Then one follower takes the same topic without a kill, and a
run the same events as a file.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
from confluent_kafka import Producer
from rich.console import Console
from rich.table import Table

from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.state import Accounting
from tests.cluster.broker import Broker
from tests.cluster.compared import Ended, state_of, wrong
from tests.cluster.deliveries import Deliveries, Message, together
from tests.cluster.following import Following, Phase
from tests.cluster.killer import QUIET_SECONDS, Killer
from tests.cluster.messages import arrow
from tests.cluster.places import place_of_topic
from tests.follow.delivered import QUIET, Place, place
from tests.oracle.generate import generate

FIRST: Final = date(2026, 6, 12)
TOPIC: Final = "soak"
PARTITIONS: Final = 3
LATENESS_MINUTES: Final = 30
PER_DEVICE: Final = 30
ENGINE: Final = "[engine]\nstep_rows = {}\nshards = 4\n"

MANY_KILLS: Final = 100
"""Among so many, some have to fall into each phase."""

FLUSH_SECONDS: Final = 60.0
TAKEN_SECONDS: Final = 900.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much is done; `broker_restarts` alternate between SIGKILL and an orderly stop."""

    kills: int
    events: int
    broker_restarts: int
    days: int
    seed: int

    @property
    def deliveries(self) -> Deliveries:
        """A portion for each follower, and a few messages for each partition in it."""
        rows = max(self.events // (self.kills + 1) // (8 * PARTITIONS), 50)
        return Deliveries(self.kills + 1, PARTITIONS, rows, LATENESS_MINUTES, self.seed)

    @property
    def engine(self) -> str:
        """Steps of about two portions: a few to each follower."""
        return ENGINE.format(max(2 * self.events // self.kills, 1_000))


@dataclass
class Soaked:
    """What was done, and what it came to; `wrong` says what is not as it should be."""

    delivered: int = 0
    killed: Counter[Phase] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    counted: Accounting = field(default_factory=Accounting)
    days: int = 0
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Take the time of a part."""
        began = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - began


class Sender:
    """Sends messages to the topic, and keeps their events in a file; counts both."""

    def __init__(self, brokers: str, file: pq.ParquetWriter) -> None:
        self._producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "log_level": 0})
        self._file = file
        self.messages = self.events = 0

    def send(self, messages: Sequence[Message]) -> None:
        """Send messages and wait until the broker has them."""
        for number, events in messages:
            [[value]] = arrow(events, [(0, events.num_rows)])
            self._producer.produce(TOPIC, value, partition=number)
        if left := self._producer.flush(FLUSH_SECONDS):
            raise RuntimeError(f"the broker did not take {left} messages")
        rows = together(messages)
        self._file.write_table(rows)
        self.messages += len(messages)
        self.events += rows.num_rows


def soak(folder: Path, broker: Broker, plan: Plan, say: Say) -> Soaked:
    """Kill followers as planned, and compare what they release with that of one that is not killed, and of a run."""
    soaked = Soaked()
    given = generate(folder / "town", plan.events // PER_DEVICE, plan.events, plan.days, FIRST, plan.seed, "mixed")
    broker.create_topic(TOPIC, PARTITIONS)
    broken, whole = (
        place_of_topic(folder / name, given, broker.address, TOPIC, engine=plan.engine) for name in ("broken", "whole")
    )
    complete = place(folder / "complete", given)
    with soaked.timed("with kills"), pq.ParquetWriter(complete.inbox / "all.parquet", given.events.schema) as file:
        sender = Sender(broker.address, file)
        killer = Killer(broker, random.Random(plan.seed))
        _kill_on_and_on(broken, plan.deliveries.of(given.events), sender, killer, plan, soaked, say)
        sender.send(plan.deliveries.closing(given.events))
        _take_all(broken, sender.messages)
    with soaked.timed("without"):
        say("a follower that is not killed")
        _take_all(whole, sender.messages)
    with soaked.timed("as a run"):
        say("a run over the same events")
        run(load(complete.config), QUIET)
    say("comparing")
    soaked.delivered, ended = sender.events, Ended(broken)
    soaked.counted, soaked.days = ended.state.accounting, len(ended.statuses)
    soaked.wrong = [*wrong(ended, Ended(whole), Ended(complete), sender.events), *_not_killed(plan, soaked)]
    return soaked


def _kill_on_and_on(
    broken: Place,
    portions: Iterator[list[Message]],
    sender: Sender,
    killer: Killer,
    plan: Plan,
    soaked: Soaked,
    say: Say,
) -> None:
    """Send portion by portion, each to a follower that is killed, but for the last portion."""
    chosen = sorted(killer.chance.sample(range(plan.kills), plan.broker_restarts))
    outages = {number: at for at, number in enumerate(chosen)}
    for number, messages in enumerate(portions):
        sender.send(messages)
        if number == plan.kills:
            return
        following = Following(broken.config)
        if number in outages:
            brutal, both = outages[number] % 2 == 0, outages[number] % 4 < 2
            soaked.restarts["SIGKILL" if brutal else "orderly"] += 1
            phase = killer.kill_in_outage(following, brutal=brutal, both=both)
        else:
            phase = killer.kill(following)
        soaked.killed[phase] += 1
        state = state_of(broken)
        rows = state.accounting.rows_in if state else 0
        say(f"kill {number + 1} of {plan.kills}: {phase}; {rows:,} of {sender.events:,} rows taken")


def _not_killed(plan: Plan, soaked: Soaked) -> Iterator[str]:
    """In which phases nobody was killed, where there were kills enough for all of them."""
    if plan.kills >= MANY_KILLS:
        yield from (f"no follower was killed while {phase}" for phase in Phase if not soaked.killed[phase])


def _take_all(of: Place, messages: int) -> None:
    """Follow until so many messages are taken; SIGTERM then ends the round, and the follower with exit code 0."""
    following, until = Following(of.config), time.monotonic() + TAKEN_SECONDS
    while (taken := _taken(of)) < messages:
        following.next_phase(QUIET_SECONDS)
        if time.monotonic() > until:
            raise RuntimeError(f"{taken} of {messages} messages were taken in {TAKEN_SECONDS:.0f} s")
    if code := following.end():
        raise RuntimeError(f"expected exit code 0 after SIGTERM, got {code}")


def _taken(of: Place) -> int:
    """How many messages are committed."""
    state = state_of(of)
    return sum(partition.offset for partition in state.partitions.values()) if state else 0


def table(plan: Plan, soaked: Soaked) -> Table:
    """What was done, for a terminal."""
    shown = Table("", "", title=f"{plan.kills} kills over {soaked.delivered:,} events", show_header=False)
    for name, value in figures(plan, soaked):
        shown.add_row(name, value)
    return shown


def figures(plan: Plan, soaked: Soaked) -> Iterator[tuple[str, str]]:
    """The figures, in words."""
    yield "events delivered, copies included", f"{soaked.delivered:,}"
    yield "privacy days", f"{soaked.days}, of which {soaked.days - 1} closed"
    for phase in Phase:
        yield f"killed while {phase}", str(soaked.killed[phase])
    for kind in ("SIGKILL", "orderly"):
        yield f"restarts of the broker, {kind}", str(soaked.restarts[kind])
    yield "accepted", f"{soaked.counted.accepted:,}"
    yield "duplicates", f"{soaked.counted.duplicates:,}"
    yield "late", f"{soaked.counted.late:,}"
    yield "rejected", f"{soaked.counted.all_rejected:,}"
    for what, seconds in soaked.seconds.items():
        yield f"seconds, {what}", f"{seconds:,.0f}"
    yield "result", "; ".join(soaked.wrong) or "equal to the unbroken follower and to the run"


def page(plan: Plan, soaked: Soaked) -> str:
    """The page of the documentation."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in figures(plan, soaked))
    return f"# The soak test\n\n{_INTRODUCTION}\n| | |\n|---|---:|\n{rows}\n"


_INTRODUCTION: Final = """`make soak` sends synthetic events to a Kafka topic, out of order up to the lateness, some
messages twice and some again later, and follows it with `hexaflux follow`, which is killed with SIGKILL again and
again; at some of the kills the broker is killed or restarted, too. Each follower goes on where the one before was
killed. The release must then be that of a follower of the same topic that was never killed: the same rows of every
indicator, every file of a whole day byte for byte (which slots of presence share a file depends on which messages a
round finds), and the same counts of accepted, duplicate, late and rejected rows. The closed days must be those of
`hexaflux run` over the same events, to which the late copies are duplicates. `hexaflux audit` must pass on all three.

Before that it takes every state of the disk that a kill of a small run can leave, and lets a run go on from each, a
third of them killed again: `tests/crash/test_every_moment.py`, of which `make test` takes one in ten.
"""


def main() -> int:
    """Soak; 1 where anything differs."""
    chosen = _parser().parse_args()
    results, errors = Console(), Console(stderr=True)
    plan = Plan(chosen.kills, chosen.events, chosen.broker_restarts, chosen.days, chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="hexaflux-soak-", dir=chosen.dir))
    with Broker(folder / "broker") as broker:
        soaked = soak(folder, broker, plan, lambda text: errors.print(text, style="dim", highlight=False))
    results.print(table(plan, soaked))
    if chosen.write:
        chosen.write.write_text(page(plan, soaked), encoding="utf-8")
    if soaked.wrong:
        errors.print(f"Error: see {folder}", style="red", markup=False)
        return 1
    shutil.rmtree(folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many (default: %(default)s)")
    parser.add_argument("--events", type=int, default=10_000_000, help="before copies, about (default: %(default)s)")
    parser.add_argument("--broker-restarts", type=int, default=12, help="how many (default: %(default)s)")
    parser.add_argument("--days", type=int, default=6, help="privacy days; the last stays open (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=20260612, help="of all chance (default: %(default)s)")
    parser.add_argument("--dir", type=Path, help="where to work (default: the temporary folder)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the figures as Markdown, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
