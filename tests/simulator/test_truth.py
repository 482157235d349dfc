"""The truth of a simulation agrees with itself, with its population and with what is known of Dijon."""

import pytest

from pipelines.simulator.facts import read
from schemas.vocabulary import AGE_BANDS, SPC
from tests.simulator.conftest import Weekend

COMMUNE = "(zone_id LIKE '21%')"


def test_everybody_is_in_one_commune_or_outside_in_every_slot(weekend: Weekend) -> None:
    sums = weekend(
        f"SELECT DISTINCT sum(people) FROM '{{d}}/truth/presence.parquet' "
        f"WHERE {COMMUNE} OR zone_id = 'outside' GROUP BY window_start"
    )
    assert sums == [(weekend.settings.population,)]


@pytest.mark.parametrize(("table", "words"), [("presence_by_age", AGE_BANDS), ("presence_by_spc", SPC)])
def test_attributes_sum_to_presence_at_the_half_hour(weekend: Weekend, table: str, words: tuple[str, ...]) -> None:
    column = table.rpartition("_")[2].replace("age", "age_band")
    sql = f"""
        WITH split AS (SELECT window_start + INTERVAL 30 MINUTE AS slot, zone_id, sum(people) AS people
            FROM '{{d}}/truth/{table}.parquet' GROUP BY ALL)
        SELECT count(*), count(*) FILTER (split.people = whole.people)
        FROM split JOIN '{{d}}/truth/presence.parquet' AS whole
            ON slot = whole.window_start AND split.zone_id = whole.zone_id
        """
    [(rows, equal)] = weekend(sql)
    assert rows == equal > 1_000
    found = {word for (word,) in weekend(f"SELECT DISTINCT {column} FROM '{{d}}/truth/{table}.parquet'")}
    assert found == set(words) - {"unknown"}


def test_hexagons_sum_to_the_population(weekend: Weekend) -> None:
    sums = weekend(
        "SELECT DISTINCT sum(people) FROM '{d}/truth/presence_by_hexagon.parquet' GROUP BY date, window_start"
    )
    assert sums == [(weekend.settings.population,)]


def test_attendance_is_at_least_the_greatest_presence_but_for_people_who_pass(weekend: Weekend) -> None:
    rows = weekend(
        """
        WITH peak AS (SELECT date, zone_id, max(people) AS peak FROM '{d}/truth/presence.parquet' GROUP BY ALL),
        day AS (SELECT date, zone_id, sum(people) AS people FROM '{d}/truth/attendance.parquet' GROUP BY ALL)
        SELECT zone_id, peak, people FROM peak JOIN day USING (date, zone_id)
            WHERE people < peak - 5
        """
    )
    # Who passes through a zone for ten minutes of a slot is present in it, and does not visit it.
    assert rows == []


def test_dwell_and_nights_are_parts_of_attendance(weekend: Weekend) -> None:
    [(different,)] = weekend(
        """
        WITH dwell AS (SELECT date, zone_id, sum(people) AS n FROM '{d}/truth/dwell.parquet' GROUP BY ALL),
        day AS (SELECT date, zone_id, sum(people) AS n FROM '{d}/truth/attendance.parquet' GROUP BY ALL)
        SELECT count(*) FILTER (dwell.n IS DISTINCT FROM day.n) FROM dwell FULL JOIN day USING (date, zone_id)
        """
    )
    assert different == 0
    nights = weekend("SELECT * FROM '{d}/truth/nights.parquet' ORDER BY ALL")
    assert nights == weekend(
        "SELECT date, zone_id, visitor_category, sum(people) FROM '{d}/truth/attendance.parquet' "
        "WHERE night_in = 'zone' GROUP BY ALL ORDER BY ALL"
    )


def test_visitor_categories_follow_home_and_night(weekend: Weekend) -> None:
    foreign = tuple(origin.code for origin in read().abroad)
    [(wrong,)] = weekend(
        f"""
        SELECT count(*) FROM '{{d}}/truth/attendance.parquet' WHERE visitor_category <> CASE
            WHEN origin = zone_id THEN 'resident'
            WHEN origin IN {foreign} THEN if(night_in = 'zone', 'foreign tourist', 'foreign excursionist')
            ELSE if(night_in = 'zone', 'tourist', 'excursionist') END
        """
    )
    assert wrong == 0


