import json
from pathlib import Path

import pandas as pd
import pytest

from dashboards import queries
from dashboards.exports import buttons
from dashboards.exports.taken import Taken
from dashboards.palette import LIGHT
from dashboards.split.arrivals import hours_said, runs
from dashboards.split.classes import from_band_on
from dashboards.split.stairs import steps
from dashboards.store import Store
from dashboards.texts import value_name
from dashboards.view import View
from schemas.vocabulary import DWELL_BANDS
from tests.anonymization.releases import publish, whole_draft
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS


def shares(release: Path, zone: str, *bands: str) -> tuple[float, float, float]:
    """People in classes that hold only these bands, in those that hold any of them, and in all."""
    listed = ", ".join(f"'{band}'" for band in bands)
    (row,) = asked(
        release,
        f"""SELECT sum(people) FILTER (list_has_all([{listed}], string_split(dwell_band, '|'))),
                sum(people) FILTER (list_has_any([{listed}], string_split(dwell_band, '|'))),
                sum(people)
            FROM {{dwell}} WHERE date = '{DAY}' AND zone_id = '{zone}'""",
    )
    return row[0] or 0, row[1] or 0, row[2]


def test_the_page_states_every_band_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "dwell", zone="21617", day=DAY, lang="fr").text
    rows = asked(
        release,
        f"SELECT dwell_band, people, people_low, people_high FROM {{dwell}} WHERE date = '{DAY}' AND zone_id = '21617'",
    )
    assert len(rows) > 3
    for band, people, low, high in rows:
        name = value_name("dwell_band", band, "fr").replace("\u00a0", " ")
        assert f"{name} {plain(people)} ({plain(low)} à {plain(high)})" in text


