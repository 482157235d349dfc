"""The same counts in SQL: DuckDB reads the Parquet files itself and draws each device's hexagon from its cell.

Written for speed, unlike the oracle of the tests, which states definitions one by one and at 20 M events would need
about 12 GB (extrapolated from 2 M). It judges no row and takes every device as domestic, as the NumPy job does.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from anonymization.keys import DRAW, PSEUDONYM
from anonymization.prf import hash_columns, hash_strings, uniform32
from pipelines.arrays import Ints
from pipelines.inputs import HOLD
from pipelines.visits import SHORTEST_VISIT
from schemas.vocabulary import DWELL_BAND_STARTS_MINUTES
from tests.bench import counts
from tests.bench.counts import Counted
from tests.bench.setting import Setting, read_setting
from tests.bench.told import tell

THREADS = 2
MEMORY = "8GB"

SCRIPT = """
CREATE TABLE sighting AS
SELECT d.device, epoch_us(e.event_time) AS seen, c.cell
FROM read_parquet($files) e JOIN device d USING (subscriber_id) JOIN cell c USING (cell_id);

CREATE TABLE drawn AS
WITH pair AS (
    SELECT device, cell, d.uniform FROM (SELECT DISTINCT device, cell FROM sighting) JOIN device d USING (device)
)
SELECT p.device, p.cell, f.hexagon
FROM pair p ASOF JOIN footprint f ON p.cell = f.cell AND p.uniform >= f.low;

CREATE TABLE stay AS
WITH placed AS (
    SELECT device, seen, cell, hexagon, lag(seen) OVER in_order AS before, lag(hexagon) OVER in_order AS hexagon_before,
           max(seen) OVER (PARTITION BY device) AS last
    FROM sighting JOIN drawn USING (device, cell) WINDOW in_order AS (PARTITION BY device ORDER BY seen, cell)
), begun AS (
    SELECT * FROM placed WHERE before IS NULL OR seen - before > $hold OR hexagon <> hexagon_before
), followed AS (
    SELECT device, hexagon, seen AS start, row_number() OVER in_order AS sequence, lead(seen) OVER in_order AS next,
           coalesce(lead(before) OVER in_order, last) AS last
    FROM begun WINDOW in_order AS (PARTITION BY device ORDER BY seen, cell)
)
SELECT device, hexagon, sequence, start, if(next - last <= $hold, next, last) AS ended,
       if(next - last <= $hold, next, least(last + $hold, $ends)) AS held
FROM followed;

DROP TABLE sighting;
DROP TABLE drawn;

CREATE TABLE whereabouts AS
WITH touched AS (
    SELECT *, (start - $starts) // $slot AS first,
           if(held = start, (start - $starts) // $slot, (held - 1 - $starts) // $slot) AS final
    FROM stay
), touching AS (
    SELECT device, hexagon, sequence, start, held, unnest(range(first, final + 1)) AS slot FROM touched
), by_hexagon AS (
    SELECT device, slot, hexagon, max(sequence) AS sequence,
           sum(least(held, begins + $slot) - greatest(start, begins))::BIGINT AS overlap
    FROM (SELECT *, $starts + slot * $slot::BIGINT AS begins FROM touching) GROUP BY device, slot, hexagon
)
SELECT device, slot, arg_max(hexagon, overlap << 20 | sequence) AS hexagon FROM by_hexagon GROUP BY ALL;

CREATE TABLE half_hour AS
SELECT slot, hexagon, age_band, spc FROM whereabouts JOIN device USING (device) WHERE slot IN $half_hours;

CREATE TABLE attendance AS
WITH visit AS (
    SELECT device, zone, sum(ended - start)::BIGINT AS dwell FROM stay JOIN zone USING (hexagon) GROUP BY ALL
)
SELECT device, zone, age_band, spc, len(list_filter($bands, lambda band: band <= dwell)) - 1 AS dwell_band
FROM visit JOIN device USING (device) WHERE dwell >= $shortest;
"""

TABLES = {"presence": "whereabouts", "presence_by_age": "half_hour", "presence_by_spc": "half_hour"}
"""Where each indicator is counted; the others in `attendance`."""


def count(setting: Setting) -> Counted:
    """Count the day; what does not fit in memory goes to a temporary folder beside the configuration."""
    with tempfile.TemporaryDirectory(dir=setting.configuration.path.parent) as spill, duckdb.connect() as sql:
        sql.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'; SET enable_progress_bar = false")
        sql.execute(f"SET temp_directory = '{spill}'; SET preserve_insertion_order = false")
        for name, table in _small_tables(setting).items():
            sql.register(name, table)
        values = _values(setting)
        for statement in SCRIPT.split(";"):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            if statement.strip():
                sql.execute(statement, used)
        return Counted(None, {name: _answer(sql, name) for name in counts.INDICATORS})


def _answer(sql: duckdb.DuckDBPyConnection, name: str) -> Ints:
    place = ["slot", "hexagon"] if name in TABLES else ["zone"]
    keys = ", ".join([*place, *filter(None, [counts.INDICATORS[name]])])
    found = sql.sql(f"SELECT {keys}, count(*) FROM {TABLES.get(name, 'attendance')} GROUP BY ALL").to_arrow_table()
    return counts.ordered(np.stack([column.to_numpy().astype(np.int64) for column in found.columns], axis=1))


def _values(setting: Setting) -> dict[str, object]:
    slots = setting.slots
    return {
        "files": [str(file) for file in setting.files],
        "hold": HOLD,
        "starts": int(slots[0]),
        "ends": int(slots[-1]),
        "slot": int(slots[1] - slots[0]),
        "half_hours": setting.half_hours.tolist(),
        "shortest": SHORTEST_VISIT,
        "bands": [60_000_000 * minutes for minutes in DWELL_BAND_STARTS_MINUTES],
    }


def _small_tables(setting: Setting) -> dict[str, pa.Table]:
    """Devices with their attributes and the number of their draw, cells, footprints, and the zones of hexagons."""
    inputs = setting.inputs
    register, plan = inputs.register, inputs.footprint
    assert register is not None
    pseudonym = hash_strings(setting.key.subkey(PSEUDONYM), register.subscriber_id)
    device = {
        "subscriber_id": register.subscriber_id,
        "device": np.arange(len(pseudonym), dtype=np.int32),
        "uniform": uniform32(hash_columns(setting.key.subkey(DRAW), pseudonym)),
        "age_band": register.age_band,
        "spc": register.spc,
    }
    cell = np.arange(len(inputs.network), dtype=np.int32)
    of_pair = np.repeat(cell, np.diff(plan.first))
    hexagon, depth = np.nonzero(setting.zones.chain >= 0)
    return {
        "device": pa.table(device),
        "cell": pa.table({"cell_id": inputs.network.cell_id, "cell": cell}),
        "footprint": pa.table({"cell": of_pair, "low": plan.cumulative, "hexagon": plan.hexagon}),
        "zone": pa.table({"hexagon": hexagon, "zone": setting.zones.chain[hexagon, depth]}),
    }


if __name__ == "__main__":
    tell(count(read_setting(Path(sys.argv[1]))))
