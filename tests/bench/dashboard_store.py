"""What the store of a release takes: to load it, to hold it, and to answer each question; a process of its own.

`python -m tests.bench.dashboard_store RELEASE` prints `Measured` as JSON.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from anonymization.released import as_stated
from dashboards import slots
from dashboards.cache import Cache
from dashboards.queries import QUERIES, Query, Value
from dashboards.store import Store

ROUNDS: Final = 40
"""How often each question is asked, each time with other values."""

REFERENCE: Final = """
    SELECT window_start, sum(people) AS people
    FROM read_parquet($files) WHERE zone_id = $zone GROUP BY ALL ORDER BY window_start
"""


@dataclass(frozen=True)
class Took:
    """Milliseconds: half of the rounds took `half` at most, 95 % `most`; `processor`: half, of all threads."""

    half: float
    most: float
    processor: float


@dataclass(frozen=True)
class Measured:
    """Seconds of the wall and of the processor to load so many rows, MB of the process after all questions, and these.

    `reference`: DuckDB sums one zone of a day from that day's Parquet file, by its name alone.
    """

    rows: int
    days: int
    parts: int
    load_seconds: float
    load_processor_seconds: float
    megabytes: float
    reference: Took
    queries: dict[str, Took]


def main() -> None:
    """Measure, and print."""
    json.dump(asdict(measured(Path(sys.argv[1]))), sys.stdout)


def measured(root: Path) -> Measured:
    """The measures of a release, which nobody verifies here."""
    began, processor = time.perf_counter(), time.process_time()
    release = as_stated(root)
    store = Store(release, Cache(None))
    load, load_processor = time.perf_counter() - began, time.process_time() - processor
    draw = random.Random(1)
    queries = {name: _took(lambda query=query: _ask(store, query, draw)) for name, query in QUERIES.items()}
    return Measured(
        sum(release.rows(name) for name in release.indicators),
        len(release.days),
        int(store.ask(QUERIES["parts"], **_whole_map(store, draw)).shape[0]),
        load,
        load_processor,
        _megabytes(),
        _reference(store, draw),
        queries,
    )


def _took(ask: Callable[[], object]) -> Took:
    ask()
    seconds, processor = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        ask()
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    half, most = np.quantile(seconds, [0.5, 0.95]) * 1000
    return Took(round(float(half), 1), round(float(most), 1), round(float(np.median(processor)) * 1000, 1))


def _ask(store: Store, query: Query, draw: random.Random) -> None:
    values = _values(store, draw)
    store.ask(query, **{each.name: values[each.name] for each in query.parameters if each.name in values})


def _values(store: Store, draw: random.Random) -> dict[str, Value]:
    """A value of everything that can be asked with: a zone and a day at random, and the map around the zone."""
    days = store.release.days
    zone, day = draw.choice(list(store.zones.values())), draw.choice(days)
    west, south, east, north = zone.bounds
    hour = draw.randrange(24)
    return {
        "zone": zone.zone_id,
        "day": day.date.isoformat(),
        "first_day": days[0].date.isoformat(),
        "last_day": days[-1].date.isoformat(),
        "at": draw.choice(slots.starts(day)).isoformat(),
        "from_hour": hour,
        "to_hour": (hour + 3) % 24,
        "kind": zone.kind,
        "hexagon": f"{int(draw.choice(zone.cells.tolist())):x}",
        **{"west": west - 0.01, "south": south - 0.01, "east": east + 0.01, "north": north + 0.01},
    }


def _whole_map(store: Store, draw: random.Random) -> dict[str, Value]:
    values = _values(store, draw)
    noon = slots.starts(store.release.days[0])[40].isoformat()
    first = store.release.days[0].date.isoformat()
    return {"zone": values["zone"], "day": first, "at": noon, "west": -180, "south": -90, "east": 180, "north": 90}


def _reference(store: Store, draw: random.Random) -> Took:
    connection = duckdb.connect()

    def ask() -> None:
        values = _values(store, draw)
        files = str(store.release.root / "presence" / f"date={values['day']}" / "*.parquet")
        connection.execute(REFERENCE, {"files": files, "zone": values["zone"]}).fetchall()

    return _took(ask)


def _megabytes() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


if __name__ == "__main__":
    main()
