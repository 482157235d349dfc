"""Densities against what SQL says of the released files, and what no request can get out of them."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.released import Release, open_release
from pipelines.server.population import area, geohash
from pipelines.server.population.density import Hourly, hourly, of_boxes
from pipelines.server.population.grid import Grid, Shares
from pipelines.server.population.snapshot import Snapshot
from tests.anonymization.releases import A, B
from tests.server.population.town import PAST, SATURDAYS, TERRITORY, Town, asking, geohash_at, listed

HOUR = int(datetime.fromisoformat(PAST[0]).timestamp()) // 3600
BASE = sorted(cell for each in TERRITORY for cell in h3.cell_to_children(each, 9))
KM2 = {cell: h3.cell_area(cell, unit="km^2") for cell in BASE}


@pytest.fixture(scope="module")
def release(root: Path) -> Release:
    return open_release(root)


@pytest.fixture(scope="module")
def snapshot(release: Release) -> Snapshot:
    return Snapshot(release)


def last_day(release: Release, **columns: object) -> Hourly:
    """The last Saturday, with other columns."""
    presence = release.table("presence", release.days[-1])
    for name, values in columns.items():
        at = presence.schema.get_field_index(name)
        presence = presence.set_column(at, presence.schema.field(name), pa.array(values))
    return hourly(presence, release.days[-1].terms, True, 9)


SQL = """
    WITH part AS (
        SELECT row_number() OVER () AS part, * FROM read_parquet('{root}/presence/*/*.parquet')
    ), hexagon AS (
        SELECT part, base, km2 FROM (SELECT part, unnest(cells) AS cell FROM part) JOIN children USING (cell)
    ), spread AS (
        SELECT part, sum(km2) AS km2 FROM hexagon GROUP BY part
    ), slot AS (
        SELECT window_start, base, people / spread.km2 AS d, people_low / spread.km2 AS low,
            people_high / spread.km2 AS high
        FROM part JOIN spread USING (part) JOIN hexagon USING (part)
    ), hour AS (
        SELECT time_bucket(INTERVAL 1 hour, window_start) AS start, base, avg(d) AS d, avg(low) AS low,
            avg(high) AS high
        FROM slot GROUP BY ALL
    )
    SELECT geohash, avg(d), avg(low), avg(high) FROM points JOIN hour USING (base)
    WHERE start = TIMESTAMPTZ '{at}' GROUP BY geohash ORDER BY geohash
