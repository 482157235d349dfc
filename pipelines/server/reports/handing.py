"""The outages that were confirmed, handed to the pipeline in the folder that the operator made for it."""

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.quality.facts import folder_of
from pipelines.quality.outages import LASTS, NAME, Outage, write_outages
from pipelines.server.reports.register import Register
from pipelines.server.reports.report import Report

_SECOND = 1_000_000
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Handing:
    """Where outages of a register are handed over; nowhere if no release is served, or its operator made no folder."""

    register: Register
    release: Path | None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def folder(self) -> Path | None:
        """The folder, if it is there."""
        folder = None if self.release is None else folder_of(self.release)
        return folder if folder is not None and folder.is_dir() else None

    def write(self) -> bool:
        """Write what the register knows, all of it each time, if there is a folder; False where it cannot be written.

        So whatever was not written before is written with the next one.
        """
        # Without the lock, who read the register first could write last.
        with self._lock:
            folder = self.folder
            if folder is None:
                return True
            found = [outage for report in self.register.with_outages() if (outage := _outage(report)) is not None]
            try:
                write_outages(folder, found)
            except OSError as error:
                _LOGGER.error(
                    "%s: expected a file to write, got %s: outages that are confirmed do not reach the pipeline; "
                    "give the server the right to write there",
                    folder / NAME,
                    type(error).__name__,
                )
                return False
        return True


def _outage(report: Report) -> Outage | None:
    outage, place = report.outage, report.new
    if outage is None or place.latitude is None or place.longitude is None:
        return None
    end = LASTS if outage.end is None else int(outage.end.timestamp()) * _SECOND
    return Outage(int(outage.start.timestamp()) * _SECOND, end, report.id, place.latitude, place.longitude)
