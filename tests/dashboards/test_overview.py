from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboards import queries
from dashboards.baseline import Baseline, Difference, Figure
from dashboards.overview import calendar
from dashboards.overview.keyfigures import Compared, alike, compared_with, of_day, points
from dashboards.overview.sentences import sentences
from dashboards.overview.summary import AWAY, Peak, Summary, summary_of
from dashboards.page import all_pages
from dashboards.pages.overview import figures_table
from dashboards.split.shares import middle_of, share_of
from dashboards.store import Store
from dashboards.view import View
from schemas.vocabulary import DWELL_BANDS
from tests.dashboards.festival import FIRST, USUAL, publish_festival
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain, within

DAY = CHANGE_OF_CLOCKS
ZONE = "21231"
PARIS = ZoneInfo("Europe/Paris")


def peak_of(release: Path, zone: str, day: str) -> tuple:
    """The slot with the most people in parts that lie in a zone: people, devices, start."""
    names = ", ".join(f"'{each}'" for each in within(release, zone))
    (row,) = asked(
        release,
        f"""SELECT sum(people) AS people, sum(devices), window_start FROM {{presence}}
            WHERE date = '{day}' AND list_has_all([{names}], string_split(zone_id, '|'))
            GROUP BY window_start ORDER BY people DESC, window_start LIMIT 1""",
    )
    return row