def test_the_traces_are_those_of_the_subscribers_in_the_truth(weekend: Weekend) -> None:
    traces = "'{d}/truth/devices/*.parquet'"
    [(rows, people)] = weekend(f"SELECT count(*), count(DISTINCT subscriber_id) FROM {traces}")
    assert (rows, people) == (2_500 * 288 * 2, 2_500)
    [(seen,)] = weekend(
        f"""
        SELECT count(*) FROM (SELECT subscriber_id FROM {traces}
            WHERE zone_id = 'lac-kir' AND time < '2026-06-21 03:00:00Z' GROUP BY ALL HAVING count(*) >= 3)
        """
    )
    [(truth,)] = weekend(
        "SELECT sum(people) FROM '{d}/truth/attendance.parquet' WHERE zone_id = 'lac-kir' AND date = '2026-06-20'"
    )
    assert seen / weekend.settings.market_share == pytest.approx(truth, rel=0.1)


def test_ten_to_twenty_in_a_hundred_come_to_the_festival_and_most_in_the_evening(weekend: Weekend) -> None:
    [(came,)] = weekend(
        "SELECT sum(people) FROM '{d}/truth/attendance.parquet' WHERE zone_id = 'lac-kir' AND date = '2026-06-20'"
    )
    assert 0.1 < came / weekend.settings.population < 0.2
    rows = weekend(
        "SELECT hour(window_start AT TIME ZONE 'Europe/Paris') AS h, max(people) FROM '{d}/truth/presence.parquet' "
        "WHERE zone_id = 'lac-kir' AND date = '2026-06-20' GROUP BY h"
    )
    by_hour = dict(rows)
    assert max(by_hour, key=lambda hour: by_hour[hour]) in (20, 21, 22)
    assert by_hour[21] > 2 * by_hour[16] > 4 * by_hour[11]
    assert by_hour.get(1, 0) < by_hour[21] / 20


def test_the_census_has_the_shares_of_dijon(weekend: Weekend) -> None:
    facts = read()
    census = "read_csv('{d}/population.csv', all_varchar = true)"
    total = weekend(f"SELECT sum(people::int) FROM {census}")[0][0]
    assert total == pytest.approx(0.84 * weekend.settings.population, rel=0.02)
    ages = dict(weekend(f"SELECT age_band, sum(people::int) / {total} FROM {census} GROUP BY 1"))
    assert [ages[band] for band in AGE_BANDS[:-1]] == pytest.approx(facts.traits.age_bands, abs=0.02)
    classes = dict(weekend(f"SELECT spc, sum(people::int) / {total} FROM {census} GROUP BY 1"))
    assert [classes[spc] for spc in SPC[:-1]] == pytest.approx(facts.traits.spc, abs=0.02)
    dijon = weekend(f"SELECT sum(people::int) / {total} FROM {census} WHERE zone_id = '21231'")[0][0]
    inhabitants = {commune.code: commune.population for commune in facts.communes}
    assert dijon == pytest.approx(inhabitants["21231"] / sum(inhabitants.values()), abs=0.02)
    assert weekend(f"SELECT count(*) FROM {census} WHERE spc = '7' AND age_band IN ('<18', '18-24', '25-34')") == [(0,)]


def test_people_flow_into_dijon_and_back(weekend: Weekend) -> None:
    into, out = (
        weekend(f"SELECT sum(people) FROM '{{d}}/truth/flows.parquet' WHERE {column} = '21231'")[0][0]
        for column in ("destination_zone_id", "origin_zone_id")
    )
    assert into == pytest.approx(out, rel=0.05)
    assert weekend("SELECT count(*) FROM '{d}/truth/flows.parquet' WHERE origin_zone_id = destination_zone_id") == [
        (0,)
    ]
