"""Silent cells in a simulated town with outages: how soon they are found, false alarms, and what reports are told.

Beside the rule that is calibrated on each cell's own history stands the bare one: a number of events expected since the
last one. `--write FILE` puts the figures into a page.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from anonymization.atomic import write_bytes
from pipelines.arrays import Ints
from pipelines.quality.history import HISTORY_DAYS
from pipelines.simulator.settings import Settings
from schemas.vocabulary import VERDICTS
from tests.bench.report import machine
from tests.bench.sections import with_section
from tests.bench.silent_reports import confusion
from tests.bench.silent_rules import TIMES, K, cell_weeks, detection, judged
from tests.bench.silent_town import SilentTown, hear

TITLE: Final = "Silent cells"
TEST_DAYS: Final = 7
SETTINGS: Final = Settings(6_000, HISTORY_DAYS + TEST_DAYS, date(2026, 6, 1), 1)


def told(town: SilentTown) -> str:
    """The figures as Markdown."""
    days = judged(town)
    events = sum(int(day.events.sum()) for day in town.days) // len(town.days)
    head = ("rule", "false alarms", *(f"{name}: {what}" for name in TIMES for what in ("found", "p50 / p90, min")))
    kinds = list(confusion(days, np.random.default_rng(1)))
    return "\n".join(
        (
            f"`make bench-silence`: a simulated town of {SETTINGS.devices:,} devices, {town.site.size} cells and",
            f"{events:,} events a day; {HISTORY_DAYS} days of history before each of {len(days)} test days.",
            f"False alarms are by cell and week, over {cell_weeks(days):,.0f} weeks of cells that expect {K} devices",
            "in some hour; no test day has an outage. Then each such cell falls silent for two hours, by itself: how",
            "many are known before they are over, and after how long. The devices of a dead cell do not move to its",
            "neighbours here.",
            "",
            *(f"- {line}" for line in machine()),
            "",
            *_table(head, detection(days)),
            "",
            "What reports are told, in per cent: in the first 90 minutes of an outage of a cell, or of all cells of a",
            "site, from where these serve most of all by the footprints, which favours the verdicts; and without an",
            "outage, from where people are. Outages are of cells that expect so many devices: of others none is told.",
            "",
            *_table(("report", "number", *VERDICTS), (_shares(name, counts) for name, counts in kinds)),
            "",
        )
    )


def _shares(name: str, counts: Ints) -> tuple[str, ...]:
    return name, f"{counts.sum():,}", *(f"{100 * count / counts.sum():.1f}" for count in counts)


def _table(head: Sequence[str], cells: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in cells)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.silence", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    chosen = parser.parse_args()
    text = told(hear(SETTINGS, K, lambda each: print(each, file=sys.stderr, flush=True)))
    sys.stdout.write(text)
    if chosen.write:
        write_bytes(chosen.write, with_section(chosen.write.read_text(encoding="utf-8"), TITLE, text).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