def classes(*rows: tuple[str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["value", "people"])
    return frame.assign(people_low=frame["people"] - 10, people_high=frame["people"] + 10)


@pytest.mark.parametrize("zone", ["21231", "21171", "21617"])
def test_the_summary_is_that_of_the_released_files(release: Path, store: Store, zone: str) -> None:
    found = summary_of(store, store.zones[zone], store.release.days[0])
    people, devices, start = peak_of(release, zone, DAY)
    assert found.peak is not None
    assert (found.peak.people.value, found.peak.devices, found.peak.start) == (people, devices, start)
    ((came, low, high),) = asked(
        release,
        f"SELECT people, people_low, people_high FROM {{attendance}} WHERE date = '{DAY}' AND zone_id = '{zone}'",
    )
    assert found.came == Figure(came, low, high)
    ((away, whole),) = asked(
        release,
        f"""SELECT sum(people) FILTER (NOT contains(visitor_category, 'resident')), sum(people)
            FROM {{attendance_by_category}} WHERE date = '{DAY}' AND zone_id = '{zone}'""",
    )
    assert found.away is not None
    assert found.away.least == pytest.approx(away / whole)
    assert found.away.low < found.away.least < found.away.high
    ((band,),) = asked(
        release,
        f"""WITH bands AS (
                SELECT list_position({list(DWELL_BANDS)}, dwell_band) AS place, people FROM {{dwell}}
                WHERE date = '{DAY}' AND zone_id = '{zone}'
            ), passed AS (
                SELECT place, sum(people) OVER (ORDER BY place) AS people, sum(people) OVER () AS whole FROM bands
            )
            SELECT min(place) FROM passed WHERE 2 * people >= whole""",
    )
    assert found.dwell is not None
    assert (found.dwell.first, found.dwell.last) == (band - 1, band - 1)


def test_the_page_states_the_figures_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    people, _, start = peak_of(release, ZONE, DAY)
    ((came, low, high),) = asked(
        release,
        f"SELECT people, people_low, people_high FROM {{attendance}} WHERE date = '{DAY}' AND zone_id = '{ZONE}'",
    )
    text = open_page(release, "overview", zone=ZONE, day=DAY, lang="fr").text
    local = start.astimezone(PARIS)
    clock = f"{local.hour} h" + (f" {local:%M}" if local.minute else "")
    assert f"Au plus fort {plain(people)} " in text
    assert f"personnes, de {clock} à" in text
    assert f"Venues dans la journée {plain(came)} intervalle à 95 % : {plain(low)} à {plain(high)}" in text
    assert f"{plain(came)} personnes ({plain(low)} à {plain(high)}) sont venues, au moins 15 minutes." in text


def test_the_overview_is_the_page_without_a_path(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    first, named = (open_page(release, path, zone=ZONE, day=DAY, lang="en") for path in ("", "overview"))
    assert first.text == named.text
    assert "Most at once" in first.text


def test_the_line_on_every_page_frames_the_figures(
    release: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    head = store.release.head[:12]
    for page in ("overview", "profiles", "audit"):
        opened = open_page(release, page, zone=ZONE, day=DAY, lang="fr")
        line = f"samedi 24 octobre 2026, de 5 h à 5 h le lendemain · k = 20 cartes SIM · publication {head} · "
        assert line in " ".join(opened.text.split())
        assert "Données simulées" in opened.text
        assert f'href="audit?day={DAY}&amp;lang=fr&amp;zone={ZONE}"' in opened.html


@pytest.mark.parametrize(
    ("values", "least", "most"),
    [
        ((("resident", 60.0), ("tourist", 40.0)), 0.4, 0.4),
        ((("resident|tourist", 60.0), ("foreign tourist", 40.0)), 0.4, 1.0),
        ((("all", 100.0),), 0.0, 1.0),
    ],
)
def test_a_share_lies_between_what_merged_classes_allow(values: tuple, least: float, most: float) -> None:
    found = share_of(classes(*values), AWAY)
    assert found is not None
    assert (found.least, found.most) == (least, most)
    assert found.low <= least
    assert most <= found.high
    assert (found.figure is None) == (least != most)


def test_the_interval_of_a_share_is_that_of_a_quotient_of_independent_counts() -> None:
    found = share_of(classes(("resident", 60.0), ("tourist", 40.0)), AWAY)
    assert found is not None
    assert found.high - found.least == pytest.approx(((0.6 * 10) ** 2 + (0.4 * 10) ** 2) ** 0.5 / 100)


def test_links_to_the_other_pages_keep_their_order_below_each_other(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    links = open_page(release, "overview", zone=ZONE, day=DAY, lang="en").app.get("page_link")
    assert [link.proto.label for link in links] == [page.title.en for page in all_pages()[1:]]


@pytest.mark.parametrize(
    ("values", "english", "french"),
    [
        ((("tourist", 40.0), ("excursionist", 60.0)), "no residents are published", "aucun résident n’est publié"),
        ((("resident", 60.0),), "only residents are published", "seuls des résidents sont publiés"),
    ],
)
def test_a_class_without_a_row_is_no_published_zero(store: Store, values: tuple, english: str, french: str) -> None:
    share = share_of(classes(*values), AWAY)
    now = Summary(ZONE, Figure(100, 90, 110), 60, None, None, share, None)
    for language, said in (("en", english), ("fr", french)):
        view = View(store, language, store.zones[ZONE], store.release.days[0])
        card = list(of_day(view, compared_with(now, [now])))[-1]
        assert card.figure == "—"
        assert card.lines[0] == said
        assert "%" not in " ".join((card.figure, *card.lines, *card.compared))
    assert "not_resident" not in set(figures_table(compared_with(now, [now]))["figure"])


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ((("<30 min", 49.0), ("30-60 min", 51.0)), 1, 1),
        ((("<30 min", 50.0), ("30-60 min", 50.0)), 0, 1),
        ((("<30 min", 51.0), ("30-60 min", 49.0)), 0, 0),
        ((("<30 min|30-60 min", 60.0), ("1-2 h", 40.0)), 0, 1),
        ((("<30 min|>=8 h", 30.0), ("1-2 h", 45.0), ("2-4 h", 25.0)), 2, 3),
        ((("all", 100.0),), 0, 5),
    ],
)
def test_the_median_is_in_the_bands_that_merged_ones_allow(values: tuple, first: int, last: int) -> None:
    found = middle_of(classes(*values), DWELL_BANDS)
    assert found is not None
    assert (found.first, found.last) == (first, last)
    assert found.low <= first
    assert last <= found.high


def test_intervals_widen_the_bands_that_may_hold_the_median() -> None:
    found = middle_of(classes(("<30 min", 45.0), ("30-60 min", 55.0)), DWELL_BANDS)
    assert found is not None
    assert (found.first, found.last, found.low, found.high) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        (2, "(40,460, mean of 2 Saturdays)", "(40 460, moyenne de 2 samedis)"),
        (3, "(40,460, median of 3 Saturdays)", "(40 460, médiane de 3 samedis)"),
    ],
)
def test_what_is_compared_with_is_in_tens_and_that_of_two_days_is_their_mean(
    store: Store, days: int, english: str, french: str
) -> None:
    day, *_ = (each for each in store.release.days if each.date.weekday() == 5)
    baseline = Baseline("weekday", store.zones[ZONE], ())
    found = Difference(Figure(100_000, 90_000, 110_000), Figure(40_455, 40_000, 41_000), days)
    for language, said in (("en", english), ("fr", french)):
        view = View(store, language, store.zones[ZONE], day, baseline=baseline)  # type: ignore[arg-type]
        assert said in view.difference(found).replace("\u202f", " ")
        assert ("40,460" if language == "en" else "40\u202f460") in view.against(found)


