from itertools import combinations
from math import ceil, floor, sqrt
from pathlib import Path

import pandas as pd
import pytest

from dashboards import queries, trips
from dashboards.store import Store
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked, open_page, plain

DAY = CHANGE_OF_CLOCKS
SUNDAY = "2026-10-25"
K = 20
COMMUNES = "origin_zone_id SIMILAR TO '[0-9|]+'"
"""SQL that is true for flows between communes."""


def pairs(rows: list[tuple[str, str, float]], days: int = 1, published: int = 1) -> pd.DataFrame:
    """Pairs of one hour, each with an interval of 10 to either side."""
    frame = pd.DataFrame(rows, columns=["origin", "destination", "trips"])
    return trips.of_day(
        frame.assign(distance_class="2-5 km", hours=1, trips_low=frame["trips"] - 10, trips_high=frame["trips"] + 10)
    ).assign(days=days, days_published=published)


def band(first: int, last: int) -> str:
    """SQL that is true for the rows of a band of local hours."""
    hour = "hour(timezone('Europe/Paris', window_start))"
    return f"{hour} >= {first} AND {hour} < {last}" if first < last else f"({hour} >= {first} OR {hour} < {last})"


def released(release: Path, day: str, first: int, last: int) -> dict[tuple[str, str], tuple]:
    """By origin and destination: people and their interval, of a band of hours of a day."""
    rows = asked(
        release,
        f"""SELECT origin_zone_id, destination_zone_id, sum(people), sum(devices), count(*),
                sum(power(people - people_low, 2)), sum(power(people_high - people, 2))
            FROM {{flows}} WHERE date = '{day}' AND {band(first, last)} GROUP BY ALL""",
    )
    return {(origin, destination): tuple(rest) for origin, destination, *rest in rows}


@pytest.mark.parametrize(("first", "last"), [(5, 5), (7, 10), (22, 3)])
def test_the_pairs_of_a_band_are_the_sums_of_published_rows(release: Path, store: Store, first: int, last: int) -> None:
    expected = released(release, DAY, first, last)
    assert len(expected) > 3
    found = trips.of_day(store.ask(queries.FLOWS, day=DAY, from_hour=first, to_hour=last))
    assert len(found) == len(expected)
    for row in found.itertuples():
        people, _, hours, low, high = expected[row.origin, row.destination]
        assert (row.people, row.hours) == (people, hours)
        assert row.people_low == max(floor((people - sqrt(low)) / 10) * 10, 0)
        assert row.people_high == ceil((people + sqrt(high)) / 10) * 10


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
            f"""SELECT sum(people), sum(power(people - people_low, 2)), sum(power(people_high - people, 2))
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
            between = f"{plain(floor((people - sqrt(low)) / 10) * 10)} à {plain(ceil((people + sqrt(high)) / 10) * 10)}"
            assert f"intervalle à 95 % : {between}" in text


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
