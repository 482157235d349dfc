"""One simulated town: made, published, audited, scored."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.console import Console

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.progress import Progress
from pipelines.score.released import read_release
from pipelines.score.sheet import Sheet, score
from pipelines.score.truth import read_truth
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate

FESTIVAL = "lac-kir"
"""The zone of the simulated festival."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Town:
    """What a seed came to: its score sheet, and the names of the audit's checks that failed."""

    seed: int
    sheet: Sheet
    failed_checks: tuple[str, ...]

    @property
    def figures(self) -> dict[str, float]:
        """The values by key."""
        return {figure.key: figure.value for figure in self.sheet.scored.figures}


@dataclass(frozen=True)
class Size:
    """How large a town is: subscribers, privacy days, the share of the people that they are."""

    devices: int = 20_000
    days: int = 2
    market_share: float = 0.3
    start: date = date(2026, 6, 20)


def measure(folder: Path, seed: int, size: Size, say: Say) -> Town:
    """Simulate into a folder unless that is done; publish to another one, audit and score.

    The keys are fixed by the seed, so that the same code gives the same figures.
    """
    progress = Progress(Console(stderr=True), quiet=True)
    directory = folder / f"town-{seed}-{size.devices}-{size.days}-{size.market_share:g}"
    config = directory / "hexaflux.toml"
    if not config.exists():
        say(f"seed {seed}: simulating")
        simulate(directory, Settings(size.devices, size.days, size.start, seed, size.market_share), progress)
        with config.open("a", encoding="utf-8") as file:
            file.write(f'\n[test]\nday_key = "{seed:064x}"\n')
    say(f"seed {seed}: publishing")
    configuration = load(config)
    # A release that is there would not be published again, whatever has become of the code.
    with tempfile.TemporaryDirectory(prefix="hexaflux-release-") as temporary:
        release = Path(temporary) / "release"
        run(replace(configuration, release=replace(configuration.release, directory=release)), progress)
        say(f"seed {seed}: auditing and scoring")
        report = audit(release, allow_test=True)
        sheet = score(read_release(release), read_truth(directory / "truth"), [FESTIVAL], size.market_share)
    return Town(seed, sheet, tuple(check.name for check in report.checks if not check.passed))
