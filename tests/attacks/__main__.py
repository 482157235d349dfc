"""The battery on every town: `python -m tests.attacks [--only NAME] [--record]`, some minutes on two cores.

The tables go to standard output, progress to standard error; the exit code is 1 where an attack went beyond a level
that is not known to be missed, did not break a weak release, or measured what has no name in French. `--record` writes
docs/privacy-evidence.md.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from pipelines.attacks.battery import Report
from pipelines.attacks.report.french import FRENCH
from pipelines.attacks.report.markdown import levels, weaknesses
from tests.attacks.attacked import attacked, report_of
from tests.attacks.towns import TOWNS
from tests.privacy.evidence import record

INTRODUCTION = """\
`python -m tests.attacks --record` writes this part, of the default policy on the five simulated towns of
`tests/attacks/towns.py`. Each cell is what an attack measured in a town, in bold where it is beyond the level. Most
attacks look at the release of the town; T8, T9, T18 and the still night of T16 need worlds with and without a person,
halves of the people or a night that no release holds, and measure releases that are rebuilt from the same people under
the same policy. What the attacks do and know is in docs/attacks.md, and what is known to lie beyond a level, and what
less would cost, in docs/decisions/0024-what-the-attacks-leave-open.md.

The last columns are of weak releases of these towns. A level tells something of a town where a weak release goes beyond
it there, and beyond what is known of it; where none does, that the release is within it shows nothing. A check is a
test of the attack itself. Below stand the weak releases, each of which an attack has to break in every town.
"""


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
            done = waiting[town.name].result()
            reports[town.name] = report_of(done)
            told = f"{_verdict(reports[town.name])}, in {done.seconds:.0f} s and {done.gigabytes:.1f} GB"
            print(f"{town.name}: {told}", file=sys.stderr, flush=True)
    tables = f"{levels(reports)}\n{weaknesses(reports)}"
    print(tables)
    if asked.record:
        record(attacks=f"{INTRODUCTION}\n{tables}")
    unnamed = sorted(set().union(*map(measured, reports.values())) - set(FRENCH))
    for name in unnamed:
        print(f"no French name: {name}", file=sys.stderr)
    return 0 if all(report.passed for report in reports.values()) and not unnamed else 1


def measured(report: Report) -> set[str]:
    """The names of all that was measured and counted, in releases and in weak ones."""
    found = [each for finding in report.findings for each in (finding.found, *finding.weakened)]
    return {name for each in found for name in (*each.figures, *each.tried)}


def _verdict(report: Report) -> str:
    broken = [f"{each.attack.number} broken" for each in report.broken]
    idle = [f"{each.attack.number} did not break {weak.name.en}" for each in report.idle for weak in each.unbroken]
    return f"{', '.join([*broken, *idle]) or 'held'}, levels not shown breakable {report.untested}"


if __name__ == "__main__":
    sys.exit(main())
