"""The release of followers that were killed, beside that of one that never was, and that of a run."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.follow.delivered import Place

LEAST_PRESENCE: Final = 1_000
"""Fewer rows of a closed day would prove little."""


def state_of(place: Place) -> State | None:
    """What is committed, if anything is."""
    return WorkingDirectory(place.release.with_name("release.work")).load()


@dataclass(frozen=True)
class Ended:
    """A place and the state that it was left in."""

    place: Place

    @cached_property
    def state(self) -> State:
        """What is committed; raises RuntimeError where nothing is."""
        state = state_of(self.place)
        if state is None:
            raise RuntimeError(f"nothing was committed to {self.place.folder.name}")
        return state

    @property
    def statuses(self) -> dict[date, str]:
        """How far each privacy day has come."""
        return {date.fromisoformat(day): known.status for day, known in self.state.days.items()}

    def files(self, indicator: str, day: date) -> dict[str, bytes]:
        """The bytes of the files of an indicator's day."""
        folder = self.place.release / indicator / f"date={day}"
        return {file.name: file.read_bytes() for file in folder.glob("*.parquet")}


def wrong(broken: Ended, whole: Ended, complete: Ended, delivered: int) -> Iterator[str]:
    """What is not as it should be, of followers that were killed, one that was not, and a run; nothing if all is."""
    yield from _wrong_counts(broken, whole, complete, delivered)
    if broken.statuses != whole.statuses:
        yield "other days are closed with kills than without"
    # The last day has only the few events that end the others.
    *over, last = sorted(whole.statuses)
    for day in (*over, last):
        yield from _wrong_rows(broken, whole, day, "with kills than without")
    for day in over:
        yield from _wrong_rows(whole, complete, day, "of the follower than of the run")
        if whole.statuses[day] != "closed":
            yield f"{day}: not closed"
        if whole.place.rows("presence", day).num_rows < LEAST_PRESENCE:
            yield f"{day}: too few rows of presence to prove anything"
    for each in (broken, whole, complete):
        yield from _wrong_audit(each.place)


def _wrong_counts(broken: Ended, whole: Ended, complete: Ended, delivered: int) -> Iterator[str]:
    for each in (broken, whole, complete):
        counted = each.state.accounting
        if counted.rows_in != delivered:
            yield f"{each.place.folder.name}: {counted.rows_in} rows in, {delivered} were delivered"
        if not counted.balances:
            yield f"{each.place.folder.name}: rows in are not accepted + duplicates + late + rejected"
    killed, followed, ran = (each.state.accounting for each in (broken, whole, complete))
    if killed != followed:
        yield f"other counts with kills than without: {killed}, {followed}"
    if (followed.accepted, followed.rejected) != (ran.accepted, ran.rejected):
        yield f"other counts of the follower than of the run: {followed}, {ran}"
    # To a run nothing is late: what is so to a follower are copies of events that were in time.
    if (followed.duplicates + followed.late, 0) != (ran.duplicates, ran.late):
        yield f"other copies of the follower than of the run: {followed}, {ran}"
    if not (followed.duplicates and followed.late and followed.all_rejected):
        yield "nothing was late, nothing twice or nothing rejected: this proves little"


def _wrong_rows(one: Ended, other: Ended, day: date, what: str) -> Iterator[str]:
    """Where two releases differ on a day: in bytes, but for the windows of presence, which rounds put into files."""
    for name in INDICATORS:
        if not one.place.rows(name, day).equals(other.place.rows(name, day), check_metadata=True):
            yield f"{day}, {name}: other rows {what}"
        elif not name.startswith("presence") and one.files(name, day) != other.files(name, day):
            yield f"{day}, {name}: other bytes {what}"


def _wrong_audit(of: Place) -> Iterator[str]:
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "audit", str(of.release)]
    if code := subprocess.run([*command, "--allow-test"], capture_output=True).returncode:
        yield f"audit of the release {of.folder.name}: exit code {code}"