"""


def asked_of_sql(root: Path, geohashes: list[str], at: str) -> dict[str, tuple[float, ...]]:
    """The densities of cells, each from a lattice of points of which H3 says in which hexagon they lie."""
    children = [
        (h3.str_to_int(cell), h3.str_to_int(base), KM2[base])
        for base in BASE
        for cell in (h3.cell_to_parent(base, 8), base)
    ]
    points = [(each, base) for each in geohashes for base in _lattice(each)]
    connection = duckdb.connect()
    for name, columns, rows in (("children", "cell base km2", children), ("points", "geohash base", points)):
        found = pa.table(dict(zip(columns.split(), map(list, zip(*rows, strict=True)), strict=True)))
        connection.register(name, found.cast(pa.schema([(n, _TYPES[n]) for n in columns.split()])))
    rows = connection.sql(SQL.format(root=root, at=at)).fetchall()
    return {row[0]: row[1:] for row in rows}


_TYPES = {"cell": pa.uint64(), "base": pa.uint64(), "km2": pa.float64(), "geohash": pa.string()}


def _lattice(text: str, steps: int = 60) -> list[int]:
    west, south, east, north = geohash.boxes(geohash.parsed([text]), len(text))[0]
    shares = (np.arange(steps) + 0.5) / steps
    return [
        h3.str_to_int(h3.latlng_to_cell(south + y * (north - south), west + x * (east - west), 9))
        for x in shares
        for y in shares
    ]


@pytest.mark.parametrize("at", [PAST[0], "2026-07-11T09:00:00Z"])
def test_densities_are_those_that_sql_finds_in_the_released_files(town: Town, root: Path, at: str) -> None:
    inside = [geohash_at(A, 7), geohash_at(B, 7), geohash_at(B, 6)]
    # Seven of the corners of commune A, where parts meet.
    corners = [geohash_at(cell, 7) for cell in h3.cell_to_children(A, 9)]
    geohashes = sorted({*inside, *corners})
    body = town.ask(listed(*geohashes, period=(at, at))).json()
    found = {each["geohash"]: each for each in body["timedPopulationDensityData"][0]["cellPopulationDensityData"]}
    expected = asked_of_sql(root, geohashes, at)
    assert sorted(found) == sorted(expected)
    for text, (density, low, high) in expected.items():
        told = [found[text][name] for name in ("pplDensity", "minPplDensity", "maxPplDensity")]
        assert told == pytest.approx([density, low, high], rel=0.01, abs=1.0), text


def test_the_people_of_the_hexagons_are_the_people_of_the_parts(release: Release, snapshot: Snapshot) -> None:
    presence = release.table("presence", release.days[-1])
    area = np.array([KM2[h3.int_to_str(cell)] for cell in snapshot.grid.cells.tolist()])
    for hour in (HOUR, HOUR + 1):
        density = snapshot.at(hour)
        assert density is not None
        start = datetime.fromtimestamp(hour * 3600, UTC)
        rows = presence.filter([each.replace(minute=0) == start for each in presence["window_start"].to_pylist()])
        for place, name in enumerate(("people", "people_low", "people_high")):
            assert (density[:, place] * area).sum() == pytest.approx(sum(rows[name].to_pylist()) / 4)


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_a_density_is_linear_in_the_published_figures(release: Release, data: st.DataObject) -> None:
    rows = release.table("presence", release.days[-1]).num_rows
    people = st.lists(st.integers(0, 10**6).map(float), min_size=rows, max_size=rows)
    one, two = data.draw(people), data.draw(people)
    both = [a + 3 * b for a, b in zip(one, two, strict=True)]
    first, second, third = (last_day(release, people=each).density[..., 0] for each in (one, two, both))
    assert np.allclose(first + 3 * second, third, equal_nan=True)


NEAR = st.tuples(st.floats(-0.004, 0.004), st.floats(-0.004, 0.004))


@settings(deadline=None, max_examples=25)
@given(st.lists(NEAR, min_size=3, max_size=8), st.integers(6, 7))
def test_what_is_told_of_a_cell_does_not_depend_on_the_area_around_it(
    town: Town, ring: list[tuple[float, float]], precision: int
) -> None:
    latitude, longitude = h3.cell_to_latlng(A)
    points = [{"latitude": latitude + y, "longitude": longitude + x} for x, y in ring]
    polygon = {"areaType": "POLYGON", "boundary": points}
    answered = town.ask(asking(PAST, area=polygon, precision=precision))
    if answered.status_code == 400:
        assert answered.json()["code"] == "POPULATION_DENSITY_DATA.INVALID_AREA"
        return
    told = answered.json()["timedPopulationDensityData"]
    alone = [cell["geohash"] for cell in told[0]["cellPopulationDensityData"]]
    assert town.ask(listed(*alone, period=PAST)).json()["timedPopulationDensityData"] == told


def test_cells_inside_one_part_tell_the_density_of_the_part_and_nothing_finer(town: Town, snapshot: Snapshot) -> None:
    latitude, longitude = h3.cell_to_latlng(B)
    shape = area.polygon([(longitude + x, latitude + y) for x, y in ((-0.002, 0), (0.002, 0), (0, 0.002))])
    texts = geohash.texts(area.cover(shape, 7), 7)
    assert len(texts) > 4
    told = town.ask(listed(*texts, period=(PAST[0], PAST[0]))).json()["timedPopulationDensityData"][0]
    figures = {tuple(list(cell.values())[1:]) for cell in told["cellPopulationDensityData"]}
    people = 2.0 * (40 + 10 * 3) / sum(KM2[cell] for cell in h3.cell_to_children(B, 9))
    assert [(kind, density) for kind, density, _, _ in figures] == [("DENSITY_ESTIMATION", round(people))]


def test_a_box_is_the_mean_of_what_is_known_of_it_by_area() -> None:
    density = np.array([[10.0, 5, 15], [40, 30, 50], [np.nan] * 3])
    shares = Shares(np.array([0, 0, 1, 1, 3]), np.array([0, 1, 1, 2, 2]), np.array([0.5, 0.25, 0.1, 0.6, 1.0]))
    found = of_boxes(density, shares, 4)
    assert found[0].tolist() == pytest.approx([20, 40 / 3, 80 / 3])
    assert found[1].tolist() == [40, 30, 50]
    assert np.isnan(found[2:]).all()


def test_an_hour_of_which_one_slot_is_held_back_has_no_density(release: Release) -> None:
    presence = release.table("presence", release.days[-1])
    first = presence["window_start"][0]
    kept = presence.filter([each != first for each in presence["window_start"]])
    found = hourly(kept, release.days[-1].terms, True, 9)
    assert np.isnan(found.density[HOUR - found.first]).all()
    assert np.isfinite(found.density[HOUR + 1 - found.first]).all()
    assert found.known.all()


def test_of_an_open_day_the_hours_up_to_its_last_window_are_known(release: Release) -> None:
    presence = release.table("presence", release.days[-1])
    terms = release.days[-1].terms
    found = hourly(presence, terms, False, 9)
    assert [hour for hour in range(HOUR - 5, HOUR + 4) if found.at(hour) is not None] == list(range(HOUR - 5, HOUR + 2))
    nothing = hourly(presence.slice(0, 0), terms, False, 9)
    assert not nothing.known.any()


def test_cells_in_which_nobody_can_be_are_no_territory(release: Release) -> None:
    presence = release.table("presence", release.days[-1])
    more = h3.str_to_int(h3.grid_disk(A, 4)[-1])
    whole = presence["cells"].to_pylist()
    listed = [[*cells, more] if at == 0 else cells for at, cells in enumerate(whole)]
    found = last_day(release, cells=pa.array(listed, pa.list_(pa.uint64())))
    assert found.hexagons.tolist() == last_day(release).hexagons.tolist()
    assert np.array_equal(found.density, last_day(release).density, equal_nan=True)


def test_days_are_read_when_they_are_asked_and_few_are_kept(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.server.population.snapshot.LARGEST", 30_000)
    small = Snapshot(release)
    hours = [HOUR - 7 * 24 * week for week in range(len(SATURDAYS))]
    first = [small.at(hour) for hour in hours]
    assert len(small._kept) == 1
    again = [small.at(hour) for hour in hours]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True) if a is not None and b is not None)
    assert all(each is not None for each in first)


def test_a_release_without_presence_has_no_territory(release: Release) -> None:
    empty = Snapshot(replace(release, days=tuple(replace(day, files={}) for day in release.days)))
    assert empty.grid.cells.size == 0
    assert empty.grid.shares(np.array([[5.0, 47.0, 5.1, 47.1]])).box.size == 0


def test_areas_are_remembered_while_several_threads_ask(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = Grid(snapshot.grid.cells[:1])
    monkeypatch.setattr(grid, "_shares", lambda boxes: Shares(np.array([0]), np.array([0]), boxes[:, 0]))
    monkeypatch.setattr("pipelines.server.population.grid._KEPT", 1)

    def ask(start: int) -> bool:
        asked = (np.full((1, 4), float(start + at % 50)) for at in range(10_000))
        return all(grid.shares(box).share[0] == box[0, 0] for box in asked)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(ask, range(0, 800, 100)))
    finally:
        sys.setswitchinterval(before)
    assert len(grid._kept) == 1
