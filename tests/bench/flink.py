"""The benchmark of a day on Apache Flink beside the embedded driver: events per second of a processor, and why."""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench import lots
from tests.bench.flink_found import (
    AS_IT_IS,
    ASKED,
    COSTS,
    EMBEDDED,
    FEW,
    FEW_SHARDS,
    FEW_STRIDES,
    FLINK,
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
from tests.bench.flink_report import lines, section
from tests.bench.flink_stride import strides_of
from tests.bench.flink_turns import Run, Turns
from tests.bench.flink_way import Way
from tests.bench.measured import JobFailed
from tests.bench.sections import with_section
from tests.bench.session import Say

TITLE: Final = "On Flink"

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


def measured(folder: Path, cache: Path, asked: Asked, say: Say) -> Found:
    """Measure all that is asked for; raises JobFailed where a run fails, or publishes anything else."""
    found, loads = Found(asked), list[float]()

    def run(devices: int, way: Way) -> Run:
        loads.append(os.getloadavg()[0])
        taken = turns.run(devices, way)
        say(f"{taken.seconds:.1f} s, {taken.processor:.1f} CPU s, {dict(taken.used.processor)}, load {loads[-1]:.1f}")
        return taken

    with Turns(folder, cache, say) as turns:
        # The first run is slow, as Java has yet to compile itself: no figure is of it.
        run(asked.few, ON_FLINK)
        if TURNS in asked.parts:
            for _ in range(asked.rounds):
                for runs, devices in ((found.few, asked.few), (found.many, asked.devices)):
                    for name, way in ((EMBEDDED, Way("embedded")), (FLINK, ON_FLINK)):
                        runs.setdefault(name, []).append(run(devices, way))
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
        found.same = turns.same
    found.load = (min(loads), statistics.median(loads), max(loads))
    return found


def main() -> int:
    """Run it; 1 where a run failed, or published anything else than the first."""
    chosen = _parser().parse_args()
    results, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    asked = Asked(tuple(chosen.only or ASKED), chosen.devices, chosen.few, chosen.some, chosen.rounds)
    with tempfile.TemporaryDirectory(prefix="hexaflux-flink-", dir=chosen.dir) as name:
        folder = Path(name)
        try:
            found = measured(folder, chosen.dir or folder, asked, lambda text: errors.print(text, highlight=False))
        except JobFailed as stopped:
            errors.print(f"Error: {stopped}", style="red", markup=False)
            return 1
    results.print("\n".join(lines(found)), highlight=False, markup=False)
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(with_section(page, TITLE, section(found)), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser, asked = argparse.ArgumentParser(prog="python -m tests.bench.flink", description=__doc__), Asked()
    parser.add_argument("--only", nargs="+", choices=ASKED, help="these parts (default: all)")
    parser.add_argument("--devices", type=int, default=asked.devices, help="40 events each (default: %(default)s)")
    parser.add_argument("--some", type=int, default=asked.some, help="devices of variants (default: %(default)s)")
    parser.add_argument("--few", type=int, default=asked.few, help="devices for the start-up (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=asked.rounds, help="(default: %(default)s)")
    parser.add_argument("--dir", type=Path, help="work, and keep the events, in this folder (default: a temporary one)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the results into this page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
