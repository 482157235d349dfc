"""A release as it is read for a comparison: its tables, its zones, its k."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from anonymization.checks.outcome import Unsound
from anonymization.checks.zone_map import ZoneMap, read_zones
from anonymization.entries import DAY, ZONES, Entry
from anonymization.manifest import read_chain
from schemas.errors import InputError
from schemas.indicators import INDICATORS

_HIVE = ds.partitioning(pa.schema([("date", pa.date32())]), flavor="hive")
_MEND = "give the folder of a release that `hexaflux audit` passes"


@dataclass(frozen=True)
class Released:
    """The tables by indicator, each with `date` (the privacy day); the zones; the greatest k of any day."""

    tables: Mapping[str, pa.Table]
    zones: ZoneMap
    k: int

    @property
    def kinds(self) -> pa.Table:
        """`zone_id` and `kind` of each zone."""
        zones = sorted(self.zones.zones.values(), key=lambda zone: zone.zone_id)
        columns = {"zone_id": [zone.zone_id for zone in zones], "kind": [zone.kind for zone in zones]}
        return pa.table(columns, schema=pa.schema([("zone_id", pa.string()), ("kind", pa.string())]))


def read_release(release: Path) -> Released:
    """Read a release; raises InputError where it is none, or a damaged one."""
    days = [entry for entry in read_chain(release) if entry.kind == DAY]
    if not days:
        raise InputError(f"{release}: expected a release with a privacy day in its manifest, found none", _MEND)
    try:
        zones = read_zones(release / ZONES)
    except (Unsound, OSError) as error:
        raise InputError(f"{release / ZONES}: the zones cannot be read ({error})", _MEND) from None
    found = {name: _table(release / name) for name in INDICATORS if (release / name).is_dir()}
    return Released({name: table for name, table in found.items() if table.num_rows}, zones, max(map(_k, days)))


def _k(day: Entry) -> int:
    k = day.block("policy").get("k")
    if not isinstance(k, int):
        raise InputError(f"manifest/chain/{day.name}: expected a whole number as k of the policy, found {k!r}", _MEND)
    return k


def _table(folder: Path) -> pa.Table:
    try:
        return ds.dataset(folder, format="parquet", partitioning=_HIVE).to_table()
    except (pa.ArrowException, OSError):
        raise InputError(f"{folder}: expected Parquet files, found something else", _MEND) from None
