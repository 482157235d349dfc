"""Rows with the mean weight that they tell of their devices, and the devices of each stratum that are in them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.people import PEOPLE_BASE
from pipelines.arrays import Bools, Ints, column, instants
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.solving.strata import Strata, raised
from pipelines.attacks.target import Target
from pipelines.day_counts import detected
from pipelines.weights import UNIT
from schemas.indicators import INDICATORS, Indicator

Floats = npt.NDArray[np.float64]

HALF: Final = PEOPLE_BASE / 2
"""People that rounding adds or takes away at most."""

_SLACK: Final = 1.0
"""Thousandths of people by which a mean weight may be off: sums of raised weights are rounded in each hexagon."""

_SIGNALS: Final = np.arange(1, 100)
"""Numbers of signals of a visit: by few of them its weight is raised, by many it is not."""


@dataclass(frozen=True)
class Weighed:
    """Rows of an indicator and a day: what they print, what that says of their weights, and who is in them.

    `printed` int64[r]: devices; `low`, `high` float64[r]: thousandths of people between which their mean weight lies;
    `weights` int64[s]: the strata, ascending; `possible` bool[r, s]: which can be in a row; `true` int64[r, s]: how
    many devices are. `variance` float64[r]: the most that the variance of their weights is, infinite where none is
    printed.
    """

    printed: Ints
    low: Floats
    high: Floats
    weights: Ints
    possible: Bools
    true: Ints
    variance: Floats


def weighed_rows(target: Target, day: DayDevices, measures: pa.Table) -> list[Weighed]:
    """The rows of a day: what people may have been before they were rounded, over devices, over what is raised."""
    strata = Strata(target.inputs, target.inputs.weighing(day.day))
    raise_of_slot = raised(day, measures, target.inputs.footprint.hexagons.size)
    stratum = strata.of_devices(day)
    found = []
    for name, table in target.tables.items():
        own = pc.equal(table["date"], day.day).to_numpy()
        rows = table.filter(pa.array(own))
        printed, people = (column(rows, each).astype(np.float64) for each in ("devices", "people"))
        least, most = _raised(INDICATORS[name], rows, day, raise_of_slot)
        low, high = ((people + side) * UNIT / printed / by for side, by in ((-HALF, most), (HALF, least)))
        true = _true(target.behind[day.day.isoformat()][name], stratum, table.num_rows, strata.weights.size)[own]
        possible = strata.possible(INDICATORS[name], rows)
        between = (low - _SLACK, high + _SLACK)
        unknown = np.full(rows.num_rows, np.inf)
        found.append(Weighed(printed.astype(np.int64), *between, strata.weights, possible, true, unknown))
    return found


def _raised(indicator: Indicator, rows: pa.Table, day: DayDevices, raise_of_slot: Floats) -> tuple[Floats, Floats]:
    """float64[r] each: by what weights may have been raised, at least and at most.

    The adversary knows how many devices are missing in a slot, but not how many signals a visit gave.
    """
    ones = np.ones(rows.num_rows)
    if indicator.population == "presence":
        start = instants(rows, "window_start")
        hour = np.searchsorted(day.grid.hours, start)
        slot = np.searchsorted(day.grid.slots, start) if indicator.window == "slot" else day.grid.half_hours[hour]
        return raise_of_slot[slot], raise_of_slot[slot]
    if indicator.population == "attendance":
        factors = detected(np.full(_SIGNALS.size, UNIT), _SIGNALS) / UNIT
        return ones * factors.min(), ones * factors.max()
    return ones, ones


def _true(members: pa.Table, stratum: Ints, rows: int, strata: int) -> Ints:
    """int64[rows, strata]: the devices that are behind each row."""
    row, device = (column(members, name).astype(np.int64) for name in ("row", "device"))
    return np.bincount(row * strata + stratum[device], minlength=rows * strata).reshape(rows, strata)
