"""The history of radio cells in the working directory: a file for each of the last closed days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, replacing
from pipelines.calendar import Calendar
from pipelines.quality.heard import BIN
from pipelines.quality.history import HISTORY_DAYS, ClockDay, clock_day
from schemas.tables import CELL_HISTORY


@dataclass(frozen=True)
class HistoryBefore:
    """The days of a history before a day, one after the other; those of the last two weeks count."""

    folder: Path
    calendar: Calendar
    cell_id: pa.Array
    day: date

    def __iter__(self) -> Iterator[ClockDay]:
        for before in range(HISTORY_DAYS, 0, -1):
            day = self.day - timedelta(days=before)
            path = _file(self.folder, day)
            if path.exists():
                edges = self.calendar.bins(day, BIN)
                kept = pq.read_table(path, partitioning=None)
                yield clock_day(kept, self.cell_id, self.calendar.places(edges[:-1], BIN))


def keep(folder: Path, day: date, rows: pa.Table) -> None:
    """Put the CELL_HISTORY rows of a day into a history, and remove what no day from then on looks back to.

    What is there of the day is replaced: a run that was killed meanwhile does the same again.
    """
    make_directory(folder, 0o700)
    with replacing(_file(folder, day)) as temporary:
        pq.write_table(CELL_HISTORY.conform(rows), temporary, compression="zstd")
        temporary.chmod(0o600)
    oldest = _file(folder, day - timedelta(days=HISTORY_DAYS)).name
    for old in folder.glob("date=*.parquet"):
        if old.name < oldest:
            old.unlink()


def _file(folder: Path, day: date) -> Path:
    return folder / f"date={day.isoformat()}.parquet"
