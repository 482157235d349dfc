from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from anonymization.guarantee import Guarantee
from dashboards import layout, queries
from dashboards.baseline import Baseline, Difference, Figure
from dashboards.choices import baselines
from dashboards.exports import buttons
from dashboards.exports.taken import Taken
from dashboards.split import classes
from dashboards.split.classes import differences, in_order, style_of
from dashboards.split.hourly import LINE, ROW, TALL, by_hour, height
from dashboards.split.origins import origin_name
from dashboards.split.otherwise import otherwise
from dashboards.store import Store, open_store
from dashboards.texts import value_name
from dashboards.view import View
from schemas.countries import COUNTRIES, DEPARTEMENTS
from schemas.indicators import INDICATORS
from tests.anonymization.releases import draft, publish, whole_draft
from tests.dashboards.festival import FIRST, USUAL
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain, within

DAY = CHANGE_OF_CLOCKS


@pytest.mark.parametrize(("indicator", "attribute"), [("attendance_by_age", "age_band"), ("attendance_by_spc", "spc")])
def test_the_page_states_every_class_of_a_zone_as_released(
    release: Path, monkeypatch: pytest.MonkeyPatch, indicator: str, attribute: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "profiles", zone="21171", day=DAY, lang="fr").text
    rows = asked(
        release,
        f"""SELECT {attribute}, people, people_low, people_high, sum(people) OVER () FROM {{{indicator}}}
            WHERE date = '{DAY}' AND zone_id = '21171'""",
    )
    assert len(rows) > 3
    for value, people, low, high, whole in rows:
        share = f"{100 * people / whole:.0f} %"
        written = f"{plain(people)} ({plain(low)} à {plain(high)}) · {share}"
        name = value_name(attribute, value, "fr").replace("\u00a0", " ")
        assert f"{name} {written}" in text.replace("   ", " ").replace("  ", " ")


@pytest.mark.parametrize("page", ["event", "profiles", "dwell"])
def test_every_page_with_intervals_says_what_they_do_not_cover(
    release: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    english, french = (open_page(release, page, zone="21171", day=DAY, lang=language).text for language in ("en", "fr"))
    assert english.count("does not cover a wrong market share, nor a bias of the positions") == 1
    assert french.count("ne couvre ni une part de marché fausse, ni un biais des positions") == 1


@pytest.mark.parametrize(("name", "row"), [("a" * (LINE - 1), ROW), ("a" * LINE, ROW), ("a " * LINE, TALL)])
def test_rows_by_the_hour_are_higher_where_a_name_needs_two_lines(name: str, row: int) -> None:
    assert height(["short", name, "short"]) == 3 * row


def test_merged_classes_name_all_that_they_merge() -> None:
    assert value_name("age_band", "55-64|65+|unknown", "en") == "55 to 64 + 65 and over + not known"
    assert value_name("age_band", "55-64|65+", "fr") == "55 à 64\u00a0ans + 65\u00a0ans et plus"
    assert value_name("spc", "3", "fr") == "Cadres et professions intellectuelles supérieures"
    assert [style_of(value) for value in ("18-24", "55-64|65+", "unknown", "foreign")] == [
        "plain",
        "merged",
        "apart",
        "apart",
    ]


def test_classes_stand_in_their_public_order_and_what_is_apart_comes_last(release: Path) -> None:
    rows = pd.DataFrame({"value": ["foreign", "unknown", "25-34", "<18|18-24", "65+"]})
    assert list(in_order("age_band", rows)["value"]) == ["<18|18-24", "25-34", "65+", "unknown", "foreign"]


def test_a_part_that_was_not_split_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", draft())))
    text = open_page(tmp_path, "profiles", zone="C", day="2026-06-20", lang="en").text
    assert "Not split. One class would hold almost everybody" in text.replace("**", "")


def test_a_pool_with_a_sensitive_place_is_not_split_and_says_why(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    for page in ("profiles", "dwell"):
        text = open_page(release, page, zone="stadium", day=DAY, lang="en").text
        assert "The figure counts a sensitive place too" in text
        assert "fewer than" not in text


def test_a_zone_without_a_figure_is_said_to_be_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = draft()
    for tables in content.tables.values():
        tables["attendance"] = tables["attendance"].slice(0, 2)
        del tables["attendance_by_spc"], tables["dwell"]
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", content)))
    for page in ("event", "profiles", "dwell"):
        text = open_page(tmp_path, page, zone="C", day="2026-06-20", lang="en").text
        assert "fewer than 20 holders of a line were counted here" in text
        assert "It is not zero." in text
        assert "interval" not in text or page == "event"


def test_categories_and_origins_are_told_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    page = open_page(release, "profiles", zone="21231", day=DAY, lang="fr")
    text = " ".join(page.text.split())
    rows = asked(
        release,
        f"""SELECT visitor_category, people, people_low, people_high, sum(people) OVER ()
            FROM {{attendance_by_category}} WHERE date = '{DAY}' AND zone_id = '21231'""",
    )
    assert len(rows) > 2
    for value, people, low, high, whole in rows:
        name, share = value_name("visitor_category", value, "fr"), f"{100 * people / whole:.0f} %"
        assert f"{name} {plain(people)} ({plain(low)} à {plain(high)}) · {share}" in text
        assert f"{name} : {share}" in text
    origins = asked(
        release,
        f"""SELECT origin, people, people_low, people_high FROM {{attendance_by_origin}}
            WHERE date = '{DAY}' AND zone_id = '21231' ORDER BY people DESC""",
    )
    table = next(each for each in page.tables if len(each) == len(origins))
    assert [each.replace("\u202f", " ") for each in table["Personnes"]].count(plain(origins[0][1])) >= 1
    assert sorted(each.replace("\u202f", " ") for each in table["Personnes"]) == sorted(
        plain(row[1]) for row in origins
    )


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        ("71", "Saône-et-Loire", "Saône-et-Loire"),
        ("21", "Côte-d’Or (elsewhere)", "Côte-d’Or (ailleurs)"),
        ("DE", "Germany", "Allemagne"),
        ("ZZ", "a country that is not known", "un pays non connu"),
        ("unknown", "domestic, place not known", "en France, lieu non connu"),
        ("BE|CH", "Belgium + Switzerland", "Belgique + Suisse"),
        ("AT|BE|CH|DE|FR", "Austria + Belgium + Switzerland and 2 more", "Autriche + Belgique + Suisse et 2 autres"),
        ("AT|BE|CH|DE", "Austria + Belgium + Switzerland + Germany", "Autriche + Belgique + Suisse + Allemagne"),
    ],
)
def test_origins_are_named_in_both_languages(store: Store, value: str, english: str, french: str) -> None:
    assert origin_name(value, store.zones, "en") == english
    assert origin_name(value, store.zones, "fr") == french


