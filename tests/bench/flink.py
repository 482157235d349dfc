"""The benchmark of Apache Flink beside the embedded driver: events per second of a processor, and why.

A day is run over files, and a topic is followed.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench import lots
from tests.bench.flink_follow import Follows
from tests.bench.flink_found import (
    AS_IT_IS,
    ASKED,
    COSTS,
    EMBEDDED,
    FEW,
    FEW_SHARDS,
    FEW_STRIDES,
    FLINK,
    FOLLOW,
    MANY_SHARDS,
    PARTS,
    SOME,
    SOME_STRIDES,
    STRIDE,
    STRIDES_OF,
    TURNS,
    WAYS,
    Asked,
    Found,
)
from tests.bench.flink_report import follow_lines, follow_section, lines, section
from tests.bench.flink_stride import strides_of
from tests.bench.flink_turns import Run, Turns
from tests.bench.flink_way import Way
from tests.bench.measured import JobFailed
from tests.bench.sections import with_section
from tests.bench.session import Say
from tests.cluster.broker import Broker
from tests.cluster.jars import BrokerError

TITLE: Final = "On Flink"
FOLLOW_TITLE: Final = "Following a topic on Flink"

ON_FLINK = Way()
VARIANTS: Final[dict[str, Way]] = {
    "8 shards": Way(shards=8),
    "128 shards": Way(shards=MANY_SHARDS),
    "1 task": Way(parallelism=1),
    "4 tasks": Way(parallelism=4),
    "state on the heap": Way(settings={"state.backend.type": "hashmap"}),
    "bundles of 1 s": Way(settings={"python.fn-execution.bundle.time": "1000"}),
    "bundles of 10 elements": Way(settings={"python.fn-execution.bundle.size": "10"}),
    "bundles of 1 element": Way(settings={"python.fn-execution.bundle.size": "1"}),
}


def costs_of(asked: Asked) -> dict[str, tuple[int, Way]]:
    """The runs whose differences tell what a shard of a day, and a stride of it, cost."""
    return {
        FEW: (asked.few, ON_FLINK),
        FEW_SHARDS: (asked.few, Way(shards=MANY_SHARDS)),
        FEW_STRIDES: (asked.few, Way(stride=STRIDE)),
        SOME: (asked.some, ON_FLINK),
        SOME_STRIDES: (asked.some, Way(stride=STRIDE)),
    }


Runs = dict[str, list[Run]]
Take = Callable[[int, Way], Run]
"""Has a way take the events of so many devices."""


class Telling:
    """Tells of each run, and keeps the load of the machine before it."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.loads: list[float] = []

    def of(self, take: Take) -> Take:
        """The same, told of."""

        def taking(devices: int, way: Way) -> Run:
            load = os.getloadavg()[0]
            self.loads.append(load)
            run = take(devices, way)
            self.say(f"{run.seconds:.1f} s, {run.processor:.1f} CPU s, {dict(run.used.processor)}, load {load:.1f}")
            return run

        return taking


def measured(folder: Path, cache: Path, asked: Asked, say: Say) -> Found:
    """Measure all that is asked for; raises JobFailed where a run fails, or publishes anything else."""
    found, telling = Found(asked), Telling(say)
    with Turns(folder, cache, say) as turns:
        if {*asked.parts} - {FOLLOW}:
            _run_all(found, telling.of(turns.run), cache)
        found.same = turns.same
        if FOLLOW in asked.parts:
            with Broker(folder / "broker") as broker:
                follows = Follows(turns, broker, asked.checkpoint_every)
                _follow_all(found, telling.of(follows.run))
            found.followed = follows.compared.same
    found.load = (min(telling.loads), statistics.median(telling.loads), max(telling.loads))
    return found


