import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from anonymization.happenings import Happening
from dashboards import queries, slots
from dashboards.arithmetic import index, minus, summed
from dashboards.baseline import Difference, Figure
from dashboards.comparing import multiples, subjects
from dashboards.comparing.compared import of_classes
from dashboards.exports import csv, pictures, xlsx
from dashboards.exports.taken import Taken
from dashboards.store import Store
from dashboards.view import View
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS
SUNDAY = "2026-10-25"


def attendance(release: Path, zone: str, day: str) -> tuple[float, float, float]:
    """People who came to a zone and their interval."""
    (row,) = asked(
        release,
        f"SELECT people, people_low, people_high FROM {{attendance}} WHERE date = '{day}' AND zone_id = '{zone}'",
    )
    return row


def test_the_page_states_the_attendance_of_each_as_released(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    text = open_page(release, "compare", a=f"21231@{DAY}", b=f"21166@{DAY}", c=f"21231@{SUNDAY}", lang="fr").text
    for zone, day in (("21231", DAY), ("21166", DAY), ("21231", SUNDAY)):
        people, low, high = attendance(release, zone, day)
        assert f"Venues dans la journée {plain(people)} intervalle à 95 % : {plain(low)} à {plain(high)}" in text


def test_the_table_states_differences_with_their_intervals(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    (base, base_low, base_high), (people, low, high) = (attendance(release, zone, DAY) for zone in ("21166", "21231"))
    assert people < base
    opened = open_page(release, "compare", a=f"21166@{DAY}", b=f"21231@{DAY}", lang="en")
    figures, differences = opened.tables[-2:]
    assert differences.index[0] == "B · Came in the day"
    difference, said, sure = differences.iloc[0]
    least, most = low - base_high, high - base_low
    assert difference == f"−{base - people:,.0f} (−{-least:,.0f} to −{-most:,.0f})"
    assert said.startswith(f"{100 * people / base:,.0f} (")
    assert sure == ("yes" if high < base_low else "not significant")
    assert figures.shape[1] == 2


def test_the_same_twice_differs_by_nothing_that_is_significant(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", b=f"21231@{DAY}", lang="en")
    table = opened.tables[-1]
    compared = table[~table.iloc[:, 0].str.startswith("not compared")]
    assert len(compared) > 3
    assert compared.iloc[:, 0].str.startswith("0 (−").all()
    assert (compared.iloc[:, 2] == "not significant").all()


def test_zones_that_are_counted_with_others_are_shown_and_not_compared(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", b=f"stadium@{DAY}", lang="en")
    assert "Counted together:" in opened.text
    assert opened.tables[-1].iloc[0, 0] == "not compared: B has no figure of its own"
    assert " 0 people" not in opened.text


def test_residents_and_others_add_up_to_the_published_classes(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    rows = asked(
        release,
        f"""SELECT visitor_category, people FROM {{attendance_by_category}}
            WHERE date = '{DAY}' AND zone_id = '21231'""",
    )
    assert {value for value, _ in rows} != {"all"}
    assert not any("resident|" in value or "|resident" in value for value, _ in rows)
    others = sum(people for value, people in rows if value != "resident")
    text = open_page(release, "compare", a=f"21231@{DAY}", lang="en").text
    assert f"Not residents {others:,.0f} 95% interval" in text


@pytest.mark.parametrize(("people", "said"), [(8760, False), (8770, True), (8800, True)])
def test_a_sum_of_classes_that_is_no_less_than_those_who_came_says_that_it_is_rounding(
    store: Store, people: float, said: bool
) -> None:
    view = View(store, "en", store.zones["21231"], store.release.days[0])
    note = of_classes(view, Figure(people, people, people), Figure(8770, 8480, 9060), 3)
    assert note.endswith("sum of 3 published classes, each rounded")
    assert note.startswith("as many as came, within rounding") == said


def test_the_address_names_what_is_compared_and_no_more(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", b="'; DROP TABLE presence; --", c="21231@1999-01-01")
    app = opened.app
    assert one(app, "a") == f"21231@{DAY}"
    assert not [key for key in ("b_zone", "c_zone") if any(box.key == key for box in app.selectbox)]
    app.button(key="add").click().run()
    assert not app.exception
    assert one(app, "b") == f"21231@{DAY}"
    app.selectbox(key="b_zone").select("21166").run()
    assert one(app, "b") == f"21166@{DAY}"
    for _ in range(2):
        app.button(key="add").click().run()
    assert [one(app, slot) for slot in subjects.SLOTS][1:] == [f"21166@{DAY}"] * 3
    assert not [button for button in app.button if button.key == "add"]
    app.button(key="b_away").click().run()
    assert not app.exception
    assert not [box for box in app.selectbox if box.key == "b_zone"]
    assert one(app, "c") == f"21166@{DAY}"


def one(app: object, name: str) -> str:
    """A value of the address."""
    value = app.query_params[name]  # type: ignore[attr-defined]
    return value if isinstance(value, str) else value[0]


@pytest.mark.parametrize(
    "text", ["", "@", "21231", "21231@", f"@{DAY}", f"nowhere@{DAY}", "21231@2026-10-24T00:00", "festival"]
)
def test_a_text_that_names_nothing_of_the_release_is_none(store: Store, text: str) -> None:
    assert subjects.read(store, "a", text) is None


def test_the_curves_have_the_same_axes(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", b=f"21166@{SUNDAY}", lang="en")
    specs = [element.proto.spec for element in opened.app.get("vega_lite_chart")]
    assert len(specs) == 2
    domains = [re.findall(r'"domain": ?(\[[^\]]*\])', spec) for spec in specs]
    assert set(domains[0]) == set(domains[1])
    assert len(set(domains[0])) == 2


def test_the_curves_stand_above_the_cards_whose_height_depends_on_notes(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", b=f"21166@{SUNDAY}", lang="en")
    for column in [each for each in opened.app.columns if each.get("vega_lite_chart")]:
        kinds = [child.type for child in column.children.values()]
        assert kinds.index("vega_lite_chart") < kinds.index("html")
    assert 'class="hx-cards hx-narrow" style="--hx-abreast:3"' in opened.html


@pytest.mark.parametrize(
    ("language", "said"), [("en", "pad(datum.value % 24, 2, '0', 'left') + ':00'"), ("fr", "(datum.value % 24) + ' h'")]
)
def test_hours_of_the_clock_are_written_as_everywhere(
    release: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    opened = open_page(release, "compare", a=f"21231@{DAY}", lang=language)
    [chart] = opened.app.get("vega_lite_chart")
    assert said in chart.proto.spec


def test_the_interval_of_a_difference_reaches_from_the_least_to_the_most_that_both_allow() -> None:
    assert minus(Figure(500, 470, 540), Figure(300, 260, 330)) == Figure(200, 140, 280)
    assert minus(Figure(100, 100, 100), Figure(300, 300, 300)) == Figure(-200, -200, -200)


@pytest.mark.parametrize("high", [350, 360, 370])
def test_a_difference_and_an_index_are_significant_exactly_where_their_intervals_say_so(high: float) -> None:
    one, base = Figure(320, 300, high), Figure(400, 360, 440)
    significant = Difference(one, base, 1).significant
    assert significant == (high < 360)
    changed, relative = minus(one, base), index(one, base)
    assert relative is not None
    assert (changed.high < 0) == (relative.high < 100) == significant
    back, other = minus(base, one), index(base, one)
    assert other is not None
    assert (back.low > 0) == (other.low > 100) == significant


def test_an_index_of_nothing_is_none() -> None:
    assert index(Figure(50, 40, 60), Figure(0, 0, 10)) is None
    assert index(Figure(0, 0, 10), Figure(50, 40, 60)) is None
    assert index(Figure(50, 40, 60), Figure(10, 0, 20)) is None
    found = index(Figure(50, 40, 60), Figure(100, 100, 100))
    assert found == Figure(50, 40, 60)


def test_a_sum_of_one_row_is_that_row_and_of_none_is_none() -> None:
    row = pd.DataFrame({"people": [120.0], "people_low": [80.0], "people_high": [160.0]})
    assert summed(row) == Figure(120, 80, 160)
    assert summed(row.iloc[:0]) is None
    assert summed(pd.concat([row, row])) == Figure(240, 180, 300)


def test_an_index_has_gaps_where_either_curve_has_them() -> None:
    day = pd.DataFrame(
        {"hour": [1.0, 1.25, 1.5], "people": [50.0, None, 20.0], "people_low": [40.0, None, 10.0]}
    ).assign(people_high=[60.0, None, 30.0])
    base = day.assign(people=[100.0, 100.0, None], people_low=100.0, people_high=100.0)
    found = multiples.as_index(day, base)
    assert found["people"].tolist()[0] == 50
    assert found["people"].isna().tolist() == [False, True, True]
    assert (found["people_low"][0], found["people_high"][0]) == (40, 60)


def test_every_file_that_is_offered_can_be_written(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    offered: list[Taken] = []
    monkeypatch.setattr("dashboards.exports.buttons.offer", lambda view, taken: offered.append(taken))
    open_page(release, "compare", a=f"21231@{DAY}", b=f"stadium@{DAY}", lang="fr", scale="index")
    (taken,) = offered
    assert [sheet.name for sheet in taken.sheets] == ["figures", "curves", "differences"]
    figures = taken.sheets[0].frame
    assert set(figures.loc[figures["letter"] == "B", "status"]) <= {"pooled", "no_data"}
    assert "published" in set(figures.loc[figures["letter"] == "A", "status"])
    for sheet in taken.sheets:
        assert csv.write(sheet, taken.origin).decode("utf-8-sig").splitlines()[1:]
    assert load_workbook(BytesIO(xlsx.write(taken, "fr"))).sheetnames[1:] == ["figures", "curves", "differences"]
    for picture in taken.pictures:
        assert pictures.svg(picture, taken.origin).startswith(b"<svg")
    assert "A · " in taken.origin.period
    assert "B · " in taken.origin.period


def test_an_event_is_compared_by_its_name_in_its_zone_and_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    start = datetime(2026, 10, 24, 18, tzinfo=UTC)
    event = Happening("Fête @ Dijon", "21231", start, datetime(2026, 10, 24, 22, tzinfo=UTC))
    monkeypatch.setattr(store, "events", (event,))
    found = subjects.read(store, "b", "Fête @ Dijon")
    assert found is not None
    assert (found.zone.zone_id, found.day.date.isoformat(), found.event) == ("21231", DAY, event)
    assert found.address == "Fête @ Dijon"


def test_curves_from_the_start_have_the_event_at_zero(store: Store) -> None:
    day = slots.by_slot(store.release.days[0], store.ask(queries.PRESENCE, zone="21231", day=DAY))
    start = day["start"].iloc[40]
    hours = multiples.from_start(day, start)["hour"]
    assert hours.iloc[40] == 0
    assert hours.diff().dropna().eq(0.25).all()
    clock = multiples.by_clock(day)["hour"]
    assert (clock.iloc[0], clock.iloc[-1]) == (5.0, 28.75)
