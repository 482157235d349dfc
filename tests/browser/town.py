"""The town whose release the tests look at."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from pipelines import configuration, demo, embedded
from pipelines.progress import Progress
from pipelines.simulator import write
from tests.dashboards.town_feeds import write_feeds

TOWN: Final = replace(demo.TOWN, devices=8000)
"""The town of the demo, of fewer people."""


def published(folder: Path) -> Path:
    """Simulate the town in a folder that is empty or not there, and publish it; feeds by hand stand beside it."""
    quiet = Progress(Console(stderr=True), quiet=True)
    town = configuration.load(write.simulate(folder, TOWN, quiet))
    embedded.run(town, quiet)
    write_feeds(town.release.directory.parent / "feeds")
    return town.release.directory