@pytest.mark.parametrize(
    ("greatest", "quarter"), [(0, 10), (40, 10), (41, 20), (35_980, 9000), (36_000, 9000), (36_010, 9500), (120, 30)]
)
def test_the_colours_of_the_calendar_have_round_numbers(greatest: float, quarter: float) -> None:
    assert calendar.top(greatest) == 4 * quarter


def told(store: Store, then: Figure | None, language: str, days: int = 4) -> list[str]:
    """The sentences of 1,000 people (950 to 1,050), compared with others."""
    now = Figure(1000, 950, 1050)
    start = pd.Timestamp("2026-10-24T13:00Z").to_pydatetime()
    summary = Summary(ZONE, now, 300, Peak(now, 300, start, 96), None, None, 0.0)
    difference = None if then is None else Difference(now, then, days)
    view = View(store, language, store.zones[ZONE], store.release.days[0])  # type: ignore[arg-type]
    return [
        each.replace("\u202f", " ").replace("\u00a0", " ") for each in sentences(view, _compared(summary, difference))
    ]


def _compared(summary: Summary, difference: Difference | None) -> Compared:
    return Compared(summary, difference, None, None, None)


@pytest.mark.parametrize(
    ("then", "english", "french"),
    [
        (None, "came for at least 15 minutes.", "sont venues, au moins 15 minutes."),
        (
            Figure(800, 750, 850),
            "That is 25% more than at the last edition (800).",
            "C’est 25 % de plus qu’à la dernière édition (800).",
        ),
        (
            Figure(1250, 1200, 1300),
            "That is 20% fewer than at the last edition (1,250).",
            "C’est 20 % de moins qu’à la dernière édition (1 250).",
        ),
        (
            Figure(900, 850, 950),
            "The difference is not significant (against 900 at the last edition): the intervals overlap.",
            "L’écart n’est pas significatif (par rapport à 900 à la dernière édition) : les intervalles se recouvrent.",
        ),
    ],
)
def test_sentences_tell_a_difference_only_where_intervals_are_apart(
    store: Store, then: Figure | None, english: str, french: str
) -> None:
    assert told(store, then, "en")[0].endswith(english)
    assert told(store, then, "fr")[0].endswith(french)


def test_a_figure_that_is_not_published_has_no_sentence(store: Store) -> None:
    view = View(store, "en", store.zones[ZONE], store.release.days[0])
    assert sentences(view, _compared(Summary("", None, 0, None, None, None, None), None)) == []


@pytest.mark.parametrize(("now", "then", "said"), [(31, 30, "+1 point"), (28, 30, "−2 points"), (30, 30, "±0 point")])
def test_points_are_singular_or_plural(store: Store, now: float, then: float, said: str) -> None:
    view = View(store, "fr", store.zones[ZONE], store.release.days[0])
    assert points(view, Difference(Figure(now, now, now), Figure(then, then, then), 1)) == said


