"""`hexaflux score`: read, compare, show, and say by the exit code whether every bound is met."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from pipelines.progress import Progress
from pipelines.score.bound import TARGETS, judge, read_bounds
from pipelines.score.released import read_release
from pipelines.score.sheet import score
from pipelines.score.show import as_values, show, summary
from pipelines.score.truth import read_truth


def run(
    console: Console,
    progress: Progress,
    release: Path,
    truth: Path,
    *,
    events: Sequence[str] = (),
    market_share: float | None = None,
    bounds: Path | None = None,
    as_json: bool = False,
) -> int:
    """Write the score sheet of a release; 1 where a bound is missed.

    Raises InputError for a release, a truth or bounds that cannot be read, UsageError for an unknown event zone.
    """
    against = read_bounds(bounds) if bounds else TARGETS
    with progress.task("Comparing", None):
        sheet = score(read_release(release), read_truth(truth), events, market_share)
    judged = judge(against, sheet.scored.figures)
    if as_json:
        console.out(json.dumps(as_values(sheet, judged), indent=2), highlight=False)
    else:
        show(console, sheet, judged)
        console.out(summary(sheet, judged), highlight=False)
    return 1 if any(each.met is False for each in judged) else 0
