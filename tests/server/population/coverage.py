"""How often a forecast holds the figure that was published later: `python -m tests.server.population.coverage RELEASE`.

The last week of a release is forecast from what was published a day before each of its hours, and compared with what
was published of it.
"""

import sys
from functools import partial
from pathlib import Path

import h3
import numpy as np

from anonymization.released import open_release
from pipelines.server.population import area, forecast, geohash
from pipelines.server.population.density import of_boxes
from pipelines.server.population.grid import Numbers
from pipelines.server.population.snapshot import Snapshot

HALF = {5: 0.1, 6: 0.06, 7: 0.02}
"""Degrees from the middle of the square that is asked about, by precision."""
WEEK = 7 * 24


def compared(snapshot: Snapshot, precision: int, days: int) -> tuple[Numbers, Numbers]:
    """float64[m, 3] twice: what was forecast from at most `days` days, and what was published, by hour and cell."""
    latitude, longitude = np.mean([h3.cell_to_latlng(h3.int_to_str(cell)) for cell in snapshot.grid.cells], axis=0)
    half = HALF[precision]
    corners = ((-half, -half), (half, -half), (half, half), (-half, half))
    codes = area.cover(area.polygon([(longitude + x, latitude + y * 0.7) for x, y in corners]), precision)
    shares = snapshot.grid.shares(geohash.boxes(codes, precision))
    told, came = [], []
    for hour in range(snapshot.last - WEEK, snapshot.last):
        hours = forecast.earlier_hours(hour, snapshot.zone, partial(_before, snapshot, hour))
        densities = [snapshot.at(each) for each in (hour, *hours[:days])]
        published, *found = [of_boxes(each, shares, len(codes)) for each in densities if each is not None]
        if found:
            told.append(forecast.forecast(np.stack(found)))
            came.append(published)
    first, second = np.concatenate(told), np.concatenate(came)
    both = np.isfinite(first[:, 0]) & np.isfinite(second[:, 0])
    return first[both], second[both]


def _before(snapshot: Snapshot, hour: int, earlier: int) -> bool:
    """Whether an hour was published a day before another one."""
    return earlier < hour - 24 and snapshot.knows(earlier)


def held(told: Numbers, came: Numbers) -> float:
    """The share of the published figures that lie between the bounds of their forecasts."""
    return float(((told[:, 1] <= came[:, 0]) & (came[:, 0] <= told[:, 2])).mean())


def main(release: Path) -> None:
    """Print a line for each precision and number of days."""
    snapshot = Snapshot(open_release(release))
    for precision in HALF:
        for days in (2, 3, 4):
            told, came = compared(snapshot, precision, days)
            error = np.median(np.abs(told[:, 0] - came[:, 0]) / np.maximum(came[:, 0], 1))
            width = np.median((told[:, 2] - told[:, 1]) / np.maximum(told[:, 0], 1))
            line = f"held {held(told, came):.3f}, median error {error:.3f}, median width {width:.3f}"
            print(f"precision {precision}, {days} days, {len(told)} densities: {line}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
