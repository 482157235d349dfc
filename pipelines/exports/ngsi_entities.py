"""Published rows as entities of NGSI-LD: key-values of the Smart Data Models CrowdFlowObserved, OriginDestinationFlow.

The schemas of both models allow further attributes; ours are `zoneId`, `zoneName`, `distanceClass`, `degraded` and the
ends of the interval, `...CountLow` and `...CountHigh`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from anonymization.hexagons import Cells
from anonymization.released import Day, Release
from pipelines.exports.cells import PerPart
from pipelines.exports.columns import values
from pipelines.exports.geojson import dumped, shape_text
from pipelines.exports.places import Places, is_pool
from pipelines.exports.polygons import finest_resolution, outline
from pipelines.exports.publisher import Publisher

PRESENCE: Final = "presence"
FLOWS: Final = "flows"
CROWD: Final = "CrowdFlowObserved"
FLOW: Final = "OriginDestinationFlow"
CONTEXT: Final = (
    "https://raw.githubusercontent.com/smart-data-models/dataModel.Transportation/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld",
)
"""That of the models, as in their examples, and the core of NGSI-LD, which gives every other name a meaning."""

_DIGEST: Final = 16
"""Hexadecimal digits. The list of a pool would be too long: brokers take identifiers of 256 characters."""

Entity = dict[str, object]


class Entities:
    """The entities of a release, as JSON texts without a line break, in the order of the rows."""

    def __init__(self, release: Release, publisher: Publisher) -> None:
        self._release, self._publisher, self._places = release, publisher, Places(release)
        resolution = max(finest_resolution(release, (PRESENCE, FLOWS)), self._places.resolution)
        self._shapes = PerPart(lambda part: shape_text(outline(part, resolution)))
        self._firsts = PerPart(_first)

    def crowds(self, day: Day, table: pa.Table) -> Iterator[str]:
        """One for each part and window: parts of a window share no cell, so that its first one identifies it."""
        flagged = _flagged(day)
        instants = table["window_start"].cast(pa.int64()).to_pylist()
        columns = (values(table[name]) for name in ("window_start", "window_end", "zone_id"))
        ours = (self._firsts.of(table), _counts(table, "people"), self._shapes.of(table))
        for instant, start, end, zone_id, cell, counts, shape in zip(instants, *columns, *ours, strict=True):
            entity = self._opened(CROWD, PRESENCE, day, str(start), cell) | {
                "dateObserved": f"{start}/{end}",
                "dateObservedFrom": start,
                "dateObservedTo": end,
                **counts,
                "zoneId": zone_id,
                "zoneName": self._places.name(str(zone_id)),
            }
            if (instant, zone_id, cell) in flagged:
                entity["degraded"] = True
            yield _text(entity, {"location": shape})

    def flows(self, day: Day, table: pa.Table) -> Iterator[str]:
        """One for each hour, origin and destination."""
        hours = pc.hour(pc.local_timestamp(table["window_start"].cast(pa.timestamp("us", day.timezone)))).to_pylist()
        names = ("window_start", "origin_zone_id", "destination_zone_id", "distance_class")
        columns = (values(table[name]) for name in names)
        ours = (_counts(table, "flow"), self._shapes.of(table))
        for hour, start, origin, destination, distance, counts, shape in zip(hours, *columns, *ours, strict=True):
            ends = {"origin": str(origin), "destination": str(destination)}
            entity = self._opened(FLOW, FLOWS, day, str(start), _digest(ends)) | {
                "dateObserved": start,
                "aggregationDateType": "hourly",
                "hour": hour,
                **{f"{end}LocationCode": place for end, place in ends.items()},
                **{f"{end}LocationName": self._places.name(place) for end, place in ends.items()},
                **counts,
                "flowType": "mixed",
                "distanceClass": distance,
                **_pooled(ends),
            }
            there = self._shapes.one(self._places.cells(ends["destination"]))
            yield _text(entity, {"originLocation": shape, "destinationLocation": there})

    def _opened(self, model: str, indicator: str, day: Day, start: str, which: str) -> Entity:
        """What every entity begins with."""
        instant = start.replace("-", "").replace(":", "")
        return {
            "id": f"urn:ngsi-ld:{model}:{quote(self._release.release_id, safe='')}:{instant}:{which}",
            "type": model,
            "source": self._publisher.at(f"{indicator}/date={day.date}/"),
            "dataProvider": self._publisher.name,
        }


def _counts(table: pa.Table, name: str) -> list[dict[str, int]]:
    """The estimate and its interval, whole as the models demand; what is printed is in steps of 10."""
    columns = (table[column].to_pylist() for column in ("people", "people_low", "people_high"))
    return [
        {f"{name}Count{end}": round(value) for end, value in zip(("", "Low", "High"), row, strict=True)}
        for row in zip(*columns, strict=True)
    ]


def _flagged(day: Day) -> set[tuple[int, str, str]]:
    """Window, zone and first cell of the degraded parts of presence."""
    flags = (flag for flag in day.degraded if flag.indicator == PRESENCE)
    return {(flag.start, zone_id, cell) for flag in flags for zone_id, cell in flag.parts}


def _pooled(ends: Mapping[str, str]) -> dict[str, str]:
    """What must be said of a row of several origins or destinations: it is no figure of any pair."""
    pooled = [end for end, place in ends.items() if is_pool(place)]
    if not pooled:
        return {}
    return {"description": f"Several places as {' and '.join(pooled)}: people of all of them together, of none alone."}


def _first(cells: Cells) -> str:
    return f"{int(cells[0]):x}" if cells.size else "none"


def _digest(ends: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(ends.values()).encode()).hexdigest()[:_DIGEST]


def _text(entity: Entity, shapes: Mapping[str, str]) -> str:
    """The JSON of an entity; a shape is GeoJSON, `null` where there is none, and is left out then."""
    members = [f"{dumped(name)}:{dumped(value)}" for name, value in entity.items()]
    members += [f"{dumped(name)}:{shape}" for name, shape in shapes.items() if shape != "null"]
    return f'{{{",".join(members)},"@context":{dumped(CONTEXT)}}}'
