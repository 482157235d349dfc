"""A town to which a few devices are added that nobody else is like: what is said of them must be of a pool."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from pipelines import configuration, embedded
from pipelines.progress import Progress
from pipelines.simulator import write
from pipelines.simulator.settings import Settings

CANARY: Final = 13
"""Devices: fewer than k, and no multiple of the base of rounding."""
COUNTRY, NAME, MCC = "AU", "Australie", 505
"""No simulated visitor is from there."""
DAY: Final = "2026-06-20"
_FIRST: Final = datetime(2026, 6, 20, 8, tzinfo=UTC)
_STEPS: Final = 24


def planted(folder: Path, policy: str = "") -> Path:
    """The release of a town of one day with the devices of one country; `policy` is added to the configuration."""
    quiet = Progress(Console(stderr=True), quiet=True)
    config = write.simulate(folder, Settings(4000, 1, start=_FIRST.date()), quiet)
    config.write_text(config.read_text(encoding="utf-8") + policy, encoding="utf-8")
    _plant(folder / "events")
    town = configuration.load(config)
    embedded.run(town, quiet)
    return town.release.directory


def _plant(folder: Path) -> None:
    """Add the devices for four hours to the busiest cell, in the last file."""
    files = sorted(folder.iterdir())
    counted = pa.concat_tables([pq.read_table(each, columns=["cell_id"]) for each in files])["cell_id"].value_counts()
    cells, counts = counted.field("values"), counted.field("counts")
    busiest = cells[pc.index(counts, pc.max(counts)).as_py()].as_py()
    times = [_FIRST + timedelta(minutes=10 * step) for step in range(_STEPS) for _ in range(CANARY)]
    rows = pa.table(
        {
            "event_time": pa.array(times, pa.timestamp("us", "UTC")),
            "subscriber_id": [f"5050100000000{number:02d}" for _ in range(_STEPS) for number in range(CANARY)],
            "cell_id": [busiest] * len(times),
            "event_type": ["data"] * len(times),
            "home_mcc": pa.array([MCC] * len(times), pa.int32()),
        }
    )
    old = pq.read_table(files[-1])
    pq.write_table(pa.concat_tables([old, rows.cast(old.schema)]), files[-1])
