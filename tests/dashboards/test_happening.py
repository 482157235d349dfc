"""The page of an event over a release by hand: every figure beside what DuckDB finds in the released files."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from anonymization.released import as_stated
from dashboards import choices
from dashboards.baseline import Figure
from dashboards.cache import Cache
from dashboards.happening import figures, movement, said, sheets, summary, usual
from dashboards.happening.between import between, edges
from dashboards.happening.course import Course, course_of
from dashboards.happening.period import Period, days_missing, of_event
from dashboards.happening.timeline import timeline
from dashboards.links import KEPT
from dashboards.store import Store
from dashboards.view import View
from tests.dashboards.festival import EDITION, FESTIVAL, FIRST, NAME, SECOND, TOGETHER, USUAL
from tests.dashboards.opened import asked, open_page, plain
from tests.exports import handmade

START, END = FESTIVAL.start, FESTIVAL.end
PARIS = ZoneInfo("Europe/Paris")


def view_of(store: Store, name: str = NAME, kind: str = "edition", language: str = "en") -> View:
    event = next(each for each in store.events if each.name == name)
    zone, day = store.zones[event.zone_id], store.day_of(event.start)
    return View(store, language, zone, day, event, choices.baselines(store, zone, day, event).get(kind))


def course(store: Store, kind: str = "edition") -> Course:
    return course_of(view_of(store, kind=kind))


def rows(release: Path, start: datetime, end: datetime) -> pd.DataFrame:
    """The published slots of commune A by itself, of an interval of time."""
    found = asked(
        release,
        f"""SELECT window_start, people, people_low, people_high FROM {{presence}}
            WHERE zone_id = '21231' AND window_start >= '{start.isoformat()}' AND window_start < '{end.isoformat()}'
            ORDER BY window_start""",
    )
    return pd.DataFrame(found, columns=["start", "people", "low", "high"])


def mean(found: pd.DataFrame) -> Figure:
    value, low, high = (found[name].mean() for name in ("people", "low", "high"))
    return Figure(round(value / 10) * 10, low // 10 * 10, -(-high // 10) * 10)


def peak(found: pd.DataFrame) -> Figure:
    row = found.loc[found["people"].idxmax()]
    return Figure(row["people"], row["low"], row["high"])


def test_the_slots_of_an_event_are_those_released_from_three_hours_before_to_three_after(
    festival: Path, fair: Store
) -> None:
    found = timeline(fair, of_event(fair, FESTIVAL))
    margin = timedelta(hours=3)
    expected = rows(festival, START - margin, END + margin)
    own = found[found["people"].notna()]
    assert [start.timestamp() for start in own["start"]] == [start.timestamp() for start in expected["start"]]
    assert list(own["people"]) == list(expected["people"])
    assert list(own["people_low"]) == list(expected["low"])
    assert len(found) == (END - START + 2 * margin) / timedelta(minutes=15)
    assert found["start"].iloc[0] == START - margin
    assert found["phase"].value_counts().to_dict() == {"during": 132, "before": 12, "after": 12}


def test_slots_that_are_counted_with_neighbours_have_no_figure_and_say_so(fair: Store) -> None:
    found = timeline(fair, of_event(fair, FESTIVAL))
    together = found[found["people"].isna()]
    assert [f"{start:%H:%M}" for start in together["start"]] == ["04:00", "04:15"]
    assert set(together["status"]) == {"pooled"}
    assert together["shared_people"].gt(0).all()
    assert set(found["status"]) == {"published", "pooled"}


def test_every_slot_of_several_days_has_a_name_of_its_own(fair: Store) -> None:
    names = timeline(fair, of_event(fair, FESTIVAL))["name"]
    assert names.is_unique
    assert {"20:15", "20:15d2", "01:45d2"} <= set(names)


@pytest.mark.parametrize(("date", "slots"), [("2026-03-28", 92), ("2026-10-24", 100)], ids=["23 hours", "25 hours"])
def test_a_day_on_which_the_clocks_change_has_all_its_slots_and_no_other(date: str, slots: int, tmp_path: Path) -> None:
    day = datetime.fromisoformat(date).date()
    text = f"window_start zone_id devices people\n{date}T12:00Z 21231 100 300"
    store = Store(handmade.release(tmp_path / "release", {day: {"presence": text}}), Cache(None))
    (only,) = store.release.days
    period = Period(store.zones["21231"], only, *(datetime.fromtimestamp(at / 1e6, PARIS) for at in _bounds(only)))
    found = timeline(store, period)
    assert len(found) == slots
    assert found["name"].is_unique
    assert found["people"].sum() == 300
    assert found["status"].value_counts().to_dict() == {"no_data": slots - 1, "published": 1}


def _bounds(day: object) -> tuple[int, int]:
    return day.terms.start, day.terms.end


def test_the_first_figures_are_the_peak_and_the_mean_of_the_hours_of_the_event(
    festival: Path, fair: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    during, before = rows(festival, START, END), rows(festival, EDITION.start, EDITION.end)
    most, average, then = peak(during), mean(during), peak(before)
    text = open_page(festival, event=NAME, base="edition", lang="fr").text
    change = round(100 * (most.value / then.value - 1))
    compared = f"+{change} % ({plain(then.value)} à la dernière édition)"
    between = f"intervalle à 95 % : {plain(most.low)} à {plain(most.high)}"
    assert f"Au plus fort {plain(most.value)} {compared} {between} personnes, " in text
    assert f"Présentes en moyenne {plain(average.value)} " in text
    assert f"intervalle à 95 % : {plain(average.low)} à {plain(average.high)}" in text
    assert f"dans {len(TOGETHER)} créneaux sur 132" in text


@pytest.mark.parametrize(("count", "slots"), [(1, "1 créneau sur 132"), (2, "2 créneaux sur 132")])
def test_one_slot_is_singular(fair: Store, count: int, slots: str) -> None:
    view = view_of(fair, language="fr")
    assert said.gaps(view, figures.Told(published=132 - count, degraded=count, all=132)) == (
        f"la zone n’a pas de chiffre propre dans {slots}",
        f"dans {slots} une cellule était muette ou en panne\u00a0: des personnes peuvent manquer",
    )


def test_each_day_has_those_who_came_and_their_sum_is_person_days_and_never_people(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    days = asked(
        festival,
        f"""SELECT people, people_low, people_high FROM {{attendance}}
            WHERE zone_id = '21231' AND date IN ('{FIRST}', '{SECOND}') ORDER BY date""",
    )
    text = open_page(festival, event=NAME, lang="fr").text
    for people, low, high in days:
        assert f"Venues dans la journée {plain(people)}" in text
        assert f"intervalle à 95 % : {plain(low)} à {plain(high)}" in text
    people, low, high = (sum(column) for column in zip(*days, strict=True))
    assert f"Personnes-jours {plain(people)} intervalle à 95 % : {plain(low)} à {plain(high)}" in text
    assert "rien ne relie un téléphone d’un jour à celui d’un autre" in text
    assert f"{plain(people)} personnes" not in text


def test_the_pooled_share_is_that_of_the_hours_of_the_event(festival: Path, fair: Store) -> None:
    ((everybody, single),) = asked(
        festival,
        f"""SELECT sum(people), coalesce(sum(people) FILTER (len(cells) = 1 AND (cells[1] >> 52) & 15 = 9), 0)
            FROM {{presence}}
            WHERE list_contains(string_split(zone_id, '|'), '21231')
                AND window_start >= '{START.isoformat()}' AND window_start < '{END.isoformat()}'""",
    )
    assert summary.pooled_share(view_of(fair), course(fair)) == pytest.approx(1 - single / everybody)


def test_the_last_edition_is_aligned_by_the_time_since_its_start(festival: Path, fair: Store) -> None:
    (edition,) = course(fair).like["edition"]
    beside = pd.DataFrame({"here": course(fair).slots.set_index("step")["start"]})
    beside["then"] = edition.slots.set_index("step")["start"]
    apart = {(here - then) for here, then in beside.dropna().itertuples(index=False)}
    assert apart == {START - EDITION.start}


def test_usual_days_are_those_of_the_same_weekday_without_events_and_their_median_is_drawn(
    festival: Path, fair: Store
) -> None:
    found = course(fair, "weekday")
    assert [each.period.day.date for each in found.like["weekday"]] == list(USUAL)
    drawn = usual.usual_range(found.slots, [each.slots for each in found.like["weekday"]])
    dates = ", ".join(f"'{day}'" for day in USUAL)
    expected = asked(
        festival,
        f"""SELECT strftime(window_start AT TIME ZONE 'Europe/Paris', '%H:%M') AS clock, median(people),
                quantile_cont(people, 0.1), quantile_cont(people, 0.9)
            FROM {{presence}}
            WHERE zone_id = '21231' AND date IN ({dates}) GROUP BY clock""",
    )
    by_clock = {clock: (median, low, high) for clock, median, low, high in expected}
    clocks = {row.step: f"{row.start:%H:%M}" for row in found.slots.itertuples()}
    compared = 0
    for row in drawn.dropna().itertuples():
        assert (row.median, row.low, row.high) == pytest.approx(by_clock[clocks[row.step]])
        compared += 1
    # From three hours before to the end of the privacy day, but for the slots that are counted with neighbours.
    assert compared == 72 - len(TOGETHER)


@pytest.mark.parametrize(("days", "drawn"), [(2, False), (3, True), (4, True)])
def test_a_range_of_usual_days_needs_three(days: int, drawn: bool) -> None:
    slots = pd.DataFrame({"step": [0, 1], "people": [10.0, None]})
    others = [slots.assign(people=[100.0 * number, 50.0]) for number in range(days)]
    found = usual.usual_range(slots, others)
    assert (found is not None) == drawn
    assert (usual.one_by_one(slots, others) is None) == drawn
    if found is not None:
        assert found["median"].tolist() == [50.0 * (days - 1), 50.0]


def test_before_during_and_after_are_means_and_peaks_of_their_hours(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    margin = timedelta(hours=3)
    opened = open_page(festival, event=NAME, lang="fr")
    table = next(table for table in opened.tables if "3 h avant" in table.index)
    phases = {"3 h avant": (START - margin, START), "Pendant": (START, END), "3 h après": (END, END + margin)}
    for name, (start, end) in phases.items():
        found = rows(festival, start, end)
        assert table.loc[name, "En moyenne"] == plain(mean(found).value)
        assert table.loc[name, "Intervalle"] == f"{plain(mean(found).low)} à {plain(mean(found).high)}"
        assert table.loc[name, "Au plus fort"] == plain(peak(found).value)
        slots = (end - start) // timedelta(minutes=15)
        assert table.loc[name, "Créneaux avec un chiffre"] == f"{len(found)} sur {slots}"


def test_between_two_hours_are_the_figures_of_these_hours(festival: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    start, end = START.replace(hour=18), START.replace(hour=21, minute=30)
    found = rows(festival, start, end)
    opened = open_page(festival, event=NAME, lang="fr", **{"from": "18:00", "to": "21:30"})
    hours = [found[name].sum() / 4 for name in ("people", "low", "high")]
    assert f"Présentes en moyenne {plain(mean(found).value)} " in opened.text
    assert f"Personnes-heures {plain(round(hours[0] / 10) * 10)}" in opened.text
    assert f"{plain(hours[1] // 10 * 10)} à {plain(-(-hours[2] // 10) * 10)}" in opened.text
    assert "personnes différentes venues entre deux heures n’est pas publié" in opened.text


@pytest.mark.parametrize("wrong", ["18:00", "12:00", "99:99", "'; DROP TABLE presence; --"])
def test_an_end_that_is_not_after_the_start_is_replaced(
    wrong: str, festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    app = open_page(festival, event=NAME, **{"from": "18:00", "to": wrong}).app
    assert (app.query_params["from"], app.query_params["to"]) == ("18:00", "23:00d2")


def test_person_hours_with_missing_slots_are_not_compared(fair: Store) -> None:
    found, places = course(fair), edges(course(fair))
    with_gap = between(found, places["03:00"], places["04:45"])
    assert with_gap.told.missing == len(TOGETHER)
    assert with_gap.hours_change is None
    whole = between(found, places["15:00"], places["17:00"])
    assert whole.told.missing == 0
    assert whole.hours_change is not None


def test_the_net_change_is_that_of_the_first_slots_of_two_hours(festival: Path, fair: Store) -> None:
    expected = {row.start.timestamp(): row for row in rows(festival, START - timedelta(hours=3), END).itertuples()}
    found = course(fair)
    compared = 0
    for hour in movement.hours(view_of(fair), found):
        start = found.slots.loc[hour.place, "start"].timestamp()
        if hour.change is None or start + 3600 not in expected:
            continue
        now, then = expected[start + 3600], expected[start]
        assert hour.change == Figure(now.people - then.people, now.low - then.high, now.high - then.low)
        compared += 1
    assert compared > 25


def test_nothing_is_said_of_the_change_from_one_privacy_day_to_the_next(fair: Store) -> None:
    found = course(fair)
    by_clock = {found.slots.loc[hour.place, "start"]: hour for hour in movement.hours(view_of(fair), found)}
    night = by_clock[datetime(2026, 7, 26, 4, tzinfo=PARIS)]
    assert not night.linked
    assert night.change is None
    assert by_clock[datetime(2026, 7, 26, 3, tzinfo=PARIS)].change is None
    assert by_clock[datetime(2026, 7, 25, 18, tzinfo=PARIS)].linked


def test_trips_are_those_published_for_the_zone_by_itself(festival: Path, fair: Store) -> None:
    found = course(fair)
    ends = {"arrived": "destination_zone_id", "left": "origin_zone_id"}
    for name, column in ends.items():
        expected = asked(
            festival,
            f"""SELECT window_start, sum(people) FROM {{flows}}
                WHERE {column} = '21231' AND window_start >= '{found.slots["start"].iloc[0].isoformat()}'
                    AND window_start < '{found.slots["end"].iloc[-1].isoformat()}'
                GROUP BY ALL ORDER BY window_start""",
        )
        hours = [(hour, getattr(hour, name)) for hour in movement.hours(view_of(fair), found)]
        shown = {found.slots.loc[hour.place, "start"].timestamp(): figure.value for hour, figure in hours if figure}
        assert shown == {start.timestamp(): people for start, people in expected}


def test_a_zone_without_presence_of_its_own_is_shown_without_a_figure_and_without_a_zero(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    text = open_page(festival, event="Few", lang="en").text
    assert "Came in the day" in text
    assert "Presence is published here only together with neighbours" in text
    assert "Nothing was published of the zone by itself between these hours" in text
    assert " 0 people" not in text
    assert "at the last edition" not in text


def test_a_sensitive_place_has_no_curve(festival: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    opened = open_page(festival, event="Care", lang="en")
    assert "Sensitive place." in opened.text
    assert "Before, during, after" not in opened.text
    assert not opened.pictures


def test_an_event_that_begins_on_no_day_of_the_release_is_not_offered(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    app = open_page(festival, lang="en").app
    assert app.selectbox(key="event").options == ["Fête 2025", "Care", "Few", NAME, "another zone and day"]


def test_another_zone_and_day_can_be_asked_about_and_has_no_before_and_after(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    opened = open_page(festival, event="-", zone="B", day=FIRST.isoformat(), lang="en")
    assert "Zone B" in opened.text
    assert "Before, during, after" not in opened.text
    assert opened.app.query_params["to"] == "end"


def test_a_name_is_never_read_as_html(festival: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    opened = open_page(festival, event=NAME, lang="en")
    assert NAME in opened.text
    assert "<script>alert" not in opened.html
    assert "Dijon <b>&" not in opened.html
    assert all("Dijon <b>&" not in picture for picture in opened.pictures)


def test_the_sheets_say_what_kind_each_figure_is(fair: Store) -> None:
    view, found = view_of(fair), course(fair)
    slots = sheets.of_slots(view, found).frame
    assert slots["status"].value_counts().to_dict() == {"published": 154, "pooled": 2}
    assert slots["people"][slots["status"] == "pooled"].isna().all()
    hours = sheets.of_hours(view, found, movement.hours(view, found)).frame
    assert (hours["change"].isna() == (hours["status"] == "no_data")).all()
    days = sheets.of_days(view, summary.days(view, found)).frame
    assert days["status"].tolist() == ["published", "published"]
    assert days["came"].tolist() == [1600, 1200]
    start = found.slots["start"].iloc[20]
    areas = sheets.of_map(view, start).frame
    assert areas["zone_id"].tolist() == ["21231"]
    assert areas["status"].tolist() == ["pooled"]


def test_figures_of_slots_are_those_of_the_slots_that_have_one() -> None:
    start = datetime(2026, 6, 20, 12, tzinfo=PARIS)
    slots = pd.DataFrame(
        {
            "start": [start + number * timedelta(minutes=30) for number in range(3)],
            "end": [start + number * timedelta(minutes=30) for number in range(1, 4)],
            "people": [100.0, None, 130.0],
            "people_low": [80.0, None, 105.0],
            "people_high": [120.0, None, 155.0],
            "status": ["published", "pooled", "degraded"],
        }
    )
    assert figures.average(slots) == Figure(120, 90, 140)
    assert figures.greatest(slots) == Figure(130, 105, 155)
    assert figures.person_hours(slots) == Figure(120, 90, 140)
    assert figures.told(slots) == figures.Told(published=2, degraded=1, all=3)
    nothing = slots.assign(people=None, people_low=None, people_high=None).astype({"people": float})
    assert figures.average(nothing) is None
    assert figures.greatest(nothing) is None
    assert figures.person_hours(nothing) is None


def test_a_release_says_which_days_of_an_event_it_does_not_hold(festival: Path, fair: Store) -> None:
    assert not days_missing(fair, of_event(fair, FESTIVAL))
    (usual_day, *_) = course(fair, "weekday").like["weekday"]
    assert [day.isoformat() for day in days_missing(fair, usual_day.period)] == ["2026-06-21"]
    assert as_stated(festival).events()[0].name == "Long ago"


def test_figures_on_cards_are_plain_numbers_and_their_unit_stands_below(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    html = open_page(festival, event=NAME, lang="en").html
    written = re.findall(r'class="hx-figure">([^<]*)<', html)
    assert len(written) >= 6
    assert not [each for each in written if "people" in each]


def test_the_event_leads_to_who_came_how_long_the_map_and_the_flows_with_its_zone_and_day(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    opened = open_page(festival, event=NAME, lang="en", t="20:15d2")
    links = {link.proto.label: link.proto for link in opened.app.get("page_link")}
    assert list(links) == ["Who came", "How long they stayed", "The map", "The flows"]
    for link in links.values():
        asked = parse_qs(link.query_string)
        assert (asked["zone"], asked["day"], asked["event"]) == (["21231"], [FIRST.isoformat()], [NAME])
        assert set(asked) <= set(KEPT)


def test_the_english_page_has_no_space_before_a_colon_or_a_semicolon(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    text = open_page(festival, event=NAME, base="edition", lang="en").text
    assert "3 h before: " in text
    assert not re.findall(r"\w[^\n]{0,20} [:;] ", text)


def test_the_pooled_share_has_one_name_and_the_hours_that_it_is_of(
    festival: Path, fair: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    chosen = {"zone": "21231", "day": FIRST.isoformat(), "lang": "en"}
    share = summary.pooled_share(view_of(fair), course(fair))
    event = open_page(festival, event=NAME, lang="en", t="20:15").text
    assert f"Pooled share {round(100 * (share or 0))}% of the people counted here during the event are" in event
    assert re.search(r"Pooled share: \d+% of the people counted here at 20:15 are", event)
    ((whole, single),) = asked(
        festival,
        f"""SELECT sum(people), coalesce(sum(people) FILTER (len(cells) = 1 AND (cells[1] >> 52) & 15 = 9), 0)
            FROM {{presence}} WHERE list_contains(string_split(zone_id, '|'), '21231') AND date = '{FIRST}'""",
    )
    said = f"Pooled share {100 * (1 - single / whole):.0f}% of the people counted here over the day are"
    for text in (open_page(festival, "overview", **chosen).text, open_page(festival, event="-", **chosen).text):
        assert said in text
        assert "hidden for privacy" not in text
