"""The accuracy of releases over simulated towns, against recorded bounds."""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tests.accuracy import recorded, report
from tests.accuracy.coverage import REPLICATES, coverage, outside
from tests.accuracy.page import page
from tests.accuracy.town import Size, measure
from tests.accuracy.verdict import broken, lines, medians

SEEDS = (1, 2, 3)
WIDE = 140


def main() -> int:
    """Run it; 1 where a figure is worse than recorded, or a release does not verify."""
    chosen = _parser().parse_args()
    results = Console(highlight=False, width=max(Console().width, WIDE))
    errors = Console(stderr=True, highlight=False)
    size = Size(chosen.devices, chosen.days, chosen.market_share)
    with _folder(chosen.dir) as folder:
        towns = [measure(folder, seed, size, lambda text: errors.print(text, style="dim")) for seed in chosen.seeds]
    figures = [town.figures for town in towns]
    if chosen.record:
        recorded.write(medians(figures), chosen.bounds)
    found = lines(figures, recorded.read(chosen.bounds))
    results.print(report.table(found, chosen.seeds))
    errors.print(f"intervals: {chosen.replicates:,} towns of the kernels' own model", style="dim")
    covered = coverage(chosen.replicates, seed=1)
    results.print(report.coverage(covered, chosen.replicates))
    if chosen.write:
        chosen.write.write_text(page(towns, found, size, covered, chosen.replicates), encoding="utf-8")
    unsound = [
        f"the release of seed {town.seed} fails {', '.join(town.failed_checks)}" for town in towns if town.failed_checks
    ]
    worse = broken(found)
    strayed = [f"intervals of {name} hold the truth too seldom or too often" for name in outside(covered)]
    for problem in [*unsound, *(f"{key} is worse than recorded" for key in worse), *strayed]:
        errors.print(f"Error: {problem}", style="red")
    bounded = [line for line in found if line.bound]
    reached = [line for line in found if line.reached is not None]
    met = sum(line.reached is True for line in reached)
    results.print(
        f"accuracy: {len(found)} figures, {met} of {len(reached)} targets met, "
        f"{len(bounded)} recorded bounds, {f'{len(worse)} broken' if worse else 'all kept'}",
        soft_wrap=True,
    )
    return 1 if worse or unsound or strayed else 0


def _parser() -> argparse.ArgumentParser:
    size = Size()
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="simulated towns (default: 1 2 3)")
    parser.add_argument("--devices", type=int, default=size.devices, help="subscribers (default: %(default)s)")
    parser.add_argument("--days", type=int, default=size.days, help="privacy days (default: %(default)s)")
    parser.add_argument("--market-share", type=float, default=size.market_share, help="default: %(default)s")
    parser.add_argument("--replicates", type=int, default=REPLICATES, help="towns for intervals (default: %(default)s)")
    parser.add_argument("--dir", type=Path, help="keep the simulated towns in this folder, and use those there")
    parser.add_argument("--bounds", type=Path, default=recorded.FILE, help="the recorded bounds (default: %(default)s)")
    parser.add_argument("--record", action="store_true", help="record what was measured as the bounds")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as Markdown, too")
    return parser


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hexaflux-accuracy-") as temporary:
        yield Path(temporary)


if __name__ == "__main__":
    sys.exit(main())
