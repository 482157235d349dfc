import json

import geopandas
import pytest
import shapely

from pipelines.zone_file import read_shapes
from schemas.errors import InputError

SQUARE = shapely.box(5.00, 47.30, 5.02, 47.32)


def feature(zone_id, polygon=SQUARE, **properties):
    geometry = None if polygon is None else shapely.geometry.mapping(polygon)
    return {"type": "Feature", "properties": {"zone_id": zone_id} | properties, "geometry": geometry}


def write(folder, *features, name="zones.geojson", **extra):
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | extra))
    return path


def read(folder, *features, **mapping):
    return read_shapes(write(folder, *features), mapping)


def test_a_zone_takes_its_attributes_from_the_named_columns(tmp_path):
    (shape,), warnings = read(
        tmp_path,
        feature("x", insee="21231", nom="Dijon", kind="commune", parent="21", sensitive=True),
        zone_id="insee",
        name="nom",
    )
    assert (shape.zone_id, shape.name, shape.kind, shape.parent) == ("21231", "Dijon", "commune", "21")
    assert shape.sensitive is True
    assert shape.polygon.equals(SQUARE)
    assert warnings == []


def test_what_is_not_given_has_a_default(tmp_path):
    (shape, second), _ = read(tmp_path, feature("a"), feature("b", name=" ", parent=None, sensitive=None))
    assert (shape.name, shape.kind, shape.parent, shape.sensitive) == ("a", "zone", None, False)
    assert (second.name, second.parent, second.sensitive) == ("b", None, False)


def test_numeric_identifiers_become_text(tmp_path):
    shapes, _ = read(tmp_path, feature(21231, parent=21), feature(21, parent=None))
    assert [(shape.zone_id, shape.parent) for shape in shapes] == [("21231", "21"), ("21", None)]


def test_leading_zeros_of_text_identifiers_stay(tmp_path):
    assert read(tmp_path, feature("01004"))[0][0].zone_id == "01004"


@pytest.mark.parametrize("crs", ["EPSG:2154", "EPSG:4326", None])
def test_geoparquet_of_any_coordinate_system_is_brought_to_degrees(tmp_path, crs):
    frame = geopandas.GeoDataFrame({"zone_id": ["a"]}, geometry=[SQUARE], crs="EPSG:4326")
    frame = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
    frame.to_parquet(tmp_path / "zones.parquet")
    (shape,), _ = read_shapes(tmp_path / "zones.parquet", {})
    assert shape.polygon.equals_exact(SQUARE, 1e-9)


def test_heights_are_left_out(tmp_path):
    assert not read(tmp_path, feature("a", shapely.force_3d(SQUARE, 240.0)))[0][0].polygon.has_z


def test_an_invalid_polygon_is_repaired_with_a_warning(tmp_path):
    bow = shapely.Polygon([(5, 47), (5.1, 47.1), (5.1, 47), (5, 47.1)])
    (shape, _), warnings = read(tmp_path, feature("bow", bow), feature("a"))
    assert shape.polygon.is_valid
    assert shape.polygon.geom_type == "MultiPolygon"
    assert warnings == ["zones.geojson: 1 invalid polygons were repaired: bow"]


LINE = shapely.LineString([(5, 47), (6, 47)])
FLAT = shapely.Polygon([(5, 47), (5.1, 47), (5.2, 47)])
LAMBERT = shapely.box(850_000, 6_690_000, 851_000, 6_691_000)


@pytest.mark.parametrize(
    ("polygon", "got"),
    [
        (None, "none"),
        (shapely.Polygon(), "none"),
        (shapely.Point(5, 47), "a Point"),
        (LINE, "a LineString"),
        (FLAT, "a Polygon without area"),
        (LAMBERT, "coordinates up to 851000, 6691000"),
    ],
)
def test_a_zone_without_a_polygon_in_degrees_is_bad_input_that_names_it(tmp_path, polygon, got):
    with pytest.raises(InputError, match=f"zone bad: expected a polygon in degrees, got {got}"):
        read(tmp_path, feature("good"), feature("bad", polygon))


@pytest.mark.parametrize("zone_id", ["territory", "rest", "a|b"])
def test_a_reserved_identifier_is_bad_input(tmp_path, zone_id):
    with pytest.raises(InputError, match="neither territory nor rest") as error:
        read(tmp_path, feature("a"), feature(zone_id))
    assert "[input.columns.zones]" in error.value.hint


@pytest.mark.parametrize("zone_id", ["", " ", None])
def test_a_missing_identifier_is_bad_input(tmp_path, zone_id):
    with pytest.raises(InputError, match="got none in feature 2"):
        read(tmp_path, feature("a"), feature(zone_id))


def test_a_repeated_identifier_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="got a twice"):
        read(tmp_path, feature("a"), feature("b"), feature("a"))


@pytest.mark.parametrize("mapping", [{"zone_id": "insee"}, {"name": "nom"}])
def test_a_column_that_is_not_there_is_bad_input_that_says_where_to_name_it(tmp_path, mapping):
    with pytest.raises(InputError, match=next(iter(mapping.values()))) as error:
        read(tmp_path, feature("a"), **mapping)
    assert "[input.columns.zones]" in error.value.hint


@pytest.mark.parametrize(
    ("value", "truth"), [(True, True), (1, True), ("yes", True), (False, False), (0, False), ("False", False)]
)
def test_a_truth_value_may_be_a_number_or_a_word(tmp_path, value, truth):
    assert read(tmp_path, feature("a", sensitive=value))[0][0].sensitive is truth


def test_another_word_is_no_truth_value(tmp_path):
    with pytest.raises(InputError, match="zone a: expected sensitive to be true or false, got maybe"):
        read(tmp_path, feature("a", sensitive="maybe"))


@pytest.mark.parametrize("content", ["", "<html>", "[1]", '{"a": 1}', '{"type": "FeatureCollection", "feat'])
@pytest.mark.parametrize("name", ["zones.geojson", "zones.json", "zones.parquet"])
def test_a_file_that_is_no_geography_is_bad_input_that_names_it(tmp_path, content, name):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=name):
        read_shapes(tmp_path / name, {})


def test_a_truncated_geoparquet_file_is_bad_input(tmp_path):
    path = tmp_path / "zones.parquet"
    geopandas.GeoDataFrame({"zone_id": ["a"]}, geometry=[SQUARE], crs=4326).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"zones\.parquet"):
        read_shapes(path, {})


def test_a_file_without_zones_or_of_another_kind_or_absent_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="expected zones, got none"):
        read(tmp_path)
    with pytest.raises(InputError, match="ends with"):
        read_shapes(write(tmp_path, feature("a"), name="zones.txt"), {})
    with pytest.raises(InputError, match="nothing of that name"):
        read_shapes(tmp_path / "absent.geojson", {})
