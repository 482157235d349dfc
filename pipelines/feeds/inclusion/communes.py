"""The communes of the area: how they are spelled, and whether a place stands in the one that it names."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

import shapely
from shapely.geometry import Point
from shapely.ops import nearest_points

from pipelines.feeds.files import as_text, data_of
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.reading import Located, parsed
from pipelines.feeds.rows import Finding, Rows
from schemas.errors import InputError
from schemas.feeds import Column, Source, Text
from schemas.great_circle import metres

ALIKE: Final = 0.85
"""From which share of common letters on a name is taken for that of the commune in which its place stands."""
_SHORT: Final = {"ST": "SAINT", "STE": "SAINTE"}

SOURCE: Final = Source(
    "communes",
    "The communes with their outlines: GeoJSON polygons.",
    (
        Column("insee_com", "INSEE code.", required=True, unique=True),
        Column("nom", "Official name.", required=True),
        Column("geometry", "Outline, a polygon of GeoJSON.", required=True),
    ),
    needed=False,
    reference=True,
)


@dataclass(frozen=True)
class Commune:
    """A commune: its INSEE code, its official name and its outline in degrees."""

    code: str
    name: str
    outline: shapely.Geometry

    def metres_to(self, latitude: float, longitude: float) -> float:
        """How far from it a point is; 0 within it."""
        point = Point(longitude, latitude)
        if self.outline.covers(point):
            return 0.0
        edge, _ = nearest_points(self.outline, point)
        return metres(latitude, longitude, edge.y, edge.x)


@dataclass(frozen=True)
class Communes:
    """Communes by INSEE code, and by spelling; none where the feed has no file of them."""

    by_code: Mapping[str, Commune] = field(default_factory=dict)
    by_spelling: Mapping[str, Commune] = field(default_factory=dict)

    @staticmethod
    def of(rows: Rows, file: str) -> tuple["Communes", tuple[Finding, ...]]:
        """The communes of accepted rows, and an error for each outline that is none."""
        found, wrong = [], []
        for row in rows:
            outline = shapely.from_geojson(str(row["geometry"]), on_invalid="ignore")
            if outline is None or outline.is_empty or outline.geom_type not in ("Polygon", "MultiPolygon"):
                expected = Text("a polygon of GeoJSON", "un polygone GeoJSON")
                wrong.append(Spot.of(file, row).error("geometry", expected))
            else:
                found.append(Commune(str(row["insee_com"]), str(row["nom"]), outline))
        by_spelling = {spelling(commune.name): commune for commune in found}
        return Communes({commune.code: commune for commune in found}, by_spelling), tuple(wrong)

    def named(self, name: str) -> Commune | None:
        """The commune of a name, however it is spelled."""
        return self.by_spelling.get(spelling(name))

    def resembling(self, name: str, latitude: float, longitude: float) -> Commune | None:
        """The commune in which a point stands, if its name differs from this one by a slip only."""
        point = Point(longitude, latitude)
        for commune in self.by_code.values():
            if commune.outline.covers(point):
                likeness = SequenceMatcher(None, spelling(commune.name), spelling(name), autojunk=False).ratio()
                return commune if likeness >= ALIKE else None
        return None


def spelling(name: str) -> str:
    """A name without what people write differently: capitals, accents, hyphens, and Saint in short."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).upper()
    return " ".join(_SHORT.get(word, word) for word in re.findall(r"[A-Z0-9]+", letters))


def read(path: Path) -> Located:
    """The polygons of a GeoJSON file as rows; raises InputError where it is no GeoJSON."""
    document = parsed(as_text(data_of(path), path.name), path.name)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{path.name}: expected GeoJSON features, found another form", "give communes with outlines")
    return list(enumerate(map(_row, features), 1))


def _row(feature: object) -> dict[str, str]:
    parts = feature if isinstance(feature, dict) else {}
    stated, geometry = parts.get("properties"), parts.get("geometry")
    properties = stated if isinstance(stated, dict) else {}
    texts = {name: str(properties.get(name) or "") for name in ("insee_com", "nom")}
    return texts | {"geometry": json.dumps(geometry) if geometry else ""}
