import json
import re
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from dashboards import queries
from dashboards.arithmetic import in_tens, total
from dashboards.baseline import Figure
from dashboards.exports import buttons, csv, pictures, xlsx
from dashboards.exports.taken import Origin, Sheet, Taken
from dashboards.flows import chosen as flow_choices
from dashboards.flows import departures, trips, written
from dashboards.flows import figures as flow_cards
from dashboards.flows.arcs import THICKEST, THINNEST, arcs, deck, frame_around, svg
from dashboards.flows.ends import end_name
from dashboards.flows.matrix import SAME, busiest, long, matrix, wide
from dashboards.flows.matrix import chart as matrix_chart
from dashboards.palette import LIGHT
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.store import Store
from dashboards.view import View
from dashboards.zones import Zone
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS
SUNDAY = "2026-10-25"
K = 20
COMMUNES = "origin_zone_id SIMILAR TO '[0-9|]+'"
"""SQL that is true for flows between communes."""


def pairs(rows: list[tuple[str, str, float]], days: int = 1, published: int = 1) -> pd.DataFrame:
    """Pairs of one hour, each with an interval of 10 to either side."""
    frame = pd.DataFrame(rows, columns=["origin", "destination", "trips"])
    frame = frame.assign(trips_low=frame["trips"] - 10, trips_high=frame["trips"] + 10, devices=K)
    return trips.of_day(frame.assign(distance_class="2-5 km", hours=1)).assign(days=days, days_published=published)


def band(first: int, last: int) -> str:
    """SQL that is true for the rows of a band of local hours."""
    hour = "hour(timezone('Europe/Paris', window_start))"
    return f"{hour} >= {first} AND {hour} < {last}" if first < last else f"({hour} >= {first} OR {hour} < {last})"


def released(release: Path, day: str, first: int, last: int) -> dict[tuple[str, str], tuple]:
    """By origin and destination: people and their interval, of a band of hours of a day."""
    rows = asked(
        release,
        f"""SELECT origin_zone_id, destination_zone_id, sum(people), sum(devices), count(*),
                sum(people_low), sum(people_high)
            FROM {{flows}} WHERE date = '{day}' AND {band(first, last)} GROUP BY ALL""",
    )
    return {(origin, destination): tuple(rest) for origin, destination, *rest in rows}


