"""The zones of the simulated area: whole, apart, nested; and the facts behind them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipelines.simulator.area import OUTSIDE, Area, area
from pipelines.simulator.counts import count, total
from pipelines.simulator.facts import Facts, read
from pipelines.simulator.plane import Plane, cumulated, pick
from pipelines.zones import read_zones
from tests.simulator.conftest import Weekend


@pytest.fixture(scope="module")
def facts() -> Facts:
    return read()


@pytest.fixture(scope="module")
def ground(facts: Facts) -> Area:
    return area(facts.communes, facts.venues)


def test_the_facts_are_those_of_dijon_metropole(facts: Facts) -> None:
    assert len(facts.communes) == 23
    assert sum(commune.population for commune in facts.communes) == 261_178
    assert 6 <= len(facts.venues) <= 8
    assert [venue.name for venue in facts.venues if venue.sensitive] == ["CHU Dijon Bourgogne"]
    assert sum(venue.festival for venue in facts.venues) == 1
    for shares in (facts.traits.age_bands, facts.traits.spc):
        assert sum(shares) == pytest.approx(1)


def test_the_facts_are_found_from_any_folder(tmp_path: Path) -> None:
    code = "from pipelines.simulator.facts import read; print(len(read().communes))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "23\n"


def test_communes_have_about_their_real_area(facts: Facts, ground: Area) -> None:
    cells = np.bincount(ground.commune, minlength=23)
    real = np.array([commune.area_km2 for commune in facts.communes])
    np.testing.assert_allclose(cells / cells.sum(), real / real.sum(), atol=0.006)


def test_venues_lie_in_their_commune(facts: Facts, ground: Area) -> None:
    for row, venue in enumerate(facts.venues):
        inside = ground.commune[ground.venue == row]
        assert {facts.communes[code].code for code in inside.tolist()} == {venue.commune}


def test_the_written_zones_are_those_of_the_simulation(weekend: Weekend, facts: Facts, ground: Area) -> None:
    found = read_zones(weekend.directory / "zones.geojson", {}, 9, "refuse")
    assert found.warnings == ()
    by_name = {zone.zone_id: zone for zone in found.zones}
    assert len(by_name) == 31
    for row, commune in enumerate(facts.communes):
        assert by_name[commune.code].cells.tolist() == ground.hexagons[ground.commune == row].tolist()
    for row, venue in enumerate(facts.venues):
        zone = by_name[venue.zone_id]
        assert zone.cells.tolist() == ground.hexagons[ground.venue == row].tolist()
        assert (zone.parent, zone.kind, zone.sensitive) == (venue.commune, "venue", venue.sensitive)
    content = json.loads((weekend.directory / "zones.geojson").read_text(encoding="utf-8"))
    assert {feature["geometry"]["type"] for feature in content["features"]} <= {"Polygon", "MultiPolygon"}


def test_points_are_located_in_their_hexagon(ground: Area) -> None:
    rows = np.arange(len(ground.hexagons))
    np.testing.assert_array_equal(ground.locate(ground.east, ground.north), rows)
    np.testing.assert_array_equal(ground.locate(ground.east + 120, ground.north - 40), rows)
    far = ground.locate(np.array([1e6, -1e6, 0.0]), np.array([0.0, 0.0, 1e6]))
    assert far.tolist() == [OUTSIDE] * 3


def test_metres_and_degrees_are_inverse() -> None:
    plane = Plane(47.3, 5.0)
    latitude, longitude = plane.degrees(*plane.metres([47.1, 47.5], [4.6, 5.4]))
    np.testing.assert_allclose([latitude, longitude], [[47.1, 47.5], [4.6, 5.4]])


@pytest.mark.parametrize(("uniform", "column"), [(0.0, 1), (0.24, 1), (0.25, 2), (0.999, 2)])
def test_what_has_no_share_is_never_picked(uniform: float, column: int) -> None:
    shares = cumulated([[0, 1, 3], [1, 0, 0]])
    assert pick(shares, np.array([0, 1]), np.array([uniform, uniform])).tolist() == [column, 0]


def test_counts_add_up_over_lots() -> None:
    age, zone = np.array([0, 1, 1, 2]), np.array([5, 5, 5, 0])
    whole = count((3, 6), age, zone)
    parts = total([count((3, 6), age[:2], zone[:2]), count((3, 6), age[2:], zone[2:])])
    assert [column.tolist() for column in whole.columns()] == [[0, 1, 2], [5, 5, 0]]
    assert whole.people.tolist() == parts.people.tolist() == [1, 2, 1]
    assert whole.code.tolist() == parts.code.tolist()
