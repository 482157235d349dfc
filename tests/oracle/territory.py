"""Cells and zones around Dijon; the zones nest because each is a union of H3 cells."""

from dataclasses import dataclass

import h3
import numpy as np
import pyarrow as pa

LATITUDE, LONGITUDE = 47.32, 5.04
HALF_HEIGHT, HALF_WIDTH = 0.06, 0.10  # degrees: 13 km by 15 km
COMMUNES = ("21231", "21166", "21617", "21171", "21278", "21515", "21540", "21485")
COLUMNS_OF_COMMUNES = 4
TOGETHER = "242100410"
NEIGHBOURS = 6


@dataclass(frozen=True)
class Zone:
    """A zone and the H3 cells (resolution 9) that it is made of."""

    zone_id: str
    kind: str
    parent: str | None
    sensitive: bool
    cells: tuple[str, ...]


def cells(count: int, rng: np.random.Generator) -> pa.Table:
    """Sites of three sectors each, dense in the middle, every fifth site one cell all around (no azimuth)."""
    sites = -(-count // 2)
    position = rng.normal(0, 0.45, (sites, 2)) * (HALF_HEIGHT, HALF_WIDTH)
    omni = np.arange(sites) % 5 == 0
    sectors = np.where(omni, 1, 3)
    site = np.repeat(np.arange(sites), sectors)[:count]
    sector = np.concatenate([np.arange(n) for n in sectors])[:count]
    azimuth = (rng.integers(0, 120, sites)[site] + 120 * sector).astype(float)
    return pa.table(
        {
            "cell_id": [f"208-01-{s:04d}-{n}" for s, n in zip(site, sector, strict=True)],
            "latitude": np.round(LATITUDE + position[site, 0], 6),
            "longitude": np.round(LONGITUDE + position[site, 1], 6),
            "azimuth_deg": pa.array(azimuth, mask=omni[site]),
            "beamwidth_deg": pa.array(np.full(len(site), 65.0), mask=omni[site]),
            "range_m": np.round(rng.uniform(300, 2500, len(site))),
            "technology": rng.choice(["2G", "4G", "5G"], len(site)),
        }
    )


def neighbours(cells: pa.Table) -> np.ndarray:
    """For each cell the rows of its nearest cells, itself first: int64[cells, NEIGHBOURS]."""
    x = cells["longitude"].to_numpy() * np.cos(np.radians(LATITUDE))
    y = cells["latitude"].to_numpy()
    square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    np.fill_diagonal(square, -1)
    return np.argsort(square, axis=1, kind="stable")[:, :NEIGHBOURS]


def zones() -> list[Zone]:
    """Eight communes that tile a rectangle, four of them in one more zone, and venues in three, one of one H3 cell."""
    homes: dict[str, list[str]] = {commune: [] for commune in COMMUNES}
    for cell in h3.grid_disk(h3.latlng_to_cell(LATITUDE, LONGITUDE, 9), 40):
        latitude, longitude = h3.cell_to_latlng(cell)
        row = (latitude - LATITUDE + HALF_HEIGHT) / HALF_HEIGHT
        column = (longitude - LONGITUDE + HALF_WIDTH) / (2 * HALF_WIDTH) * COLUMNS_OF_COMMUNES
        if 0 <= row < 2 and 0 <= column < COLUMNS_OF_COMMUNES:
            homes[COMMUNES[int(row) * COLUMNS_OF_COMMUNES + int(column)]].append(cell)
    joined = COMMUNES[1:5]
    communes = [
        Zone(c, "commune", TOGETHER if c in joined else None, False, tuple(sorted(cells))) for c, cells in homes.items()
    ]
    together = Zone(TOGETHER, "epci", None, False, tuple(sorted(cell for c in joined for cell in homes[c])))
    return [together, *communes, *(_venue(communes[i], *venue) for i, venue in enumerate(VENUES))]


VENUES = (("stadium", 2, False), ("hospital", 1, True), ("kiosk", 0, False))


def _venue(commune: Zone, name: str, radius: int, sensitive: bool) -> Zone:
    inside = set(commune.cells)
    middle = np.mean([h3.cell_to_latlng(cell) for cell in commune.cells], axis=0)
    disk = h3.grid_disk(h3.latlng_to_cell(*middle, 9), radius)
    return Zone(name, "venue", commune.zone_id, sensitive, tuple(sorted(inside.intersection(disk))))


def geojson(zones: list[Zone]) -> dict[str, object]:
    """A FeatureCollection of the zones' outlines."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "zone_id": zone.zone_id,
                "name": zone.zone_id.title(),
                "kind": zone.kind,
                "parent": zone.parent,
                "sensitive": zone.sensitive,
            },
            "geometry": h3.cells_to_geo(zone.cells),
        }
        for zone in zones
    ]
    return {"type": "FeatureCollection", "features": features}


def chain(zones: list[Zone]) -> pa.Table:
    """Each H3 cell with each zone that holds it: hexagon uint64, zone_id."""
    pairs = sorted((h3.str_to_int(cell), zone.zone_id) for zone in zones for cell in zone.cells)
    return pa.table(
        {
            "hexagon": pa.array([hexagon for hexagon, _ in pairs], pa.uint64()),
            "zone_id": [zone_id for _, zone_id in pairs],
        }
    )


def nesting(zones: list[Zone]) -> pa.Table:
    """Each zone with each one around it, itself included: zone_id, layer, within; zones of a kind are a layer."""
    parents = {zone.zone_id: zone.parent for zone in zones}
    rows = []
    for zone in zones:
        within: str | None = zone.zone_id
        while within is not None:
            rows.append((zone.zone_id, zone.kind, within))
            within = parents[within]
    zone_id, layer, within_zone = zip(*rows, strict=True)
    return pa.table({"zone_id": list(zone_id), "layer": list(layer), "within": list(within_zone)})


def population() -> pa.Table:
    """People of all communes but one, by age in some of them; and of a commune elsewhere."""
    people = [
        (commune, age, float(people))
        for place, commune in enumerate(COMMUNES[:-1])
        for age, people in (
            [("unknown", 900 + 400 * place)] if place % 2 else [("<18", 300), ("25-34", 700 + 90 * place), ("65+", 450)]
        )
    ]
    zone, age, number = zip(*people, ("75056", "unknown", 5000.0), strict=True)
    return pa.table({"zone_id": list(zone), "age_band": list(age), "people": list(number)})


def roaming_share() -> pa.Table:
    """Shares of three countries."""
    return pa.table({"country": ["DE", "CH", "GB"], "share": [0.3, 0.45, 0.17], "sd": [0.05, 0.1, 0.02]})
