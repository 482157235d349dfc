"""Presence in SQL: DuckDB reads the Parquet files itself and draws each device's hexagon from its cell.

It counts what every job counts, presence, and not what hexaflux counts besides: its time is that of a part of the work.
Written for speed, unlike the oracle of the tests, which states definitions one by one and at 20 M events would need
about 12 GB (extrapolated from 2 M). It judges no row and takes every device as domestic and of unknown home, which the
generated ones are.
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
from pipelines.stays import HOLD
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
WITH preceded AS (
    SELECT device, seen, cell, lag(seen) OVER in_order AS before, lag(cell) OVER in_order AS cell_before,
           max(seen) OVER (PARTITION BY device) AS final
    FROM sighting WINDOW in_order AS (PARTITION BY device ORDER BY seen, cell)
), begun AS (
    SELECT * FROM preceded WHERE before IS NULL OR seen - before > 2 * $hold OR cell <> cell_before
), followed AS (
    SELECT device, cell, before, seen AS start, row_number() OVER in_order AS sequence,
           lead(seen) OVER in_order AS next, coalesce(lead(before) OVER in_order, final) AS last
    FROM begun WINDOW in_order AS (PARTITION BY device ORDER BY seen, cell)
)
SELECT device, hexagon, sequence, greatest(start - $hold, $starts, coalesce((before + start) // 2, $starts)) AS began,
       least(last + $hold, $ends, coalesce((last + next) // 2, $ends)) AS ended
FROM followed JOIN drawn USING (device, cell);

DROP TABLE sighting;
DROP TABLE drawn;

CREATE TABLE whereabouts AS
WITH touched AS (
    SELECT *, (began - $starts) // $slot AS first,
           if(ended = began, (began - $starts) // $slot, (ended - 1 - $starts) // $slot) AS final
    FROM stay
), touching AS (
    SELECT device, hexagon, sequence, began, ended, unnest(range(first, final + 1)) AS slot FROM touched
), by_hexagon AS (
    SELECT device, slot, hexagon, max(sequence) AS sequence,
           sum(least(ended, begins + $slot) - greatest(began, begins))::BIGINT AS overlap
    FROM (SELECT *, $starts + slot * $slot::BIGINT AS begins FROM touching) GROUP BY device, slot, hexagon
)
SELECT device, slot, arg_max(hexagon, overlap << 20 | sequence) AS hexagon FROM by_hexagon GROUP BY ALL;

CREATE TABLE half_hour AS
SELECT slot, hexagon, age_band, spc FROM whereabouts JOIN device USING (device) WHERE slot IN $half_hours;
"""

TABLES = {"presence": "whereabouts", "presence_by_age": "half_hour", "presence_by_spc": "half_hour"}
"""Where each indicator is counted."""


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
        return Counted(None, {name: _answer(sql, name) for name in counts.PRESENCE})


def _answer(sql: duckdb.DuckDBPyConnection, name: str) -> Ints:
    keys = ", ".join(["slot", "hexagon", *filter(None, [counts.PRESENCE[name]])])
    found = sql.sql(f"SELECT {keys}, count(*) FROM {TABLES[name]} GROUP BY ALL").to_arrow_table()
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
    }


def _small_tables(setting: Setting) -> dict[str, pa.Table]:
    """Devices with their attributes and the number of their draw, cells, and footprints of devices of unknown home."""
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
    return {
        "device": pa.table(device),
        "cell": pa.table({"cell_id": inputs.network.cell_id, "cell": cell}),
        "footprint": pa.table({"cell": of_pair, "low": plan.anybody.cumulative, "hexagon": plan.hexagon}),
    }


if __name__ == "__main__":
    tell(count(read_setting(Path(sys.argv[1]))))
