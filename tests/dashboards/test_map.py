import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import h3
import pandas as pd
import pytest

from dashboards import queries, slots
from dashboards.baseline import Baseline
from dashboards.exports import geojson
from dashboards.exports.taken import Origin, Sheet
from dashboards.maps import deck, difference, dwell, hexmap, people, place, whole
from dashboards.maps.area import Area
from dashboards.maps.hatching import dotted, hatched, striped
from dashboards.maps.mapframe import frame_of
from dashboards.maps.missing import missing
from dashboards.palette import LIGHT
from dashboards.states import DEGRADED, NO_DATA, OUTSIDE, POOLED, PUBLISHED
from dashboards.store import Store
from dashboards.view import View
from tests.dashboards.opened import CHANGE_OF_CLOCKS, Opened, asked, open_page, plain, within

DAY = CHANGE_OF_CLOCKS
NOON = "2026-10-24 12:00:00+00"
"""14:00 local."""


@pytest.fixture(autouse=True)
def shown(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))


@pytest.fixture(scope="module")
def view(store: Store) -> View:
    return View(store, "en", store.zones["21231"], store.release.days[0])


@pytest.fixture(scope="module")
def moment(view: View) -> datetime:
    return datetime(2026, 10, 24, 12, tzinfo=UTC).astimezone(slots.starts(view.day)[0].tzinfo)


def open_map(release: Path, **choices: str) -> Opened:
    return open_page(release, "map", **{"zone": "21231", "day": DAY, "t": "14:00", "lang": "en"} | choices)


def layers(opened: Opened) -> dict[str, dict]:
    (chart,) = opened.app.get("deck_gl_json_chart")
    return {
        layer["id"].partition("-2")[0].partition("-1")[0]: layer for layer in json.loads(chart.proto.json)["layers"]
    }


def features(opened: Opened) -> list[dict]:
    return layers(opened)["areas"]["data"]["features"]


def test_every_published_part_in_view_is_one_figure_on_the_map(release: Path) -> None:
    drawn = features(open_map(release))
    rows = asked(release, f"SELECT people, cells FROM {{presence}} WHERE window_start = '{NOON}'")
    people_of = {h3.int_to_str(min(cells)): people for people, cells in rows}
    assert len(drawn) > 5
    assert len({each["properties"]["key"] for each in drawn}) == len(drawn)
    for each in drawn:
        assert f"{people_of[each['properties']['key']]:,.0f} people (" in each["properties"]["tip"]


def test_the_map_asks_the_network_for_nothing(release: Path) -> None:
    (chart,) = open_map(release).app.get("deck_gl_json_chart")
    assert "http" not in chart.proto.json
    assert "mapProvider" not in json.loads(chart.proto.json)
    assert chart.proto.selection_mode


def test_colours_of_the_map_are_those_of_its_fixed_key(release: Path) -> None:
    keys = {open_map(release, t=moment).html.partition("hx-tall")[2] for moment in ("06:00", "14:00")}
    assert len({key.partition("</div>")[0] for key in keys}) == 1
    assert len({tuple(each["properties"]["fill"]) for each in features(open_map(release))}) >= 3


def test_the_pooled_share_of_the_moment_is_that_of_the_released_files(release: Path) -> None:
    names = ", ".join(f"'{each}'" for each in within(release, "21231"))
    ((share,),) = asked(
        release,
        f"""SELECT sum(people) FILTER (len(cells) > 1 OR (cells[1] >> 52) & 15 < 9
                OR NOT list_has_all([{names}], string_split(zone_id, '|'))) / sum(people)
            FROM {{presence}} WHERE window_start = '{NOON}' AND list_has_any([{names}], string_split(zone_id, '|'))""",
    )
    assert f"Pooled share: {share * 100:.0f}% of the people counted here at" in open_map(release).text


