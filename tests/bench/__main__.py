"""The benchmark: hexaflux beside bare NumPy, DuckDB and a naive Beam job, on the same events."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tests.bench import report
from tests.bench.dashboard import TITLE as DASHBOARD
from tests.bench.feeds import TITLE as FEEDS
from tests.bench.flink import FOLLOW_TITLE
from tests.bench.flink import TITLE as FLINK
from tests.bench.markdown import page
from tests.bench.measured import JobFailed
from tests.bench.national import TITLE as AUDIT
from tests.bench.sections import sections
from tests.bench.session import Naive, Session
from tests.bench.silence import TITLE as SILENCE
from tests.bench.stream import TITLE as STREAM

DEVICES = (500_000, 1_500_000)
QUICK = (50_000,)


def main() -> int:
    """Run it; 1 where a job failed or counted differently."""
    chosen = _parser().parse_args()
    results, errors = Console(), Console(stderr=True)
    with _cache(chosen.dir) as cache:
        session = Session(cache, chosen.rounds, lambda text: errors.print(text, style="dim", highlight=False))
        devices = sorted(QUICK if chosen.quick else chosen.devices)
        try:
            naive = session.naive(devices[0])
            sizes = [session.size(number) for number in devices]
        except JobFailed as stopped:
            errors.print(f"Error: the inputs could not be written: {stopped}", style="red", markup=False)
            return 1
    for size in sizes:
        results.print(report.table(size, naive))
    if isinstance(naive, Naive):
        results.print(report.footnote(naive), highlight=False)
    for target in report.targets(sizes):
        found = [target.found] if target.found else []
        results.print(f"{target.text}: {', '.join([*found, target.verdict])}", highlight=False)
    failures = report.failures(sizes, naive)
    for failure in failures:
        errors.print(f"Error: {failure}", style="red", markup=False, highlight=False)
    if chosen.write:
        chosen.write.write_text(page(sizes, naive) + _of_others(chosen.write), encoding="utf-8")
    return 1 if failures else 0


def _of_others(path: Path) -> str:
    """The sections of the page that other benchmarks write, if they are there."""
    return (
        sections(path.read_text(encoding="utf-8"), (AUDIT, STREAM, FLINK, FOLLOW_TITLE, DASHBOARD, FEEDS, SILENCE))
        if path.exists()
        else ""
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--dir", type=Path, help="keep the generated inputs in this folder (default: a temporary one)")
    parser.add_argument("--devices", type=int, nargs="+", default=DEVICES, help="sizes, in devices of 40 events each")
    parser.add_argument("--quick", action="store_true", help="one size only, of 2 M events")
    parser.add_argument("--rounds", type=int, default=2, help="turns at sizes up to 20 M events (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    return parser


@contextlib.contextmanager
def _cache(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hexaflux-bench-") as temporary:
        yield Path(temporary)


if __name__ == "__main__":
    sys.exit(main())