def test_the_share_above_two_hours_is_the_sum_of_published_bands(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    least, most, whole = shares(release, "21617", "2-4 h", "4-8 h", ">=8 h")
    assert least == most
    text = open_page(release, "dwell", zone="21617", day=DAY, lang="en").text
    assert f"Stayed 2 h or more {100 * least / whole:.0f}% {least:,.0f} people" in text


def test_a_merged_band_on_both_sides_leaves_the_share_open(thin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(thin))
    least, most, whole = shares(thin, "242100410", "2-4 h", "4-8 h", ">=8 h")
    assert least < most
    text = open_page(thin, "dwell", zone="242100410", day=DAY, lang="en").text
    assert f"Stayed 2 h or more {100 * least / whole:.0f}% to {100 * most / whole:.0f}%" in text
    assert "a merged band lies on both sides" in text


@pytest.mark.parametrize(
    ("band", "found"), [("1-2 h", (30.0, 30.0, 60.0)), ("2-4 h", (20.0, 30.0, 60.0)), (">=8 h", (0.0, 20.0, 60.0))]
)
def test_people_from_a_band_on_are_counted_at_least_and_at_most(band: str, found: tuple[float, float, float]) -> None:
    rows = pd.DataFrame({"value": ["<30 min|30-60 min", "1-2 h|2-4 h", "4-8 h|>=8 h"], "people": [30.0, 10.0, 20.0]})
    assert from_band_on(rows, band) == found


@pytest.mark.parametrize("zone", ["21617", "242100410"])
def test_the_stairs_are_sums_of_published_bands(thin: Path, thin_store: Store, zone: str) -> None:
    found = steps(thin_store.ask(queries.BY_DWELL, zone=zone, day=DAY))
    for place, step in enumerate(found.itertuples()):
        least, most, whole = shares(thin, zone, *DWELL_BANDS[place:])
        assert (step.least, step.most) == (pytest.approx(least / whole), pytest.approx(most / whole))
        assert step.low <= step.least <= step.most <= step.high
    assert found["open"].any()


def test_a_step_with_one_side_published_is_no_published_zero() -> None:
    rows = pd.DataFrame({"value": ["1-2 h", "2-4 h"], "people": [30.0, 10.0]})
    found = steps(rows.assign(people_low=rows["people"] - 5, people_high=rows["people"] + 5))
    assert list(found["place"]) == [0, DWELL_BANDS.index("2-4 h")]


def test_a_share_of_those_who_stayed_has_its_interval(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    rows = asked(
        release,
        f"""SELECT dwell_band IN ('2-4 h', '4-8 h', '>=8 h'), people,
                greatest(people - people_low, people_high - people)
            FROM {{dwell}} WHERE date = '{DAY}' AND zone_id = '21617'""",
    )
    whole = sum(people for _, people, _ in rows)
    share = sum(people for long, people, _ in rows if long) / whole
    half = sum(((1 - share if long else share) * error) ** 2 for long, _, error in rows) ** 0.5 / whole
    text = open_page(release, "dwell", zone="21617", day=DAY, lang="en").text
    assert f"95% interval: {100 * (share - half):.0f}% to {100 * (share + half):.0f}%" in text


def test_arrivals_are_told_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    page = open_page(release, "dwell", zone="21231", day=DAY, lang="en")
    rows = asked(
        release,
        f"""SELECT people, people_low, people_high, devices FROM {{dwell_by_arrival}}
            WHERE date = '{DAY}' AND zone_id = '21231'""",
    )
    assert len(rows) > 5
    table = next(each for each in page.tables if "Arrival" in each)
    told = zip(table["People"], table["Interval"], table["Devices"], strict=True)
    assert sorted(told) == sorted(
        (f"{people:,.0f}", f"{low:,.0f} to {high:,.0f}", f"{devices:,}") for people, low, high, devices in rows
    )


def test_people_of_several_hours_are_one_figure_and_never_spread_over_them(release: Path, store: Store) -> None:
    rows = store.ask(queries.DWELL_BY_ARRIVAL, zone="21231", day=DAY)
    boxes = runs(rows, 5)
    pooled = boxes["arrival_hour"].str.contains(r"\||all")
    assert pooled.any()
    assert boxes["people"][pooled].isna().all()
    of_one = asked(
        release,
        f"""SELECT sum(people) FROM {{dwell_by_arrival}}
            WHERE date = '{DAY}' AND zone_id = '21231' AND NOT contains(arrival_hour, '|') AND arrival_hour <> 'all'""",
    )
    assert boxes["people"].sum() == (of_one[0][0] or 0)


def test_the_box_of_a_pool_stands_over_each_run_of_its_hours() -> None:
    rows = pd.DataFrame({"value": ["1-2 h"] * 3, "arrival_hour": ["00|01|05|06", "08", "all"], "people": [90, 30, 50]})
    boxes = runs(rows.astype({"people": float}), 5)
    assert list(zip(boxes["start"], boxes["end"], strict=True)) == [(0, 2), (19, 21), (3, 4), (0, 24)]
    assert boxes["people"].fillna(-1).tolist() == [-1, -1, 30, -1]


def test_a_pool_of_hours_is_drawn_in_the_look_of_pools(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    taken: list[Taken] = []
    monkeypatch.setattr(buttons, "offer", lambda view, each: taken.append(each))
    open_page(release, "dwell", zone="21231", day=DAY, lang="en")
    (picture,) = (each for each in taken[0].pictures if each.name == "dwell_by_arrival")
    assert LIGHT.shared in picture.svg()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("08", "8 to 9 h"),
        ("23", "23 to 0 h"),
        ("04", "4 to 5 h"),
        ("21|22|23", "21 to 0 h"),
        ("00|01|05|06|22|23", "5 to 7 h + 22 to 2 h"),
        ("all", "any hour"),
    ],
)
def test_hours_of_arrival_are_told_as_runs_of_the_privacy_day(store: Store, value: str, said: str) -> None:
    view = View(store, "en", store.zones["21231"], store.release.days[0])
    assert hours_said(view, value, 5) == said


def test_nights_are_shares_of_all_who_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = publish(tmp_path / "release", whole_draft())
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(root))
    text = " ".join(open_page(root, "dwell", zone="B", day="2026-06-20", lang="en").text.split())
    ((people, low, high),) = asked(
        root, "SELECT people, people_low, people_high FROM {nights} WHERE date = '2026-06-20' AND zone_id = 'B'"
    )
    ((came,),) = asked(root, "SELECT people FROM {attendance} WHERE date = '2026-06-20' AND zone_id = 'B'")
    assert f"tourists {people:,.0f} ({low:,.0f} to {high:,.0f}) · {100 * people / came:.0f}%" in text
    assert "it is not zero" in text


@pytest.mark.parametrize(
    ("language", "sign", "title"),
    [("en", "'%'", "People who arrived, per hour"), ("fr", "'\u00a0%'", "Personnes arrivées, par heure")],
)
def test_charts_write_shares_as_the_language_does_and_say_what_colours_count(
    language: str, sign: str, title: str, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "dwell", zone="21617", day=DAY, lang=language)
    specs = [json.loads(chart.proto.spec) for chart in opened.app.get("vega_lite_chart")]
    layers = [layer["encoding"] for spec in specs for layer in spec.get("layer", [])]
    labels = [str((each.get("y", {}).get("axis") or {}).get("labelExpr", "")) for each in layers]
    colours = [str(each.get("color", {}).get("title", "")) for each in layers]
    assert any(label.endswith(sign) for label in labels)
    assert title in colours
