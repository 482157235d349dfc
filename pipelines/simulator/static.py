"""What a simulation writes beside its events: zones, census, roaming shares, configuration."""

import json
from datetime import date, datetime, timedelta
from importlib.resources import files

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulator.destinations import festival_venue
from pipelines.simulator.festival import CLOSES, OPENS
from pipelines.simulator.settings import TIMEZONE
from pipelines.simulator.town import Town
from schemas.vocabulary import AGE_BANDS, SPC

_CONFIGURATION = """\
# A simulated town: docs/simulator.md says what it is made of.

[input]
events = "events"
subscribers = "subscribers.parquet"
cells = "cells.csv"
zones = "zones.geojson"
population = "population.csv"
roaming_share = "roaming_share.csv"

[area]
timezone = "{timezone}"
domestic_mcc = [208]

[estimation]
# One in so many people is a subscriber.
people_per_device = {factor}

[release]
directory = "release"
"""

_EVENT = """
[[event]]
name = "{name}"
zone = "{zone}"
start = {start}
end = {end}
"""


def zones(found: Town) -> bytes:
    """GeoJSON of the communes and the venues, each the outline of its hexagons."""
    features = []
    for row, commune in enumerate(found.facts.communes):
        cells = found.area.hexagons[found.area.commune == row]
        features.append(_feature(cells, zone_id=commune.code, name=commune.name, kind="commune"))
    for row, venue in enumerate(found.facts.venues):
        cells = found.area.hexagons[found.area.venue == row]
        words = {"zone_id": venue.zone_id, "name": venue.name, "kind": "venue", "parent": venue.commune}
        features.append(_feature(cells, **words, sensitive=venue.sensitive))
    content = {"type": "FeatureCollection", "features": features}
    return (json.dumps(content, ensure_ascii=False) + "\n").encode()


def _feature(cells: npt.NDArray[np.uint64], **properties: object) -> dict[str, object]:
    geometry = h3.cells_to_geo(cells)
    known = {"parent": None, "sensitive": False} | properties
    return {"type": "Feature", "properties": known, "geometry": geometry}


def population(found: Town) -> pa.Table:
    """The census: residents by commune, age band and class; combinations that nobody has are left out."""
    shape = (len(found.facts.communes), len(AGE_BANDS), len(SPC))
    own = found.people.resident
    codes = (found.people.origin[own], found.people.age_band[own], found.people.spc[own])
    counts = np.bincount(np.ravel_multi_index(codes, shape), minlength=int(np.prod(shape)))
    zone, age, spc = np.unravel_index(np.flatnonzero(counts), shape)
    return pa.table(
        {
            "zone_id": [found.facts.communes[row].code for row in zone],
            "age_band": [AGE_BANDS[row] for row in age],
            "spc": [SPC[row] for row in spc],
            "people": counts[counts > 0],
        }
    )


def roaming_share(found: Town) -> pa.Table:
    """The share of each country's visitors who roam on this network, as the operator believes."""
    rows = [{"country": known.country, "share": known.share, "sd": known.sd} for known in found.facts.roaming]
    return pa.Table.from_pylist(rows)


def configuration(found: Town) -> str:
    """The configuration, which publishes under keys of its own."""
    settings, zone = found.settings, festival_venue(found.facts).zone_id
    text = _CONFIGURATION.format(timezone=TIMEZONE, factor=f"{1 / settings.market_share:.6g}")
    for before, edition in zip((None, *settings.festival), settings.festival, strict=False):
        text += _EVENT.format(
            name=edition.name, zone=zone, start=_clock(edition.day, OPENS), end=_clock(edition.day, CLOSES)
        )
        text += f'previous = "{before.name}"\n' if before else ""
    return text


def server() -> str:
    """`[server]` of a configuration: figures for programs, and reports of faults."""
    return (files("data") / "dijon" / "server.toml").read_text(encoding="utf-8")


def _clock(day: date, hour: float) -> str:
    """An instant of a day of the festival, in local time."""
    return (datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)).isoformat()
