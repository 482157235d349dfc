import json
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pytest
import shapely

from pipelines.zone_file import Shape
from pipelines.zones import read_zones, to_geojson, zones
from schemas.errors import InputError

COMMUNES = Path(__file__).parents[3] / "shared" / "data" / "communes_21_2026.geojson"
TOWN = shapely.box(5.00, 47.30, 5.04, 47.34)
PARK = shapely.box(5.01, 47.31, 5.02, 47.32)
EDGE = shapely.box(5.03, 47.31, 5.045, 47.32)


def shape(zone_id, polygon, parent=None, sensitive=False):
    return Shape(zone_id, zone_id.upper(), "zone", parent, sensitive, polygon)


def found(*shapes, crossing="refuse"):
    return zones(shapes, 9, crossing)


def centre(cell):
    latitude, longitude = h3.cell_to_latlng(int(cell))
    return shapely.Point(longitude, latitude)


def test_a_zone_is_the_cells_whose_centre_its_polygon_holds():
    lake = shapely.box(5.012, 47.312, 5.03, 47.33)
    islands = shapely.MultiPolygon([TOWN - lake, shapely.box(5.1, 47.3, 5.11, 47.31)])
    (zone,) = found(shape("a", islands)).zones
    near = np.concatenate([h3.grid_disk(int(cell), 3) for cell in zone.cells])
    assert set(zone.cells.tolist()) == {int(cell) for cell in near if islands.contains(centre(cell))}
    assert len(zone.cells) > 20
    assert zone.cells.dtype == np.uint64
    assert (np.diff(zone.cells.astype(np.int64)) > 0).all()


def test_a_zone_too_small_to_hold_a_centre_is_the_cell_of_its_centroid():
    corner = h3.cell_to_boundary(h3.latlng_to_cell(47.32, 5.02, 9))[0]
    dot = shapely.Point(corner[1], corner[0]).buffer(0.0001)
    (zone,) = found(shape("dot", dot)).zones
    assert zone.cells.tolist() == [h3.latlng_to_cell(dot.centroid.y, dot.centroid.x, 9)]


def test_zones_are_ordered_by_identifier_and_know_the_nearest_zone_that_holds_them():
    result = found(shape("town", TOWN), shape("dot", PARK.centroid.buffer(0.0001)), shape("park", PARK))
    assert [zone.zone_id for zone in result.zones] == ["dot", "park", "town"]
    assert [zone.parent for zone in result.zones] == ["park", "town", None]
    assert result.parent.tolist() == [1, 2, -1]
    assert result.parent.dtype == np.int32
    assert [area.parent for area in result.areas()] == [1, 2, -1]


def test_the_public_size_of_a_zone_is_its_cells_unless_another_is_given():
    result = found(shape("town", TOWN), shape("park", PARK))
    park, town = result.areas({"town": 160_000.0})
    assert park.public_size == len(result.zones[0].cells)
    assert town.public_size == 160_000


def test_a_crossing_is_refused_naming_both_zones_and_the_way_out():
    with pytest.raises(InputError, match="zones edge and town cross") as error:
        found(shape("town", TOWN), shape("edge", EDGE))
    assert '[area] crossing = "clip"' in error.value.hint


def test_with_clip_the_larger_keeps_the_shared_cells_and_a_warning_says_so():
    result = found(shape("edge", EDGE), shape("town", TOWN), crossing="clip")
    edge, town = result.zones
    assert len(edge.cells)
    assert not set(edge.cells.tolist()) & set(town.cells.tolist())
    assert len(town.cells) == len(found(shape("town", TOWN)).zones[0].cells)
    assert len(result.warnings) == 1
    assert result.warnings[0].startswith("zone edge: ")


@pytest.mark.parametrize(("parent", "warning"), [("rural", "is no zone"), ("park", "does not hold it")])
def test_a_declared_parent_that_is_wrong_is_a_warning(parent, warning):
    result = found(shape("town", TOWN, parent=parent), shape("park", PARK, parent="town"))
    assert result.warnings == (f"zone town: its declared parent {parent} {warning}",)


