"""Comptage des mobilités 0.2.4: movements as `site`, `channel` and `measure`, the national exchange format of counters.

The format is that of passages: `flows` and `transit` are in it, presence is not, for who is there does not pass.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa

from anonymization.released import Day, Release
from pipelines.exports import csv
from pipelines.exports.comptage_package import CHANNEL, COLUMNS, MEASURE, PACKAGE, SITE, package
from pipelines.exports.comptage_sites import Channel, Sites
from pipelines.exports.publisher import Publisher
from pipelines.progress import Advance
from schemas.errors import UsageError

FLOWS: Final = "flows"
TRANSIT: Final = "transit"
READS: Final = (FLOWS, TRANSIT)
SECONDS: Final = 3600
"""The time step of both indicators."""

_HOUR: Final = SECONDS * 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTES: Final = (
    "count: people (an estimate), not passages of vehicles. Empty: no figure of its own, never 0. Ends are exclusive.",
    "count : personnes (estimation), non des passages de véhicules. Vide : pas de chiffre propre, jamais 0.",
    "A pool has lines only in the hours in which it is published; flows of an hour must not be added up.",
    "Un regroupement n'a de lignes qu'aux heures où il est publié ; les flux d'une heure ne s'additionnent pas.",
    "Intervals have no place in this format: csv has them. / Les intervalles n'y ont pas de place : voir csv.",
)

Line = Mapping[str, str]
"""A line of a file by column; what it lacks is empty."""
Counts = dict[tuple[Channel, int], str]
"""People by channel and start of the hour, in microseconds since the epoch, UTC."""


def write(release: Release, folder: Path, advance: Advance, publisher: Publisher) -> list[str]:
    """`site.csv`, `channel.csv`, `measure.csv` and `datapackage.json`; raises UsageError without any movement."""
    if not any(release.rows(indicator) for indicator in READS):
        raise UsageError(
            f"{release.root}: expected a release with flows or transit, found neither in it",
            "comptage-mobilites holds movements only; csv, xlsx, geojson and geoparquet hold every indicator",
        )
    sites = Sites(release, READS)
    days = [day for day in release.days if day.over]
    started = _instant(days[0].terms.start)
    _write_file(folder, SITE, sites.rows())
    _write_file(folder, CHANNEL, (_channel_row(channel, sites, started, publisher) for channel in sites.channels))
    _write_file(folder, MEASURE, (row for day in days for row in measures(release, day, sites, advance)))
    (folder / PACKAGE).write_text(package(release, publisher), encoding="utf-8")
    return [*_NOTES, *publisher.lacks]


def measures(release: Release, day: Day, sites: Sites, advance: Advance) -> Iterator[Line]:
    """The lines of a day, by channel and hour: a place of its own has all hours, a pool those that are published."""
    counts: Counts = {}
    for indicator in READS:
        table = release.table(indicator, day)
        counts |= _counts(indicator, table)
        advance(table.num_rows)
    hours = day.terms.edges("hour")[:-1].tolist()
    for channel in sites.channels:
        for start in hours:
            count = counts.get((channel, start), "")
            if count or not channel.is_pool:
                yield {
                    "channel_id": sites.channel_id(channel),
                    "start_datetime": _instant(start),
                    "end_datetime": _instant(start + _HOUR),
                    "count": count,
                }


def _write_file(folder: Path, name: str, lines: Iterable[Line]) -> None:
    columns = COLUMNS[name]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.write_rows(file, [columns])
        csv.write_rows(file, ([line.get(column, "") for column in columns] for line in lines))


def _counts(indicator: str, table: pa.Table) -> Counts:
    starts = table["window_start"].cast(pa.int64()).to_pylist()
    people = table["people"].to_pylist()
    found = zip(Channel.of(indicator, table), starts, people, strict=True)
    return {(channel, start): str(round(value)) for channel, start, value in found}


def _channel_row(channel: Channel, sites: Sites, started: str, publisher: Publisher) -> Line:
    """A line of `channel.csv`; what is not known of a network's estimate stays empty."""
    return {
        "channel_id": sites.channel_id(channel),
        "site_id": sites.site_id(channel.origin),
        "mobility_type": "UNDEFINED",
        "comment": "Estimation par réseau mobile, tous modes réunis",
        "counter_type": "OTHER",
        "provider_direction_code": sites.site_id(channel.destination) if channel.destination else "",
        "provider_direction_name": sites.direction(channel),
        "data_provider_name": publisher.name,
        "temporality": "PERMANENT",
        "started_at": started,
        "time_step": str(SECONDS),
    }


def _instant(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
