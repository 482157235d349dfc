"""The town whose release the tests look at."""

from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console

from pipelines import configuration, embedded
from pipelines.progress import Progress
from pipelines.simulator import write
from pipelines.simulator.settings import Settings

TOWN: Final = Settings(devices=8000, days=15, start=date(2026, 6, 13))
"""Three Saturdays, so that each day of the last week has days of its kind before it."""


def published(folder: Path) -> Path:
    """Simulate the town in a folder that is empty or not there, and publish it."""
    quiet = Progress(Console(stderr=True), quiet=True)
    town = configuration.load(write.simulate(folder, TOWN, quiet))
    embedded.run(town, quiet)
    return town.release.directory
