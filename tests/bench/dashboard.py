"""The speed of the dashboard: a release of some 10 M rows that verifies, its store, and its pages in a browser.

`python -m tests.bench.dashboard` simulates a town of two days, publishes it, and repeats these days; `--release`
measures another release. Parts: `store` (loading, memory, questions), `audit` (in full, and remembered), `pages`. Each
target is told as met or MISSED, and the exit code is 1 where one is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from anonymization.passed import verified_head
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate
from tests.bench import dashboard_pages
from tests.bench.dashboard_pages import Pages, Waited
from tests.bench.many_days import many_days
from tests.bench.report import machine
from tests.bench.sections import with_section
from tests.paths import ROOT

TITLE: Final = "Dashboard"
PARTS: Final = ("store", "audit", "pages")
TOWN_DAYS: Final = 2
DEVICES: Final = 48_000
"""Subscribers of the town: its two days have some 230,000 rows, so that 90 days have 10 M."""

MOST_QUERY_MS: Final = 100.0
MOST_FIGURE: Final = 2.5
MOST_FILTER: Final = 1.0
MOST_CROWD: Final = 2.0
MOST_MEGABYTES: Final = 600.0


@dataclass(frozen=True)
class Found:
    """What was measured; None for a part that was left out. `store` is `dashboard_store.Measured`, `audit` seconds."""

    load: float
    store: Mapping[str, object] | None
    audit: tuple[float, float] | None
    pages: Pages | None


@dataclass(frozen=True)
class Target:
    """What is asked for, in words, the most that it may be, and what was found."""

    name: str
    most: float
    found: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether it is; what cannot be measured is not."""
        return self.found <= self.most

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"{verdict}: {self.name} {self.found:.2f} {self.unit}, at most {self.most:g} {self.unit}"


def main() -> int:
    """Measure, print and write; 1 where a target is missed."""
    chosen = _parser().parse_args()
    release = chosen.release or _made(chosen.dir, chosen.days)
    only = chosen.only or PARTS
    with tempfile.TemporaryDirectory(prefix="hexaflux-bench-") as name:
        folder = Path(name)
        found = Found(
            os.getloadavg()[0],
            _store(release) if "store" in only else None,
            _audit(release, folder) if "audit" in only else None,
            dashboard_pages.measured(release, folder) if "pages" in only else None,
        )
    text = "\n".join(lines(found))
    sys.stdout.write(text + "\n")
    if chosen.write:
        page = chosen.write.read_text(encoding="utf-8")
        chosen.write.write_text(with_section(page, TITLE, text), encoding="utf-8")
    return 0 if all(target.met for target in targets(found)) else 1


def targets(found: Found) -> Iterator[Target]:
    """The targets of the parts that were measured, with what was found."""
    if found.store is not None:
        queries = found.store["queries"]
        assert isinstance(queries, dict)
        slowest = max(queries, key=lambda name: queries[name]["most"])
        yield Target(f"p95 of the slowest question, {slowest},", MOST_QUERY_MS, queries[slowest]["most"], "ms")
    if (pages := found.pages) is not None:
        yield Target("p95 of the first figure in a warm process", MOST_FIGURE, pages.figure.most, "s")
        yield Target("p95 from a filter to the chart", MOST_FILTER, pages.filtered.most, "s")
        yield Target(f"p95 of the same, {dashboard_pages.READERS} readers at once,", MOST_CROWD, pages.crowd.most, "s")
        yield Target("memory of the server", MOST_MEGABYTES, pages.megabytes, "MB")


def lines(found: Found) -> Iterator[str]:
    """The section of the page of benchmarks."""
    yield "`make bench-dashboard` repeats two days of a simulated town as a release that verifies. Targets in brackets."
    yield ""
    yield from (f"- {fact}" for fact in machine())
    yield f"- load average {found.load:.0f} at first: above the number of cores, all but processor time is too long"
    if found.store is not None:
        yield from _store_lines(found.store)
    if found.audit is not None:
        first, again = found.audit
        yield f"- audit in full {first:.1f} s; of a release that has passed and not changed {again:.2f} s"
    if found.pages is not None:
        yield from _page_lines(found.pages)
    yield ""
    yield from (f"- {target}" for target in targets(found))


def _store_lines(store: Mapping[str, object]) -> Iterator[str]:
    yield f"- {store['rows']:,} rows of {store['days']} days, {store['parts']} parts in a slot"
    yield (
        f"- loaded in {store['load_seconds']:.1f} s, {store['load_processor_seconds']:.1f} s of the processor; the "
        f"process then holds {store['megabytes']:.0f} MB"
    )
    queries, reference = store["queries"], store["reference"]
    assert isinstance(queries, dict)
    assert isinstance(reference, dict)
    yield ""
    yield f"| question (p95 at most {MOST_QUERY_MS:.0f} ms) | p50, ms | p95, ms | processor, ms | p50 to a plain sum |"
    yield "|---|---:|---:|---:|---:|"
    for name, took in {"plain sum of DuckDB over the Parquet file of a day": reference, **queries}.items():
        ratio = took["half"] / reference["half"]
        yield f"| {name} | {took['half']:.1f} | {took['most']:.1f} | {took['processor']:.1f} | {ratio:.2f} |"
    yield ""


def _page_lines(pages: Pages) -> Iterator[str]:
    yield ""
    yield "| in Chromium without a graphics card | p50, s | p95, s | target, s |"
    yield "|---|---:|---:|---:|"
    rows: list[tuple[str, Waited, float | None]] = [
        ("first figure, warm process", pages.figure, MOST_FIGURE),
        *((f"whole page {path}", waited, None) for path, waited in pages.whole.items()),
        ("another day to the map", pages.filtered, MOST_FILTER),
        (f"the same, {dashboard_pages.READERS} readers at once", pages.crowd, MOST_CROWD),
    ]
    for name, waited, target in rows:
        yield f"| {name} | {waited.half:.2f} | {waited.most:.2f} | {'' if target is None else f'{target:.1f}'} |"
    yield ""
    yield (
        f"The dashboard answers after {pages.start:.1f} s with a full audit, after {pages.start_remembered:.1f} s with "
        f"one that is remembered. Its server holds {pages.megabytes:.0f} MB ({MOST_MEGABYTES:.0f} MB at most)."
    )


def _made(folder: Path, days: int) -> Path:
    """The release, kept in a folder."""
    town = folder / "town"
    quiet = Progress(Console(stderr=True), quiet=True)
    config = town / "hexaflux.toml"
    if not config.exists():
        simulate(town, Settings(DEVICES, TOWN_DAYS), quiet)
    configuration = load(config)
    run(configuration, quiet)
    return many_days(configuration.release.directory, folder / "releases", days)


def _store(release: Path) -> Mapping[str, object]:
    """In a process of its own, whose memory is that of the store alone."""
    command = [sys.executable, "-m", "tests.bench.dashboard_store", str(release)]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _audit(release: Path, folder: Path) -> tuple[float, float]:
    """Seconds of the first verification, and of one more."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        verified_head(release, folder)
        seconds.append(time.perf_counter() - began)
    return seconds[0], seconds[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dashboard", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts (default: all)")
    parser.add_argument("--days", type=int, default=90, help="of the release (default: %(default)s)")
    parser.add_argument("--release", type=Path, help="measure this one")
    parser.add_argument("--dir", type=Path, default=ROOT / ".cache" / "bench-dashboard", help="where the town is kept")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the results into this page, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