def test_a_commune_that_is_a_zone_has_the_name_of_the_zone(tmp_path: Path) -> None:
    content = whole_draft()
    content.zones["features"][0]["properties"]["name"] = "Dijon <b>&"
    zones = open_store(publish(tmp_path / "release", content), None).zones
    assert origin_name("21231|21", zones, "en") == "Dijon <b>& + Côte-d’Or (elsewhere)"


def test_every_place_that_an_origin_can_be_has_a_name(store: Store) -> None:
    for language in ("en", "fr"):
        assert all(origin_name(each, store.zones, language) != each for each in (*COUNTRIES, *DEPARTEMENTS))


def test_places_stand_by_size_and_what_is_not_known_comes_last() -> None:
    rows = pd.DataFrame({"value": ["unknown", "21", "71|89", "DE"], "people": [90.0, 20.0, 50.0, 20.0]})
    assert list(in_order("origin", rows)["value"]) == ["71|89", "21", "DE", "unknown"]


def test_classes_are_compared_with_the_median_of_usual_days_where_published_alike(fair: Store, festival: Path) -> None:
    found = compared_classes(fair, FIRST.isoformat(), "21231")
    usual = ", ".join(f"'{day.isoformat()}'" for day in USUAL)
    expected = asked(
        festival,
        f"""SELECT visitor_category, any_value(people) FILTER (date = '{FIRST}'),
                median(people) FILTER (date IN ({usual})), median(people_high) FILTER (date IN ({usual})),
                any_value(people_low) FILTER (date = '{FIRST}')
            FROM {{attendance_by_category}} WHERE zone_id = '21231' GROUP BY ALL""",
    )
    assert len(found) == len(expected) == 3
    for value, now, then, high, low in expected:
        assert (found[value].now.value, found[value].then.value, found[value].days) == (now, then, len(USUAL))
        assert found[value].significant == (low > high)
        assert found[value].significant


def test_a_usual_day_differs_from_others_by_nothing_significant(fair: Store) -> None:
    found = compared_classes(fair, USUAL[0].isoformat(), "21231")
    assert {each.significant for each in found.values()} == {False}
    assert {each.change for each in found.values()} == {0}


def compared_classes(store: Store, day: str, zone: str) -> dict[str, Difference]:
    chosen = next(each for each in store.release.days if each.date.isoformat() == day)
    baseline = baselines(store, store.zones[zone], chosen, None)["weekday"]
    view = View(store, "en", store.zones[zone], chosen, None, baseline)
    return differences(view, queries.BY_CATEGORY, view.ask(queries.BY_CATEGORY))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("resident", ""),
        ("tourist", "Not compared: 1 of 2, published otherwise, or not at all, on 24 October 2026, 25 October 2026."),
    ],
)
def test_a_class_that_was_published_otherwise_is_said_to_be_not_compared(store: Store, own: str, said: str) -> None:
    zone, day = store.zones["21231"], store.release.days[0]
    view = View(store, "en", zone, day, None, Baseline("weekday", zone, tuple(store.release.days[:2])))
    figure = Figure(50, 40, 60)
    found = {value: Difference(figure, figure, 2) for value in ("resident", "excursionist")}
    assert otherwise(view, pd.DataFrame({"value": ["excursionist", own]}), found) == said
    whole = otherwise(view, pd.DataFrame({"value": ["excursionist|tourist"]}), found)
    assert whole == "Not compared: published otherwise, or not at all, on 24 October 2026, 25 October 2026."
    assert otherwise(replace(view, baseline=None), pd.DataFrame({"value": ["tourist"]}), {}) == ""