@pytest.mark.parametrize(
    ("choices", "name"),
    [
        ({}, f"hexaflux-flows-21231-{DAY}"),
        ({"from": "7", "until": "9"}, f"hexaflux-flows-21231-{DAY}-07h-09h"),
        (
            {"of": "saturday", "from": "7", "until": "9"},
            f"hexaflux-flows-21231-mean-saturday-{DAY}-to-{DAY}-07h-09h",
        ),
    ],
)
def test_files_are_named_after_the_days_and_hours_of_their_figures(
    release: Path, monkeypatch: pytest.MonkeyPatch, choices: dict[str, str], name: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    taken: list[Taken] = []
    monkeypatch.setattr(buttons, "offer", lambda view, each: taken.append(each))
    open_page(release, "flows", zone="21231", day=DAY, lang="en", **choices)
    assert [each.name for each in taken] == [name]


@pytest.mark.parametrize(("first", "last"), [(5, 5), (7, 10), (22, 3)])
def test_the_pairs_of_a_band_are_the_sums_of_published_rows(release: Path, store: Store, first: int, last: int) -> None:
    expected = released(release, DAY, first, last)
    assert len(expected) > 3
    found = trips.of_day(store.ask(queries.FLOWS, day=DAY, from_hour=first, to_hour=last))
    assert len(found) == len(expected)
    for row in found.itertuples():
        people, devices, hours, low, high = expected[row.origin, row.destination]
        assert (row.people, row.devices, row.hours) == (people, devices, hours)
        assert (row.people_low, row.people_high) == (low, high)


def test_no_two_bands_tell_fewer_than_k_devices_apart(release: Path) -> None:
    bands = [(first, last) for first in range(5, 12) for last in (*range(first + 1, 15), 5)]
    answers = {each: released(release, DAY, *each) for each in bands}
    compared = 0
    for one, other in combinations(bands, 2):
        for pair in answers[one].keys() | answers[other].keys():
            devices = [answers[each].get(pair, (0.0, 0.0))[1] for each in (one, other)]
            hours = [set(range(first, last) if first < last else range(first, 29)) for first, last in (one, other)]
            if hours[0] <= hours[1] or hours[1] <= hours[0]:
                left = abs(devices[0] - devices[1])
                assert left == 0 or left >= K
                compared += left > 0
    assert compared > 100


def test_no_choice_shows_a_flow_that_was_not_published(release: Path, store: Store) -> None:
    hourly = asked(release, f"SELECT min(devices) FROM {{flows}} WHERE date = '{DAY}'")[0][0]
    assert hourly >= K
    for first, last in ((5, 5), (7, 8), (8, 9), (8, 7)):
        rows = store.ask(queries.FLOWS, day=DAY, from_hour=first, to_hour=last)
        assert rows["devices"].min() >= K
        assert (rows["devices"] >= K * rows["hours"]).all()


def test_a_minimum_below_what_is_published_changes_nothing(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "flows", zone="21231", day=DAY, lang="en", least="1")
    assert opened.app.query_params["least"] in ("0", ["0"])
    assert opened.text == open_page(release, "flows", zone="21231", day=DAY, lang="en").text


def test_the_cards_state_the_trips_of_the_zone_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "flows", zone="21231", day=DAY, lang="fr").text
    for end, title in (("origin", "Déplacements au départ"), ("destination", "Déplacements à destination")):
        ((people, low, high),) = asked(
            release,
            f"""SELECT sum(people), sum(people_low), sum(people_high)
                FROM {{flows}} WHERE date = '{DAY}' AND {end}_zone_id = '21231'""",
        )
        ((pooled,),) = asked(
            release,
            f"""SELECT sum(people) FROM {{flows}}
                WHERE date = '{DAY}' AND {COMMUNES} AND {end}_zone_id <> '21231'
                    AND ({end}_zone_id = 'all' OR list_contains(string_split({end}_zone_id, '|'), '21231'))""",
        )
        assert people is not None or pooled is not None
        if people is None:
            assert f"{title} — non publié à part" in text
        else:
            mark = "" if pooled is None else "≥ "
            assert f"{title} {mark}{plain(people)}" in text
            between = f"{plain(low)} à {plain(high)}" if pooled is None else f"au moins {plain(low)}"
            assert f"{title} {mark}{plain(people)} intervalle à 95 % : {between}" in re.sub(
                r"[+−±]\S+ % \([^)]*\)( · non significatif)? ", "", text
            )


