"""The sites and channels of movements: a site is a published place, a channel what is counted there."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import shapely

from anonymization.hexagons import Cells
from anonymization.released import Release
from pipelines.exports.cells import PerPart
from pipelines.exports.places import Places, is_pool
from pipelines.exports.polygons import DECIMALS, finest_resolution, outline
from schemas.vocabulary import SEPARATOR

_DIGEST: Final = 16
"""Hexadecimal digits."""
_INSEE: Final = re.compile(r"([013-9]\d|2[AB1-9])\d{3}")
"""Of a commune, as the format has it."""

Point = tuple[float, float]


@dataclass(frozen=True, order=True)
class Channel:
    """What is counted at a place: who leaves `origin` for `destination`, or crosses `origin` where there is none."""

    indicator: str
    origin: str
    destination: str = ""

    @property
    def is_pool(self) -> bool:
        """Whether an end of it stands for several places."""
        return is_pool(self.origin) or is_pool(self.destination)

    @staticmethod
    def of(indicator: str, table: pa.Table) -> list["Channel"]:
        """That of each row."""
        ends = ("origin_zone_id", "destination_zone_id")
        named = ends if ends[0] in table.column_names else ("zone_id",)
        columns = (table[name].to_pylist() for name in named)
        return [Channel(indicator, *places) for places in zip(*columns, strict=True)]


class Sites:
    """The places and channels that the rows of some indicators name, in order."""

    def __init__(self, release: Release, indicators: Sequence[str]) -> None:
        self._places = Places(release)
        resolution = finest_resolution(release, indicators)
        points = PerPart(lambda part: _inside(part, resolution))
        self._points: dict[str, Point | None] = {}
        found: set[Channel] = set()
        for indicator in indicators:
            for _, table in release.tables(indicator):
                channels = Channel.of(indicator, table)
                found.update(channels)
                for channel, point in zip(channels, points.of(table), strict=True):
                    self._points.setdefault(channel.origin, point)
        self.channels = sorted(found)

    def rows(self) -> Iterator[Mapping[str, str]]:
        """The lines of `site.csv`: a position is a point inside the place."""
        for place in sorted(self._points):
            point = self._points[place]
            if point is not None:
                longitude, latitude = (f"{degrees:.{DECIMALS}f}" for degrees in point)
                yield {
                    "site_id": self.site_id(place),
                    "parent_site_id": self._parent(place),
                    "site_name": self._name(place),
                    "fr_insee_code": self._commune(place),
                    "xlong": longitude,
                    "ylat": latitude,
                    "infrastructure_type": "OTHER",
                }

    def site_id(self, place: str) -> str:
        """The identifier of a zone, or a digest of those of a pool, whose list would be too long."""
        if SEPARATOR not in place:
            return place
        return f"pool-{hashlib.sha256(place.encode()).hexdigest()[:_DIGEST]}"

    def channel_id(self, channel: Channel) -> str:
        """The indicator and the identifiers of both ends."""
        ends = [channel.origin, *([channel.destination] if channel.destination else [])]
        return ":".join([channel.indicator, *map(self.site_id, ends)])

    def direction(self, channel: Channel) -> str:
        """From where to where, in words."""
        if not channel.destination:
            return f"Traversée sans arrêt : {self._name(channel.origin)}"
        return f"Départ : {self._name(channel.origin)} ; arrivée : {self._name(channel.destination)}"

    def _name(self, place: str) -> str:
        name = self._places.french(place)
        return f"plusieurs zones ({name})" if SEPARATOR in place else name

    def _parent(self, place: str) -> str:
        """The innermost zone around it that is a site too."""
        zone = self._places.zone(place)
        return next((each for each in zone.around if each in self._points), "") if zone else ""

    def _commune(self, place: str) -> str:
        """Its INSEE code, or that of the commune around it."""
        zone = self._places.zone(place)
        codes = (zone.zone_id, *zone.around) if zone else ()
        return next((code for code in codes if _INSEE.fullmatch(code)), "")


def _inside(cells: Cells, resolution: int) -> Point | None:
    shape = outline(cells, resolution)
    if shape is None:
        return None
    point = shapely.point_on_surface(shape)
    return point.x, point.y