def at_noon(release: Path, day: str) -> tuple[float, float, float]:
    """The people in the commune's own parts at noon UTC, and their interval, by hand."""
    names = ", ".join(f"'{each}'" for each in within(release, "21231"))
    ((people_there, low, high),) = asked(
        release,
        f"""SELECT sum(people), greatest(floor((sum(people) - sqrt(sum((people - people_low) ** 2))) / 10) * 10, 0),
                ceil((sum(people) + sqrt(sum((people_high - people) ** 2))) / 10) * 10
            FROM {{presence}} WHERE timezone('Europe/Paris', window_start) = '{day} 14:00:00'
                AND list_has_all([{names}], string_split(zone_id, '|'))""",
    )
    return people_there, low, high


@pytest.mark.parametrize(("show", "stands"), [("people", True), ("difference", True), ("dwell", False)])
def test_the_zone_at_the_time_of_the_map_stands_beside_it(show: str, stands: bool, release: Path) -> None:
    people_there, low, high = at_noon(release, DAY)
    text = open_map(release, show=show).text
    card = f"21231 at 14:00 {people_there:,.0f} people 95% interval: {low:,.0f} to {high:,.0f}"
    assert (card in text) == stands


def test_the_zone_at_the_time_of_the_map_is_compared_with_the_same_time_of_the_baseline(
    store: Store, view: View, release: Path
) -> None:
    sunday = store.release.days[1]
    now = slots.names(slots.starts(view.day)).index("14:00")
    compared = View(store, "en", view.zone, view.day, baseline=Baseline("edition", view.zone, (sunday,)))
    then = at_noon(release, sunday.date.isoformat())[0]
    (told,) = whole.card(compared, now).compared
    assert f"{then:,.0f}" in told
    assert not whole.card(view, now).compared


def test_a_zone_without_a_figure_of_its_own_has_none_beside_the_map(store: Store, view: View) -> None:
    early = View(store, "en", store.zones["stadium"], view.day)
    rows = slots.by_slot(view.day, store.ask(queries.PRESENCE, zone="stadium", day=DAY))
    now = int(rows.index[rows["people"].isna()][0])
    found = whole.card(early, now)
    assert found.figure == "—"
    assert "not zero" in found.lines[0]


def test_names_at_the_edge_of_the_map_end_within_it(release: Path) -> None:
    rows = layers(open_map(release))["names"]["data"]
    assert {row["anchor"] for row in rows} <= {"start", "middle", "end"}
    assert deck._anchor(760, "Chevigny-Saint-Sauveur", 12) == "end"
    assert deck._anchor(40, "Chevigny-Saint-Sauveur", 12) == "start"
    assert deck._anchor(400, "Chevigny-Saint-Sauveur", 12) == "middle"


def test_a_part_in_the_address_is_shown_with_its_figures(release: Path) -> None:
    ((people_there, low, high, cell),) = asked(
        release,
        f"""SELECT people, people_low, people_high, list_min(cells) FROM {{presence}}
            WHERE window_start = '{NOON}' AND zone_id = '21231' ORDER BY people DESC LIMIT 1""",
    )
    opened = open_map(release, part=h3.int_to_str(cell))
    assert f"{people_there:,.0f} people" in opened.text
    assert f"({low:,.0f} to {high:,.0f})" in opened.text
    assert opened.app.selectbox(key="area").value == h3.int_to_str(cell)
    assert opened.app.query_params["part"] == h3.int_to_str(cell)


def test_a_part_that_is_chosen_from_the_list_stands_in_the_address(release: Path) -> None:
    opened = open_map(release, by="commune")
    opened.app.selectbox(key="area").select("21166").run()
    assert not opened.app.exception
    assert opened.app.query_params["part"] == "21166"


def test_a_hexagon_inside_a_pool_stands_for_the_pool(view: View, moment: datetime) -> None:
    found = people.by_part(view, moment)
    pool = next(area for area in found.areas if area.pooled and area.key)
    inside = h3.cell_to_center_child(h3.int_to_str(pool.cells[-1]), found.finest)
    assert found.holding(inside) == pool
    assert found.holding("ffff") is None
    assert found.holding("") is None


