import json
import re
from pathlib import Path

import h3
import pytest

from dashboards.maps.mapframe import RAMP, colour, frame_of, steps
from dashboards.store import Store
from dashboards.zones import Zone, read_zones
from tests.anonymization.releases import A, draft, publish, zone
from tests.dashboards.opened import CHANGE_OF_CLOCKS, Opened, asked, open_page, plain


@pytest.fixture
def opened(release: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    return open_page(release, zone="21166", day=CHANGE_OF_CLOCKS, t="14:00", lang="fr")


def test_the_map_draws_the_parts_of_the_zone_with_their_people(opened: Opened, release: Path) -> None:
    rows = asked(
        release,
        f"""SELECT people, people_low, people_high FROM {{presence}}
            WHERE date = '{CHANGE_OF_CLOCKS}' AND window_start = '2026-10-24 12:00:00+00' AND zone_id = '21166'""",
    )
    assert rows
    tips = re.sub("[\u00a0\u202f]", " ", opened.picture)
    for people, low, high in rows:
        assert f"{plain(people)} personnes ({plain(low)} à {plain(high)})" in tips


def test_a_pooled_area_is_hatched_and_says_how_many_hexagons_it_covers(opened: Opened) -> None:
    parts = re.findall(r'<path class="part".*?data-tip="(.*?)"/>(<path class="pool")?', opened.picture, re.DOTALL)
    assert parts
    for tip, hatch in parts:
        assert bool(hatch) == ("hexagones ensemble" in tip)
        assert "par km²" in tip


def test_the_map_names_nothing_outside(opened: Opened) -> None:
    outside = re.findall(r"https?:|//|url\((?!#)|@import|<image|<use|href", opened.picture)
    assert outside == []


def test_colours_depend_on_the_day_and_not_on_the_moment(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    keys = []
    for moment in ("06:00", "14:00"):
        html = open_page(release, zone="21166", day=CHANGE_OF_CLOCKS, t=moment, lang="fr").html
        keys.append(re.findall(r"hx-tall.*", html)[0])
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("greatest", "bounds"),
    [(0.05, [1.0]), (7.0, [0.1, 0.2, 0.5, 1, 2, 5][-6:]), (5000, [50, 100, 200, 500, 1000, 2000])],
)
def test_colour_bounds_are_round_and_below_the_greatest_density(greatest: float, bounds: list[float]) -> None:
    assert steps(greatest) == pytest.approx(bounds)


def test_a_density_at_a_bound_has_the_colour_above_it() -> None:
    bounds = [10.0, 20.0]
    assert [colour(density, bounds) for density in (9.99, 10, 19.99, 20)] == [RAMP[0], RAMP[1], RAMP[1], RAMP[2]]


def test_frames_have_one_shape_and_hold_the_zone(store: Store) -> None:
    for each in store.zones.values():
        frame = frame_of(each)
        west, south, east, north = each.bounds
        assert frame.west < west < east < frame.east
        assert frame.south < south < north < frame.north
        assert frame.height == pytest.approx(600, rel=0.02)


def test_a_zone_without_an_outline_gets_that_of_its_cells() -> None:
    features = {"features": [zone("A", "commune", h3.cell_to_children(A, 9))]}
    found: Zone = read_zones(json.dumps(features).encode())["A"]
    assert len(found.rings) == 1
    assert len(found.rings[0]) == 18


def test_a_hostile_name_is_shown_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = draft()
    name = '<img src=x onerror="alert(1)"><script>alert(2)</script> *b*'
    features = content.zones["features"]
    assert isinstance(features, list)
    for feature in features:
        feature["properties"]["name"] = name  # type: ignore[index, call-overload]
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", content)))
    opened = open_page(tmp_path, zone="A", day="2026-06-20", lang="en")
    for written in (opened.html, opened.picture):
        assert "<img" not in written
        assert "<script>alert" not in written
    assert "&lt;img src=x" in opened.html