def test_the_pooled_share_is_that_of_the_released_files(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    ((merged, whole),) = asked(
        release,
        f"""SELECT sum(people) FILTER (concat(origin_zone_id, destination_zone_id) LIKE '%|%'
                OR destination_zone_id = 'all'), sum(people)
            FROM {{flows}} WHERE date = '{DAY}' AND {COMMUNES}""",
    )
    text = open_page(release, "flows", zone="21231", day=DAY, lang="en").text
    assert f"Trips in merged pairs {100 * merged / whole:.0f}%" in text


def test_a_mean_day_counts_nothing_for_a_day_without_a_figure() -> None:
    rows = pd.DataFrame(
        {
            "weekday": ["saturday", "saturday", "sunday"],
            "origin": ["a", "a", "a"],
            "destination": ["b", "c", "b"],
            "distance_class": "2-5 km",
            "days": [4, 4, 1],
            "days_published": [4, 3, 1],
            "hours": [8, 3, 1],
            "trips": [400.0, 200.0, 70.0],
            "trips_low": [360.0, 160.0, 30.0],
            "trips_high": [440.0, 240.0, 110.0],
            "trips_least": [400.0, 150.0, 70.0],
        }
    )
    found = trips.of_mean_day(rows, "saturday")
    assert found["people"].tolist() == [400, 150]
    assert found["people_low"].tolist() == [360, 120]
    assert found["people_high"].tolist() == [440, 180]
    assert (found["days"] - found["days_published"]).tolist() == [0, 1]


def test_bounds_of_trips_add_up_as_the_trips_do() -> None:
    rows = pairs([("a", "b", 50), ("a", "c", 42), ("b|c", "all", 30)])
    assert total(rows) == Figure(120, 90, 160)
    assert total(rows.iloc[:0]) is None
    leave = trips.by_end(rows, "origin").set_index("place")
    assert leave.loc["a", ["people", "people_low", "people_high"]].tolist() == [90, 70, 120]
    assert leave["status"].tolist() == [PUBLISHED.code, POOLED.code]


def test_the_mean_of_one_day_is_that_day(release: Path, store: Store) -> None:
    mean = trips.of_mean_day(store.ask(queries.FLOWS_WEEKDAY_AVERAGE, from_hour=7, to_hour=19), "saturday")
    day = trips.of_day(store.ask(queries.FLOWS, day=DAY, from_hour=7, to_hour=19)).drop(columns="devices")
    assert len(day) > 3
    assert mean.to_dict("records") == day.astype({"days": "int64"}).to_dict("records")


def test_a_zones_hours_of_a_mean_day_are_divided_by_all_days_of_the_kind() -> None:
    rows = pd.DataFrame(
        {
            "day": ["2026-06-06", "2026-06-13", "2026-06-13"],
            "clock": ["08:00", "08:00", "09:00"],
            "zone_id": ["a", "a", "a"],
            "direction": "out",
            "alone": [True, True, False],
            "trips": [100.0, 200.0, 300.0],
            "trips_low": [70.0, 160.0, 300.0],
            "trips_high": [130.0, 240.0, 300.0],
        }
    )
    found = trips.of_zone(rows, 4).set_index("clock")
    assert found["people"].to_dict() == {"08:00": 75.0, "09:00": 75.0}
    assert found.loc["08:00", ["people_low", "people_high", "days_published"]].tolist() == [57.5, 92.5, 2]
    shown = in_tens(found)
    assert shown["people"].tolist() == [80, 80]
    assert shown.loc["08:00", ["people_low", "people_high"]].tolist() == [50, 100]
    assert found["alone"].to_dict() == {"08:00": True, "09:00": False}
    assert not trips.of_zone(rows, 4, {"a|b"})["alone"].any()


def test_the_hours_of_a_zone_are_the_sums_of_published_rows(release: Path, store: Store) -> None:
    expected = asked(
        release,
        f"""SELECT window_start, 'out', sum(people) FROM {{flows}}
            WHERE date = '{DAY}' AND origin_zone_id = '21231' GROUP BY ALL
            UNION ALL
            SELECT window_start, 'in', sum(people) FROM {{flows}}
            WHERE date = '{DAY}' AND destination_zone_id = '21231' GROUP BY ALL
            ORDER BY 1, 2""",
    )
    assert len(expected) > 10
    rows = store.ask(queries.FLOWS_OF_ZONE, zone="21231", kind="commune", first_day=DAY, last_day=DAY)
    rows = rows[rows["alone"]].sort_values(["window_start", "direction"])
    assert list(rows["window_start"]) == [pd.Timestamp(row[0]) for row in expected]
    assert list(zip(rows["direction"], rows["trips"], strict=True)) == [row[1:] for row in expected]


@pytest.mark.parametrize(
    ("direction", "found"),
    [("out", ["a→b", "a→b|c", "a|d→all"]), ("in", ["b→a", "d→a|c", "a|d→all"]), ("both", 5)],
)
def test_the_flows_of_a_zone_are_those_that_name_it_at_that_end(direction: str, found: list[str] | int) -> None:
    rows = pairs(
        [("a", "b", 50), ("a", "b|c", 40), ("b", "a", 30), ("d", "a|c", 20), ("a|d", "all", 10), ("b", "c", 90)]
    )
    shown = trips.touching(rows, "a", direction)
    names = (shown["origin"] + "→" + shown["destination"]).tolist()
    assert len(names) == found if isinstance(found, int) else names == found


def test_trips_within_are_those_that_surely_stay_among_the_zones() -> None:
    rows = pairs([("a", "b", 50), ("a", "b|x", 40), ("a|b", "all", 30), ("x", "a", 20)])
    assert trips.within(rows, {"a", "b"}, everywhere=False)["people"].tolist() == [50]
    assert trips.within(rows, {"a", "b"}, everywhere=True)["people"].tolist() == [50, 30]


@pytest.mark.parametrize(("first", "last", "hours"), [(7, 9, [7, 8]), (22, 2, [0, 1, 22, 23]), (5, 5, list(range(24)))])
def test_a_band_of_hours_may_go_over_midnight(first: int, last: int, hours: list[int]) -> None:
    assert [hour for hour in range(24) if trips.in_band(hour, first, last)] == hours


def test_a_matrix_tells_figures_from_pools_and_from_nothing() -> None:
    found = matrix(pairs([("a", "b", 50), ("a", "b|c", 40), ("c|d", "all", 30)]), ("a", "b", "c", "d"))
    assert found.people[0, 1] == 50
    assert (~pd.isna(found.people)).sum() == 1
    assert found.status.tolist() == [
        [SAME, PUBLISHED.code, POOLED.code, NO_DATA.code],
        [NO_DATA.code, SAME, NO_DATA.code, NO_DATA.code],
        [POOLED.code, POOLED.code, SAME, POOLED.code],
        [POOLED.code, POOLED.code, POOLED.code, SAME],
    ]
    assert found.more.tolist()[0] == [False, True, False, False]


def test_a_pair_without_a_figure_on_some_days_has_at_least_its_people() -> None:
    zones = ("a", "b")
    assert not matrix(pairs([("a", "b", 50)], days=4, published=4), zones).more.any()
    assert matrix(pairs([("a", "b", 50)], days=4, published=3), zones).more[0, 1]


def test_a_wide_matrix_has_no_zero_and_no_empty_cell() -> None:
    found = matrix(pairs([("a", "b", 50), ("b", "a|c", 40)]), ("a", "b", "c"))
    frame = wide(found.people, found)
    assert frame.columns.tolist() == ["origin", "a", "b", "c"]
    assert frame.to_numpy().tolist() == [
        ["a", SAME, 50.0, NO_DATA.code],
        ["b", POOLED.code, SAME, POOLED.code],
        ["c", NO_DATA.code, NO_DATA.code, SAME],
    ]
    assert len(long(found)) == 6


@pytest.mark.parametrize(("zones", "shown"), [(39, 39), (40, 40), (41, 40)])
def test_a_matrix_shows_the_40_zones_with_the_most_trips(zones: int, shown: int) -> None:
    names = tuple(f"z{number:02d}" for number in range(zones))
    rows = pairs([(name, "z00", 100 + place) for place, name in enumerate(names[1:])])
    kept = busiest(rows, names)
    assert len(kept) == shown
    assert set(names) - set(kept) == ({"z01"} if zones > 40 else set())


def test_the_matrix_that_is_taken_away_is_that_of_the_released_files(release: Path, store: Store) -> None:
    expected = asked(
        release,
        f"""SELECT origin_zone_id, destination_zone_id, sum(people) FROM {{flows}}
            WHERE date = '{DAY}' AND {COMMUNES} AND origin_zone_id NOT LIKE '%|%'
                AND destination_zone_id NOT LIKE '%|%' AND destination_zone_id <> 'all'
            GROUP BY ALL ORDER BY ALL""",
    )
    assert len(expected) > 1
    zones = tuple(zone.zone_id for zone in store.zones.values() if zone.kind == "commune")
    found = long(matrix(trips.of_day(store.ask(queries.FLOWS, day=DAY, kind="commune")), zones))
    figures = found[found["status"] == PUBLISHED.code].sort_values(["origin", "destination"])
    assert list(figures[["origin", "destination", "people"]].itertuples(index=False, name=None)) == expected


def test_arcs_join_single_zones_and_are_as_wide_as_the_root_of_their_people(store: Store) -> None:
    one, two, *_ = (zone.zone_id for zone in store.zones.values())
    rows = pairs([(one, two, 400), (two, one, 100), (one, f"{one}|{two}", 900), (f"{one}|{two}", "all", 50)])
    drawn = arcs(rows[rows["status"] == PUBLISHED.code], ["there", "back"], store.zones)
    assert [arc.tip for arc in drawn] == ["there", "back"]
    assert drawn[0].width == THICKEST
    assert drawn[1].width == pytest.approx(THINNEST + (THICKEST - THINNEST) / 2)
    assert drawn[0].source == drawn[1].target != drawn[0].target
    assert len(arcs(rows, [""] * len(rows), store.zones)) == 2


def test_the_map_asks_the_network_for_nothing(store: Store) -> None:
    zones = list(store.zones.values())
    rows = pairs([(zones[0].zone_id, zones[1].zone_id, 400)])
    drawn = arcs(rows, ["<b>a</b>"], store.zones)
    told = json.loads(deck(drawn, zones, LIGHT).to_json())
    assert not told.get("mapProvider")
    assert "http" not in json.dumps(told)
    assert "<b>" not in json.dumps(told["layers"])
    assert "<b>" not in svg(drawn, zones)


def test_pools_are_named_by_what_they_leave_out_where_that_is_shorter(store: Store) -> None:
    communes = [zone.zone_id for zone in store.zones.values() if zone.kind == "commune"]
    assert len(communes) > 4
    names = {zone.zone_id: zone.name for zone in store.zones.values()}
    first, second, *rest = communes
    assert end_name(first, store.zones, "en") == names[first]
    assert end_name(f"{first}|{second}", store.zones, "en") == f"{names[first]} + {names[second]}"
    assert end_name("|".join(communes[1:]), store.zones, "en", first) == f"all {len(communes) - 1} other zones"
    assert end_name("|".join(communes), store.zones, "fr") == f"les {len(communes)} zones ensemble"
    most = end_name("|".join(rest), store.zones, "en", first)
    assert len(rest) <= 3 or most == f"{len(rest)} zones: all but {names[second]}"
    assert end_name("all", store.zones, "fr") == "partout ailleurs"


def test_a_sensitive_place_has_no_flows(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "flows", zone="hospital", day=DAY, lang="en")
    assert "A sensitive place has no flows" in opened.text
    assert not opened.app.get("deck_gl_json_chart")


def test_a_release_in_which_nothing_moves_says_so(thin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(thin))
    ((venues,),) = asked(thin, f"SELECT count(*) FROM {{flows}} WHERE NOT {COMMUNES}")
    text = open_page(thin, "flows", zone="stadium", day=DAY, lang="en").text
    assert ("No flows are published here" in text) == (venues == 0)


def test_a_mean_day_says_of_how_many_days_and_what_a_missing_day_is(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "flows", zone="21231", day=DAY, lang="en", of="saturday")
    assert "A mean day: Saturdays, days in this release: 1." in opened.text
    assert "only one day of this kind" in opened.text
    assert "monday-friday" not in opened.app.selectbox(key="of").options


@pytest.mark.parametrize(
    ("language", "head"),
    [
        ("en", "mean day, Saturdays, days of this release: 1"),
        ("fr", "jour moyen, samedis, jours de cette publication : 1"),
    ],
)
def test_a_mean_day_is_named_in_the_head_in_place_of_the_day(
    language: str, head: str, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "flows", zone="21231", day=SUNDAY, lang=language, of="saturday")
    assert head in opened.text
    assert " 2026, " not in opened.html.partition("hx-when")[2].partition("</div>")[0]


@pytest.mark.parametrize("of", ["day", "saturday"])
def test_a_card_and_a_bar_of_the_same_trips_have_the_same_interval(
    of: str, release: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    found = asked(
        release,
        f"""SELECT origin_zone_id FROM {{flows}} WHERE date = '{DAY}' AND {COMMUNES} AND origin_zone_id NOT LIKE '%|%'
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 3""",
    )
    assert found
    for (zone,) in found:
        text = open_page(release, "flows", zone=zone, day=DAY, lang="en", of=of).text
        said = r"\S+ to \S+|at least \S+"
        card = re.search(rf"Trips out of the zone ((?:≥ )?\S+) 95% interval: ({said})", text)
        leave = text.partition("Where they leave")[2].partition("Where they go")[0]
        bar = re.search(rf"{re.escape(store.zones[zone].name)} ((?:≥ )?\S+) \(({said})\)", leave)
        assert card is not None
        assert bar is not None
        assert card.groups() == bar.groups()


def test_trips_in_pools_of_a_mean_day_are_shown_in_tens(store: Store) -> None:
    view = View(store, "en", store.zones["21231"], store.release.days[0])
    of = flow_choices.Asked("saturday", (view.day,), 5, 5, "all", 0)
    hourly = pd.DataFrame({"clock": ["08:00"], "direction": "out", "alone": False, "people": 7174.2})
    none = pairs([("a", "b", 50)])
    card = flow_cards.figures(view, of, hourly, none, none)[0]
    assert "7,170 more are in pools that the zone is one of, in one hour" in card.lines
    twice = pd.concat([hourly, hourly.assign(clock="09:00")])
    card = flow_cards.figures(view, of, twice, none, none)[0]
    assert "14,350 more are in pools that the zone is one of, in 2 hours" in card.lines


def test_a_figure_that_may_be_more_has_no_upper_end(store: Store) -> None:
    view = View(store, "fr", store.zones["21231"], store.release.days[0])
    assert written.interval(view, Figure(10, 0, 10), at_least=True) == "intervalle à 95\u00a0%\u00a0: au moins 0"
    assert written.interval(view, Figure(10, 0, 10), at_least=False) == "intervalle à 95\u00a0%\u00a0: 0 à 10"
    row = pd.Series({"people": 10.0, "people_low": 0.0, "people_high": 20.0})
    told = [written.figure(view, pd.concat([row, pd.Series({"at_least": each})])) for each in (True, False)]
    assert told == ["≥ 10 (au moins 0)", "10 (0 à 20)"]


def test_a_zone_in_a_pool_or_without_a_figure_on_a_day_has_at_least_its_trips() -> None:
    rows = pairs([("a", "b", 50), ("d", "b", 40), ("a|c", "all", 30)])
    found = trips.by_end(rows, "origin").set_index("place")["at_least"]
    assert found.to_dict() == {"a": True, "d": False, "a|c": False}
    assert trips.by_end(rows, "destination").set_index("place")["at_least"].to_dict() == {"b": True, "all": False}
    few = trips.by_end(rows.iloc[1:2].assign(days=4, days_published=3), "origin")
    assert few["at_least"].tolist() == [True]
    assert not trips.by_end(rows.iloc[1:2].assign(days=4, days_published=4), "origin")["at_least"].any()


def test_an_hour_that_is_partly_in_pools_has_at_least_its_trips(store: Store) -> None:
    view = View(store, "en", store.zones["21231"], store.release.days[0])
    of = flow_choices.Asked("saturday", (view.day,), 5, 5, "all", 0)
    hourly = pd.DataFrame(
        {
            "clock": ["08:00", "08:00", "09:00"],
            "direction": "out",
            "alone": [True, False, True],
            "people": 50.0,
            "people_low": 40.0,
            "people_high": 60.0,
            "days": 1,
            "days_published": 1,
        }
    )
    found = departures.by_hour(view, of, hourly)
    own = found[found["people"].notna()]
    assert own.set_index("clock")["at_least"].to_dict() == {"08:00": True, "09:00": False}
    assert [departures.figure(view, row) for _, row in own.iterrows()] == ["≥ 50 (at least 40)", "50 (40 to 60)"]


@pytest.mark.parametrize(("of", "note"), [("day", "Every figure is of"), ("saturday", "Every published figure that")])
def test_what_is_at_least_k_is_what_was_published(
    of: str, note: str, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    assert note in open_page(release, "flows", zone="21231", day=DAY, lang="en", of=of).text


def test_the_choices_of_hours_and_people_say_what_they_are(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "flows", zone="21231", day=DAY, lang="en")
    labels = [opened.app.selectbox(key=key).label for key in ("from", "until", "least")]
    assert labels == ["Leaving from", "Leaving before", "At least … people"]


def test_the_map_is_fitted_to_the_zones_of_the_flows(store: Store) -> None:
    zones = [zone for zone in store.zones.values() if zone.kind == "commune"]
    one, two, *_ = zones
    drawn = arcs(pairs([(one.zone_id, two.zone_id, 400)]), ["there"], store.zones)
    near, far = (json.loads(deck(each, zones, LIGHT).to_json())["initialViewState"] for each in (drawn, []))
    frame = frame_around([one, two])
    assert near["zoom"] > far["zoom"]
    assert near["longitude"] == pytest.approx((frame.west + frame.east) / 2)
    assert near["latitude"] == pytest.approx((frame.south + frame.north) / 2)
    assert f'viewBox="0 0 800 {frame.height:.0f}"' in svg(drawn, zones)


def test_the_workbook_holds_the_matrix_and_its_intervals(release: Path, store: Store) -> None:
    zones = tuple(zone.zone_id for zone in store.zones.values() if zone.kind == "commune")
    found = matrix(trips.of_day(store.ask(queries.FLOWS, day=DAY, kind="commune")), zones)
    sheets = [Sheet(name, name, wide(grid, found)) for name, grid in (("matrix", found.people), ("low", found.low))]
    origin = Origin(store.release.release_id, store.release.head, "http://here", "a day", K, "SIMs", True)
    book = load_workbook(BytesIO(xlsx.write(Taken("flows", origin, sheets), "en")))
    rows = [[cell.value for cell in row] for row in book["matrix"].iter_rows()]
    assert rows[0] == ["origin", *zones]
    figures = {
        (row[0], zone): value
        for row in rows[1:]
        for zone, value in zip(zones, row[1:], strict=True)
        if not isinstance(value, str)
    }
    assert figures == {
        (origin, destination): people
        for origin, destination, people in long(found)[["origin", "destination", "people"]].itertuples(index=False)
        if not pd.isna(people)
    }
    assert all(value for row in rows[1:] for value in row)


def test_every_file_that_is_offered_can_be_written(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    offered: list[Taken] = []
    monkeypatch.setattr("dashboards.exports.buttons.offer", lambda view, taken: offered.append(taken))
    open_page(release, "flows", zone="21231", day=DAY, lang="en", dir="both")
    (taken,) = offered
    assert [sheet.name for sheet in taken.sheets] == [
        "flows",
        "matrix",
        "matrix-low",
        "matrix-high",
        "matrix-long",
        "hours",
    ]
    for sheet in taken.sheets:
        assert csv.write(sheet, taken.origin).decode("utf-8-sig").splitlines()[1:]
    for picture in taken.pictures:
        assert pictures.svg(picture, taken.origin).startswith(b"<svg")
        assert pictures.png(picture, taken.origin).startswith(b"\x89PNG")


def test_a_matrix_of_which_every_pair_is_in_a_pool_is_drawn_without_a_largest_one() -> None:
    names = ("a", "b")
    cells = pd.DataFrame({"from": names, "to": names[::-1], "people": [float("nan")] * 2, "status": [POOLED.code] * 2})

    drawn = matrix_chart(cells.assign(written="", sign="", tip=""), list(names), ("From", "To"), "en", LIGHT).to_json()

    assert "nan" not in drawn.lower()
    assert "datum.people > 0" in drawn


def test_a_map_without_a_name_has_no_layer_of_names() -> None:
    ring = ((5.0, 47.0), (5.1, 47.0), (5.1, 47.1))
    square = Zone("a", "A", "commune", None, False, np.array([], np.uint64), (ring,))

    assert [layer.id for layer in deck([], [square], LIGHT).layers] == ["outlines", "flows"]