@pytest.mark.parametrize("part", ["'; DROP TABLE presence; --", "zz", "891f1d48b17ffff"])
def test_a_part_that_is_none_is_not_shown(release: Path, part: str) -> None:
    assert open_map(release, part=part).app.selectbox(key="area").value == ""


def test_zones_have_the_people_of_their_own_parts_and_none_where_parts_reach_beyond(
    view: View, moment: datetime, release: Path
) -> None:
    compared = 0
    for each in people.zone_figures(view, moment, "commune"):
        names = ", ".join(f"'{name}'" for name in within(release, each.zone.zone_id))
        ((own, beyond),) = asked(
            release,
            f"""SELECT sum(people) FILTER (list_has_all([{names}], string_split(zone_id, '|'))),
                    count(*) FILTER (NOT list_has_all([{names}], string_split(zone_id, '|')))
                FROM {{presence}}
                WHERE window_start = '{NOON}' AND list_has_any([{names}], string_split(zone_id, '|'))""",
        )
        if beyond:
            assert each.state is POOLED
            assert each.figure is None
        elif own:
            compared += 1
            assert each.state is PUBLISHED
            assert each.figure is not None
            assert each.figure.value == own
    assert compared > 3


def test_a_difference_is_that_of_the_same_clock_and_not_significant_where_intervals_overlap(
    store: Store, moment: datetime
) -> None:
    first, second = store.release.days[:2]
    view = View(store, "en", store.zones["21231"], first, None, Baseline("weekday", store.zones["21231"], (second,)))
    found = difference.by_zone(view, moment, "commune", 9)
    later = datetime(2026, 10, 25, 13, tzinfo=UTC)
    now = {each.zone.zone_id: each.figure for each in people.zone_figures(view, moment, "commune")}
    then = {each.zone.zone_id: each.figure for each in people.zone_figures(view, later, "commune")}
    compared = 0
    for area in found.areas:
        one, other = now[area.key], then[area.key]
        if one is None or other is None:
            assert area.fill == ""
            continue
        compared += 1
        apart = one.low > other.high or one.high < other.low
        assert (area.fill == difference.PLAIN) == (not apart)
        assert ("not significant" in area.tip) == (not apart)
    assert compared > 3


@pytest.mark.parametrize(
    ("change", "place_of"), [(-0.51, 0), (-0.5, 1), (-0.25, 2), (-0.01, 2), (0.0, 3), (0.24, 3), (0.25, 4), (0.5, 5)]
)
def test_fewer_is_purple_and_more_is_orange(change: float, place_of: int) -> None:
    assert difference.shade(change) == difference.COLOURS[place_of]


def test_without_a_baseline_a_difference_is_said_to_be_none(release: Path) -> None:
    text = open_map(release, show="difference").text
    assert "The release has no other Saturday, or none was chosen: there is nothing to compare with" in text


def test_the_median_class_is_where_the_first_half_of_the_people_ends() -> None:
    rows = pd.DataFrame({"value": [">=8 h", "<30 min", "1-2 h"], "people": [10.0, 50.0, 40.0]})
    assert dwell.median_class(rows) == "<30 min"
    assert dwell.median_class(rows.assign(people=[10.0, 49.0, 41.0])) == "1-2 h"


def test_the_time_spent_has_no_colour_where_its_class_is_merged(view: View, release: Path) -> None:
    found = dwell.by_zone(view, "commune", 9)
    came = dict(asked(release, f"SELECT zone_id, people FROM {{attendance}} WHERE date = '{DAY}'"))
    shown = [area for area in found.areas if area.state is not NO_DATA]
    assert shown
    for area in shown:
        assert f"{came[area.key]:,.0f} people came" in area.tip
        assert bool(area.fill) == ("merged" not in area.tip)


def test_a_span_of_classes_is_written_from_end_to_end() -> None:
    assert dwell.span("1-2 h|2-4 h") == "1 h – 4 h"
    assert dwell.span("4-8 h|>=8 h") == "≥ 4 h"