def test_a_chart_without_a_comparison_says_why(fair: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(classes.st, "caption", told.append)
    day = next(each for each in fair.release.days if each.date == FIRST)
    zone = fair.zones["21231"]
    view = View(fair, "en", zone, day, None, baselines(fair, zone, day, None)["weekday"])
    rows = view.ask(queries.BY_CATEGORY)
    classes.show(view, INDICATORS["attendance_by_category"], rows.assign(value="resident|tourist"), {})
    classes.show(view, INDICATORS["attendance_by_category"], rows, differences(view, queries.BY_CATEGORY, rows))
    assert ["Not compared: published otherwise" in each for each in told] == [True, False]


@pytest.mark.parametrize(
    ("day", "language", "said"),
    [
        (FIRST, "en", "+300% "),
        (USUAL[0], "en", "±0%, not significant"),
        (USUAL[0], "fr", "±0 %, non significatif"),
    ],
)
def test_the_page_tells_what_each_class_is_compared_with(
    festival: Path, monkeypatch: pytest.MonkeyPatch, day: date, language: str, said: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    text = open_page(festival, "profiles", zone="21231", day=day.isoformat(), lang=language, base="weekday").text
    assert said in text
    three = day == FIRST
    against = {
        "en": f"Each class is compared with the {'median of 3' if three else 'mean of 2'} other Saturdays",
        "fr": f"Chaque classe est comparée à la {'médiane de 3' if three else 'moyenne de 2'} autres samedis",
    }
    assert against[language] in text


def test_hours_tell_shares_of_all_who_are_there(release: Path, store: Store) -> None:
    rows = store.ask(queries.PRESENCE_BY_AGE, zone="21231", day=DAY)
    found = by_hour(rows[rows["inside"]], "age_band")
    names = ", ".join(f"'{each}'" for each in within(release, "21231"))
    expected = asked(
        release,
        f"""WITH own AS (
                SELECT window_start, if(contains(age_band, '|'), 'together', age_band) AS value, sum(people) AS people
                FROM {{presence_by_age}}
                WHERE date = '{DAY}' AND list_has_all([{names}], string_split(zone_id, '|')) GROUP BY ALL
            )
            SELECT window_start, value, people, people / sum(people) OVER (PARTITION BY window_start) FROM own""",
    )
    told = {(row.window_start, row.value): (row.people, pytest.approx(row.share)) for row in found.itertuples()}
    assert told == {(pd.Timestamp(start), value): (people, share) for start, value, people, share in expected}
    assert set(found["status"][found["value"].isin(["together", "all"])]) <= {"pooled"}


def test_classes_by_hour_have_intervals_in_the_table_and_in_what_is_taken_away(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    taken: list[Taken] = []
    monkeypatch.setattr(buttons, "offer", lambda view, each: taken.append(each))
    page = open_page(release, "profiles", zone="21231", day=DAY, lang="en")
    names = ", ".join(f"'{each}'" for each in within(release, "21231"))
    bounds = asked(
        release,
        f"""WITH own AS (
                SELECT window_start, age_band AS value, sum(people) AS people,
                    sqrt(sum(power(people - people_low, 2))) AS below,
                    sqrt(sum(power(people_high - people, 2))) AS above
                FROM {{presence_by_age}}
                WHERE date = '{DAY}' AND list_has_all([{names}], string_split(zone_id, '|')) GROUP BY ALL
            )
            SELECT window_start, if(contains(value, '|'), 'together', value) AS class, sum(people),
                sum(greatest(floor((people - below) / 10) * 10, 0)), sum(ceil((people + above) / 10) * 10)
            FROM own GROUP BY ALL""",
    )
    (sheet,) = (each for each in taken[0].sheets if each.name == "presence_by_age")
    told = {(row.window_start, row.value): (row.people_low, row.people_high) for row in sheet.frame.itertuples()}
    assert told == {(pd.Timestamp(start), value): (low, high) for start, value, _, low, high in bounds}
    _, _, people, low, high = max(bounds, key=lambda row: row[2])
    said = f"{people:,.0f} ({low:,.0f} to {high:,.0f})"
    assert any(said in str(cell) for table in page.tables for cell in table.to_numpy().flat)
    (picture,) = (each for each in taken[0].pictures if each.name == "presence_by_age")
    assert picture.svg().startswith("<svg")


def test_under_differential_privacy_nothing_is_said_to_be_too_small(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(layout.st, "info", lambda text, icon: told.append(text))
    day = store.release.days[0]
    noisy = replace(day, terms=replace(day.terms, dp=Guarantee(1.0, 1e-6, 20.0, 8, 7, 96, 6, 2, 12.5)))
    layout.not_split(View(store, "en", store.zones["21231"], noisy), "21231")
    assert [each for each in told if "differential privacy" in each] == told != []