def test_the_calendar_has_the_most_people_of_each_hour(release: Path, store: Store) -> None:
    names = ", ".join(f"'{each}'" for each in within(release, ZONE))
    expected = asked(
        release,
        f"""SELECT date::VARCHAR, window_start, sum(people) FROM {{presence}}
            WHERE list_has_all([{names}], string_split(zone_id, '|')) GROUP BY ALL""",
    )
    by_hour: dict[tuple[str, str], float] = {}
    for day, start, people in expected:
        local = start.astimezone(PARIS)
        key = (day, f"{local:%H}" + ("b" if local.fold else ""))
        by_hour[key] = max(by_hour.get(key, 0), people)
    cells = calendar_of(store, ZONE)
    found = {(row.day, row.hour): row.people for row in cells.itertuples() if row.status == "published"}
    assert found == by_hour
    assert len(cells[cells["day"] == DAY]) == 25


def test_hours_without_a_figure_are_pooled_or_empty_and_never_zero(thin_store: Store) -> None:
    cells = calendar_of(thin_store, "21617")
    assert set(cells["status"]) == {"published", "pooled"}
    assert cells["people"][cells["status"] != "published"].isna().all()
    assert (cells["people"][cells["status"] == "published"] > 0).all()


def test_dates_without_a_day_in_the_release_are_no_data(store: Store) -> None:
    days = store.release.days
    rows = store.ask(queries.PRESENCE_BY_HOUR_OF_DAYS, zone=ZONE, first_day="2026-10-20", last_day="2026-10-25")
    cells = calendar.hours(days, date(2026, 10, 22), date(2026, 10, 25), rows)
    assert set(cells["status"][cells["day"] < "2026-10-24"]) == {"no_data"}
    assert list(cells["day"].unique()) == ["2026-10-22", "2026-10-23", "2026-10-24", "2026-10-25"]


def test_the_colours_of_the_calendar_have_numbers_beside_them_up_to_the_most(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    people, _, _ = max(peak_of(release, ZONE, day) for day in (DAY, "2026-10-25"))
    html = plain_spaces(open_page(release, "overview", zone=ZONE, day=DAY, lang="fr").html)
    end = calendar.top(people)
    assert people <= end < 2 * people
    numbers = "".join(f"<span>{plain(share * end / 4)}</span>" for share in range(5))
    assert f'<div class="hx-numbers">{numbers}</div>' in html


def plain_spaces(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def calendar_of(store: Store, zone: str) -> pd.DataFrame:
    days = store.release.days
    first, last = calendar.window(days, days[-1])
    rows = store.ask(
        queries.PRESENCE_BY_HOUR_OF_DAYS, zone=zone, first_day=first.isoformat(), last_day=last.isoformat()
    )
    return calendar.hours(days, first, last, rows)


def test_a_sensitive_place_has_no_calendar_and_no_peak(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "overview", zone="hospital", day=DAY, lang="en")
    assert "Came in the day" in opened.text
    assert "hour by hour" not in opened.text
    assert "Most at once" not in opened.text


def test_an_event_stands_out_and_a_usual_day_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = publish_festival(tmp_path / "release")
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(root))
    usual = ", ".join(f"'{day.isoformat()}'" for day in USUAL)
    ((now, then),) = asked(
        root,
        f"""SELECT any_value(people) FILTER (date = '{FIRST}'), median(people) FILTER (date IN ({usual}))
            FROM {{attendance}} WHERE zone_id = '21231'""",
    )
    more = f"{100 * (now - then) / then:.0f}%"
    text = open_page(root, "overview", zone=ZONE, day=FIRST.isoformat(), lang="en", base="weekday").text
    assert f"That is {more} more than the median of 3 other Saturdays ({then:,.0f})." in text
    assert f"+{more} ({then:,.0f}, median of 3 Saturdays) 95% interval" in " ".join(text.split())
    text = open_page(root, "overview", zone=ZONE, day=USUAL[1].isoformat(), lang="fr", base="weekday").text
    assert f"L’écart n’est pas significatif (par rapport à {plain(then)}, la moyenne de 2 autres samedis)" in text
    text = open_page(root, "overview", zone=ZONE, day=FIRST.isoformat(), lang="en", base="none").text
    assert "median of" not in text
    assert "more than" not in text


def test_a_pool_is_compared_with_the_same_pool_only() -> None:
    assert [alike(*pair) for pair in (("A", "A"), ("A", "B"), ("A|B", "A|B"), ("A|B", "A"), ("A", "A|B"))] == [
        True,
        True,
        True,
        False,
        False,
    ]