def test_what_no_part_holds_is_no_data_or_outside_coverage_and_never_zero(view: View, moment: datetime) -> None:
    found = people.by_part(view, moment)
    known = [area for area in found.areas if area.key]
    without = [area for area in known if area.key != known[0].key]
    lost = missing(view, frame_of(view.zone), without, found.finest)
    assert {area.state for area in lost} <= {NO_DATA, OUTSIDE}
    assert any(area.state is NO_DATA for area in missing(view, frame_of(view.zone), [], found.finest))
    assert all(" 0 " not in area.tip for area in lost)


def test_marks_lie_inside_their_area() -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(47.32, 5.04, 9), 3)
    numbers = tuple(sorted(h3.str_to_int(cell) for cell in cells))
    area = Area("k", "", numbers, "", DEGRADED, True, ())
    for lines in (hatched(area, 9, 0.001), striped(area, 9, 0.001)):
        assert len(lines) > 10
        for (x, y), (u, v) in lines:
            assert h3.latlng_to_cell((y + v) / 2, (x + u) / 2, 9) in cells
    assert len(dotted(area, 9, 0.001)) > 50


def test_each_state_looks_different_on_the_map(view: View) -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(47.32, 5.04, 9), 1)
    numbers = tuple(sorted(h3.str_to_int(cell) for cell in cells))
    looks = [
        (PUBLISHED, False, "#41b6c4"),
        (POOLED, True, "#41b6c4"),
        (DEGRADED, False, "#41b6c4"),
        (NO_DATA, False, ""),
        (OUTSIDE, False, ""),
    ]
    drawn, pictures = set(), set()
    for state, pooled, fill in looks:
        area = Area("", "", numbers, fill, state, pooled, ())
        made = deck.deck([area], view.zone, {}, 9, LIGHT, {}, None, "x")
        drawn.add(json.dumps([json.loads(layer.to_json()) for layer in made.layers]))
        pictures.add(hexmap.picture([area], view.zone, {}, 9, ""))
    assert len(drawn) == len(pictures) == len(looks)


def test_a_picture_to_take_away_needs_nothing_else_and_names_its_zone(view: View, moment: datetime) -> None:
    drawn = place.standing(view, moment)
    root = ElementTree.fromstring(drawn)  # noqa: S314
    assert root.get("viewBox", "").startswith("0 0 800 ")
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert view.zone.name in texts
    assert "People per km², same colours all day" in texts
    assert "var(" not in drawn
    assert drawn.count("http") == 1


def test_the_accessible_version_is_walked_through_by_keys_and_says_each_figure(release: Path) -> None:
    opened = open_map(release, version="accessible")
    picture = opened.picture
    assert picture.count('role="option"') == picture.count("aria-label=") - 1 > 5
    assert picture.count('tabindex="0"') == 1
    assert not opened.app.get("deck_gl_json_chart")
    assert len(opened.app.dataframe[0].value) == picture.count('role="option"')


def test_the_sheet_has_the_cells_and_the_state_of_every_part(view: View, moment: datetime) -> None:
    found = people.by_part(view, moment)
    sheet = found.sheet
    assert list(sheet["status"]) == [area.state.code for area in found.areas if area.key]
    origin = Origin("r", "h", "a", "p", 20, "SIMs", True)
    written = json.loads(geojson.write(Sheet("map", "Map", sheet), origin))
    assert len(written["features"]) == len(sheet)
    assert written["features"][0]["geometry"]["type"] == "MultiPolygon"


def test_a_sensitive_place_has_no_map(release: Path) -> None:
    opened = open_map(release, zone="hospital")
    assert "A sensitive place is not shown on the map" in opened.text
    assert not opened.app.get("deck_gl_json_chart")


def test_numbers_of_the_french_map_are_written_in_french(release: Path) -> None:
    ((most,),) = asked(release, f"SELECT max(people) FROM {{presence}} WHERE window_start = '{NOON}'")
    tips = " ".join(each["properties"]["tip"] for each in features(open_map(release, lang="fr")))
    assert f"{plain(most)} personnes" in tips.replace("\u202f", " ")