def test_a_declared_parent_may_hold_a_zone_through_another():
    dot = PARK.centroid.buffer(0.0001)
    assert found(shape("town", TOWN), shape("park", PARK), shape("dot", dot, parent="town")).warnings == ()


def test_zones_of_the_same_cells_nest_by_area_or_as_declared():
    small, smaller = PARK.centroid.buffer(0.0002), PARK.centroid.buffer(0.0001)
    assert found(shape("a", smaller), shape("b", small)).parent.tolist() == [1, -1]
    assert found(shape("a", smaller), shape("b", small, parent="a")).parent.tolist() == [-1, 0]


def sensitive(*shapes):
    """The identifiers of the zones that are sensitive in the release."""
    features = json.loads(to_geojson(found(*shapes)))["features"]
    return [feature["properties"]["zone_id"] for feature in features if feature["properties"]["sensitive"]]


def test_a_zone_within_a_sensitive_one_is_sensitive_and_one_around_it_is_not():
    dot = PARK.centroid.buffer(0.0001)
    shapes = shape("town", TOWN), shape("park", PARK, sensitive=True), shape("dot", dot)
    assert sensitive(*shapes) == ["dot", "park"]
    assert [area.sensitive for area in found(*shapes).areas()] == [True, True, False]


@pytest.mark.parametrize("marked", ["a", "b"])
def test_a_zone_of_the_same_cells_as_a_sensitive_one_is_sensitive(marked):
    small, smaller = PARK.centroid.buffer(0.0002), PARK.centroid.buffer(0.0001)
    shapes = shape("a", smaller, sensitive=marked == "a"), shape("b", small, sensitive=marked == "b")
    assert sensitive(*shapes, shape("town", TOWN)) == ["a", "b"]


def test_the_geojson_states_each_zone_with_its_parent_and_compacted_cells():
    result = found(shape("town", TOWN, sensitive=True), shape("park", PARK))
    park, town = json.loads(to_geojson(result))["features"]
    assert (park["properties"]["parent"], town["properties"]["parent"]) == ("town", None)
    assert town["properties"]["sensitive"] is True
    assert town["properties"]["name"] == "TOWN"
    cells = town["properties"]["cells"]
    assert cells == sorted(cells)
    assert len(cells) < len(result.zones[1].cells)
    whole = h3.uncompact_cells(np.array([int(cell, 16) for cell in cells], np.uint64), 9)
    assert sorted(whole.tolist()) == result.zones[1].cells.tolist()


def test_the_geojson_does_not_depend_on_order_or_on_where_a_ring_begins():
    turned = shapely.Polygon([*TOWN.exterior.coords[2:], *TOWN.exterior.coords[1:3]][::-1])
    noise = shapely.transform(turned, lambda places: places + 1e-9)
    first = to_geojson(found(shape("town", TOWN), shape("park", PARK)))
    assert first == to_geojson(found(shape("park", PARK), shape("town", noise)))
    assert first.endswith(b"\n")
    assert b" " not in first


def test_what_was_written_reads_back_as_the_same_zones(tmp_path):
    result = found(shape("town", TOWN), shape("park", PARK, sensitive=True))
    (tmp_path / "zones.geojson").write_bytes(to_geojson(result))
    again = read_zones(tmp_path / "zones.geojson", {}, 9, "refuse")
    assert to_geojson(again) == to_geojson(result)
    assert again.warnings == ()


@pytest.mark.skipif(not COMMUNES.exists(), reason="the shared test data is not here")
def test_the_communes_of_a_department_are_disjoint():
    result = read_zones(COMMUNES, {"zone_id": "insee_com", "name": "nom"}, 9, "refuse")
    assert len(result.zones) == 698
    assert (result.parent == -1).all()
    assert result.warnings == ()
    dijon = next(zone for zone in result.zones if zone.zone_id == "21231")
    assert dijon.name == "Dijon"
    # The polygon of this file measures 41.66 square kilometres in Lambert 93.
    assert sum(map(h3.cell_area, dijon.cells.tolist())) == pytest.approx(41.66, rel=0.02)
