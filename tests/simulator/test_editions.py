"""Two editions of the festival with an ordinary week between, and visitors who come again."""

from datetime import UTC, date, datetime

import pytest

from pipelines.configuration import load
from pipelines.simulator.people import MOST_NIGHTS
from pipelines.simulator.settings import Edition, Settings
from pipelines.simulator.town import Town, town, walk
from pipelines.simulator.write import simulate
from schemas.configuration import Event
from tests.simulator.conftest import QUIET, Weekend

EDITIONS = (Edition("Small", date(2026, 6, 6), 0.5), Edition("Usual", date(2026, 6, 20)))
FORTNIGHT = Settings(devices=600, days=15, start=date(2026, 6, 6), editions=EDITIONS, visits_every=4)


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Weekend:
    directory = tmp_path_factory.mktemp("editions") / "fortnight"
    simulate(directory, FORTNIGHT, QUIET)
    return Weekend(directory, FORTNIGHT)


@pytest.fixture(scope="module")
def dijon() -> Town:
    return town(FORTNIGHT)


def test_each_edition_is_an_event_of_the_configuration_and_names_the_one_before(fortnight: Weekend) -> None:
    first, second = load(fortnight.directory / "hexaflux.toml").event
    start, end = datetime(2026, 6, 6, 12, tzinfo=UTC), datetime(2026, 6, 6, 22, 30, tzinfo=UTC)
    assert first == Event("Small", "lac-kir", start, end)
    start, end = datetime(2026, 6, 20, 12, tzinfo=UTC), datetime(2026, 6, 20, 22, 30, tzinfo=UTC)
    assert second == Event("Usual", "lac-kir", start, end, "Small")


def test_in_truth_half_as_many_come_to_half_an_edition_beyond_those_of_an_ordinary_saturday(fortnight: Weekend) -> None:
    came = dict(
        fortnight(
            "SELECT date::text, sum(people) FROM '{d}/truth/attendance.parquet' WHERE zone_id = 'lac-kir' GROUP BY 1"
        )
    )
    small, ordinary, usual = (came.pop(f"2026-06-{day:02d}") for day in (6, 13, 20))
    assert 0.1 < usual / FORTNIGHT.population < 0.22
    assert (small - ordinary) / (usual - ordinary) == pytest.approx(0.5, abs=0.2)
    assert max(ordinary, *came.values()) < 0.45 * usual


def test_the_traces_are_at_the_lake_as_the_truth_has_it(fortnight: Weekend) -> None:
    rows = fortnight(
        """
        WITH seen AS (
            SELECT (time AT TIME ZONE 'Europe/Paris' - INTERVAL 5 HOUR)::date AS date,
                count(DISTINCT subscriber_id) AS n
            FROM '{d}/truth/devices/*.parquet' WHERE zone_id = 'lac-kir' GROUP BY 1),
        truth AS (
            SELECT date, sum(people) AS people FROM '{d}/truth/attendance.parquet'
            WHERE zone_id = 'lac-kir' AND date IN ('2026-06-06', '2026-06-20') GROUP BY 1)
        SELECT n / people FROM seen JOIN truth USING (date)
        """
    )
    assert [share for (share,) in rows] == pytest.approx([0.3, 0.3], abs=0.1)


def test_as_many_visitors_are_there_on_every_day_where_they_come_again(fortnight: Weekend, dijon: Town) -> None:
    visitors = (~dijon.people.resident).sum()
    found = []
    for day in range(FORTNIGHT.days):
        people = dijon.people.again(day, 4)
        found.append(((people.first <= day) & (day <= people.last) & ~people.resident).sum())
    stay = 1 + (dijon.people.last - dijon.people.first)[~dijon.people.resident].mean()
    assert found == pytest.approx([visitors * stay / 4] * FORTNIGHT.days, rel=0.25)
    counted = fortnight(
        "SELECT date, sum(people) FROM '{d}/truth/attendance.parquet' "
        "WHERE zone_id = '21231' AND visitor_category <> 'resident' AND length(origin) = 2 GROUP BY 1"
    )
    assert len(counted) == FORTNIGHT.days


def test_who_comes_again_stays_as_long_and_where_they_were_in_the_morning_they_were_in_the_night(dijon: Town) -> None:
    everybody = slice(0, len(dijon.people))
    before, guests = None, ~dijon.people.resident
    for day in range(6):
        people = dijon.people.again(day, 4)
        assert (people.last - people.first == dijon.people.last - dijon.people.first).all()
        assert (people.first[guests] <= day).all()
        assert (people.first[guests] > day - 4).all()
        paths = walk(dijon, day, everybody)
        if before is not None:
            assert (paths.hexagon[:, 0] == before).all()
        before = paths.hexagon[:, -1]
    assert MOST_NIGHTS < 4
