"""What was heard of a day, against what the days before lead to expect: silent cells, and the parts they degrade."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from anonymization.degraded import Degraded
from pipelines.arrays import Bools, Ints, instants
from pipelines.inputs import Inputs
from pipelines.quality.facts import folder_of
from pipelines.quality.flags import TOLD_OF, by_window, names
from pipelines.quality.heard import BIN, device_grid, heard_grid
from pipelines.quality.history import PER_HOUR, Expected, Floats, history_rows, on_air
from pipelines.quality.kept import HistoryBefore, keep
from pipelines.quality.outages import read_outages
from pipelines.quality.parts import Reached, Window, degraded, reached
from pipelines.quality.report import Heard, quality, write_quality
from pipelines.quality.silence import Silences, expected, silences
from pipelines.state import DayState, State
from pipelines.stays import HOLD
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class Listening:
    """A privacy day, its radio cells, and what closed days tell of them."""

    inputs: Inputs
    working: WorkingDirectory
    day: date

    @cached_property
    def edges(self) -> Ints:
        """int64[bins + 1]: the bins of the day."""
        return self.inputs.calendar.bins(self.day, BIN)

    @cached_property
    def places(self) -> Ints:
        """int64[bins]: the place of each bin on the clock."""
        return self.inputs.calendar.places(self.edges[:-1], BIN)

    @property
    def cells(self) -> int:
        """The number of radio cells."""
        return len(self.inputs.network.identifiers)

    @cached_property
    def expected(self) -> Expected:
        """What the closed days before lead to expect."""
        network = self.inputs.network
        days = HistoryBefore(self.working.history, self.inputs.calendar, network.identifiers, self.day)
        return expected(days, self.cells)

    @cached_property
    def on_air(self) -> Bools:
        """bool[cells, bins]: where the plan has a cell on air."""
        network = self.inputs.network
        return on_air(network.valid_from, network.valid_to, network.identifier, self.edges)

    def devices(self) -> np.typing.NDArray[np.float64]:
        """float64[cells, bins]: the devices to expect in each cell."""
        return np.where(self.on_air, self.expected.devices[:, self.places // PER_HOUR], 0.0)

    def wanted(self) -> Floats:
        """float32[cells, bins]: the events to expect from each cell."""
        return np.where(self.on_air, self.expected.events[:, self.places], np.float32(0))

    def reached(self) -> Reached:
        """The hexagons that the cells reach which are on air some time of the day."""
        network, found = self.inputs.network, self.inputs.footprint
        rows = (network.valid_from < self.edges[-1]) & (network.valid_to > self.edges[0])
        weight = found.likelihood * found.prior[found.hexagon]
        whole = np.bincount(found.cell, weight, len(network))
        several = np.bincount(network.identifier[rows], minlength=self.cells)[network.identifier]
        taken = np.flatnonzero(rows[found.cell] & (weight > 0))
        row = found.cell[taken]
        share = weight[taken] / (whole * several)[row]
        return reached(found.hexagons, found.hexagon[taken], network.identifier[row].astype(np.int64), share)

    def events(self, heard: pa.Table) -> Ints:
        """int64[cells, bins]: the events of HEARD rows of the day."""
        return heard_grid(heard, self.inputs.network.identifier, self.cells, self.edges.size - 1)

    def silences(self, heard: pa.Table, until: int) -> Silences:
        """The silences of the day beyond the history of their cells, in the bins that end by an instant."""
        over = int(np.searchsorted(self.edges[1:], until, "right"))
        return silences(self.wanted()[:, :over], self.expected.worst, self.events(heard)[:, :over])

    def degraded(self, tables: Mapping[str, pa.Table], heard: pa.Table, until: int) -> tuple[Degraded, ...]:
        """The degraded parts of what is to be published, by indicator and window; `until` as for `silences`.

        Under differential privacy there are none: no flag may follow from who is there.
        """
        if self.inputs.budget:
            return ()
        found = self.silences(heard, until)
        if not found.cell.size:
            return ()
        devices, where, flags = self.devices(), self.reached(), []
        for indicator in TOLD_OF:
            for start, rows in by_window(tables.get(indicator)):
                window = self._window(indicator, start, int(instants(rows, "window_end")[0]))
                bad = degraded(rows, window, found, devices, where, self.inputs.policy.k)
                if bad.any():
                    flags.append(Degraded(indicator, start, names(rows.filter(pa.array(bad)))))
        return tuple(flags)

    def _window(self, indicator: str, start: int, end: int) -> Window:
        """The bins of a window; of a slot tells what is known when it falls due, however much later a driver looks."""
        begin, bins = int(self.edges[0]), self.edges.size - 1
        due = bins if INDICATORS[indicator].window == "day" else min((end + HOLD - begin) // BIN, bins)
        return Window((start - begin) // BIN, -(-(end - begin) // BIN), due)

    def report(self, heard: pa.Table, known: DayState, state: State) -> None:
        """Write the report on the day, whose events and degraded parts are those of `known`."""
        found = self.silences(heard, int(self.edges[-1]))
        told = Heard(
            self.day,
            self.edges,
            self.events(heard),
            self.on_air,
            known.facts.events,
            state.accounting,
            state.partitions,
            self._confirmed(),
        )
        cells = self.inputs.network.identifiers.to_pylist()
        write_quality(self.working.quality, self.day, quality(told, found, cells, known.degraded))

    def _confirmed(self) -> int:
        """How many confirmed outages there are of the day by now."""
        outages = read_outages(folder_of(self.inputs.configuration.release.directory))
        begin, end = int(self.edges[0]), int(self.edges[-1])
        return sum(each.start < end and each.end > begin for each in outages)

    def keep(self, heard: pa.Table, cell_hours: Iterable[pa.Table]) -> None:
        """Put what is kept of the day into the history."""
        hours = -(-(self.edges.size - 1) // PER_HOUR)
        devices = device_grid(cell_hours, self.cells, hours)
        rows = history_rows(self.events(heard), devices, self.inputs.network.identifiers, self.inputs.policy.k)
        keep(self.working.history, self.day, rows)
