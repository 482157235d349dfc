"""The battery on every town: `python -m tests.attacks [--only NAME] [--record]`, some minutes on two cores.

The table goes to standard output, progress to standard error; the exit code is 1 where an attack went beyond a level
that is not known to be missed, or did not break a weak release. `--record` writes docs/privacy-evidence.md.
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pipelines.attacks.battery import Report, attack
from pipelines.attacks.report.markdown import markdown
from pipelines.attacks.sources import read_target
from pipelines.configuration import load
from pipelines.embedded import run
from tests.attacks.towns import QUIET, TOWNS, Town, build
from tests.privacy.evidence import record

INTRODUCTION = """\
`python -m tests.attacks --record` writes this part, of the default policy on the five simulated towns of
`tests/attacks/towns.py`. Each cell is what an attack measured on the release of a town, in bold where it is beyond the
level; the last columns are of weak releases of these towns, each of which it has to break. What
the attacks do and know is in docs/attacks.md, and what is known to lie beyond a level, and what less would cost, in
docs/decisions/0024-what-the-attacks-leave-open.md.
"""


def attacked(town: Town) -> tuple[Report, float]:
    """The report on a town, and how many seconds its attacks took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "town"
        config = build(folder, town)
        run(load(config), QUIET)
        target = read_target(folder / "release", folder / "truth", config, Path(name) / "scratch", QUIET)
        began = time.monotonic()
        return attack(target, QUIET), time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one town by its name")
    parser.add_argument("--record", action="store_true", help="write docs/privacy-evidence.md")
    asked = parser.parse_args()
    towns = [town for town in TOWNS if asked.only in (None, town.name)]
    reports: dict[str, Report] = {}
    # The longest one first; each in a process of its own, for the memory of one is freed before the next.
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        waiting = {town.name: pool.submit(attacked, town) for town in sorted(towns, key=lambda town: -town.days)}
        for town in towns:
            reports[town.name], seconds = waiting[town.name].result()
            print(f"{town.name}: {_verdict(reports[town.name])} ({seconds:.0f} s)", file=sys.stderr, flush=True)
    table = markdown(reports)
    print(table)
    if asked.record:
        record(attacks=f"{INTRODUCTION}\n{table}")
    return 0 if all(report.passed for report in reports.values()) else 1


def _verdict(report: Report) -> str:
    broken = [f"{each.attack.number} broken" for each in report.broken]
    idle = [f"{each.attack.number} did not break {weak.name.en}" for each in report.idle for weak in each.unbroken]
    return ", ".join([*broken, *idle]) or "held"


if __name__ == "__main__":
    sys.exit(main())