def _run_all(found: Found, run: Take, cache: Path) -> None:
    """All that is asked for of bounded runs."""
    asked = found.asked
    # The first run is slow, as Java has yet to compile itself: no figure is of it.
    run(asked.few, ON_FLINK)
    if TURNS in asked.parts:
        _take_turns(found.few, found.many, asked.devices, asked, run)
    if PARTS in asked.parts:
        for name, way in ((EMBEDDED, Way("embedded", timed=True)), (FLINK, Way(timed=True))):
            found.timed[name] = (run(asked.few, way), run(asked.devices, way))
    if WAYS in asked.parts:
        for _ in range(asked.rounds):
            for name, way in {AS_IT_IS: ON_FLINK, **VARIANTS}.items():
                found.ways.setdefault(name, []).append(run(asked.some, way))
    if COSTS in asked.parts:
        for _ in range(asked.rounds):
            for name, (devices, way) in costs_of(asked).items():
                found.costs.setdefault(name, []).append(run(devices, way))
            for shards in STRIDES_OF:
                found.strides.setdefault(shards, []).append(strides_of(lots.folder_of(cache, asked.some), shards))


def _follow_all(found: Found, follow: Take) -> None:
    """All that is asked for of followers."""
    # Of the first there is no figure, for the same reason.
    follow(found.asked.few, ON_FLINK)
    _take_turns(found.follow_few, found.follow_many, found.asked.follow, found.asked, follow)


def _take_turns(few: Runs, many: Runs, devices: int, asked: Asked, take: Take) -> None:
    """Both drivers, with almost no events and with many, round by round."""
    for _ in range(asked.rounds):
        for runs, size in ((few, asked.few), (many, devices)):
            for name, way in ((EMBEDDED, Way("embedded")), (FLINK, ON_FLINK)):
                runs.setdefault(name, []).append(take(size, way))


def written(page: str, found: Found) -> str:
    """The page with the sections of what was measured."""
    page = with_section(page, TITLE, section(found)) if found.same else page
    return with_section(page, FOLLOW_TITLE, follow_section(found)) if found.followed else page


def main() -> int:
    """Run it; 1 where a run failed, or published anything else than the first."""
    chosen = _parser().parse_args()
    results, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    parts = tuple(chosen.only or ASKED)
    sizes = (chosen.devices, chosen.few, chosen.some, chosen.follow, chosen.rounds)
    asked = Asked(parts, *sizes, chosen.checkpoint_every)
    with tempfile.TemporaryDirectory(prefix="hexaflux-flink-", dir=chosen.dir) as name:
        folder = Path(name)
        try:
            found = measured(folder, chosen.dir or folder, asked, lambda text: errors.print(text, highlight=False))
        except (JobFailed, BrokerError, RuntimeError) as stopped:
            errors.print(f"Error: {stopped}", style="red", markup=False)
            return 1
    told = (*(lines(found) if found.same else ()), *(follow_lines(found) if found.followed else ()))
    results.print("\n".join(told), highlight=False, markup=False)
    if chosen.write:
        chosen.write.write_text(written(chosen.write.read_text(encoding="utf-8"), found), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser, asked = argparse.ArgumentParser(prog="python -m tests.bench.flink", description=__doc__), Asked()
    parser.add_argument("--only", nargs="+", choices=ASKED, help="these parts (default: all)")
    parser.add_argument("--devices", type=int, default=asked.devices, help="40 events each (default: %(default)s)")
    parser.add_argument("--some", type=int, default=asked.some, help="devices of variants (default: %(default)s)")
    parser.add_argument("--few", type=int, default=asked.few, help="devices for the start-up (default: %(default)s)")
    parser.add_argument("--follow", type=int, default=asked.follow, help="devices of a topic (default: %(default)s)")
    parser.add_argument(
        "--checkpoint-every", default=asked.checkpoint_every, help="of followers (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=asked.rounds, help="(default: %(default)s)")
    parser.add_argument("--dir", type=Path, help="work, and keep the events, in this folder (default: a temporary one)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the results into this page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
