import json
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.feed import Item, Place
from pipelines.feeds.nearest import matching, nearest
from schemas.feeds import Text
from schemas.great_circle import EARTH, metres
from tests.bench.command import HEXAFLUX
from tests.feeds.centres import AT, CENTRE, context
from tests.paths import ROOT

HELP = Text("Help with forms", "Aide aux démarches")
SAFE = Text("Staying safe", "Sécurité numérique")
HOURS = {"open": "24/7", "closed": "Mo-Su off", "unknown": ""}
HERE = (47.32, 5.04)


def item(
    id: str, latitude: float, hours: str | None, *tags: Text, longitude: float = 5.04, until: date | None = None
) -> Item:
    place = Place("", latitude, longitude)
    end = context().end_of(until)
    return Item(id, Text.same(id), place=place, hours=hours, tags=tags, valid_until=end)


def found(*items: Item, tag: str = "", at: datetime = AT) -> str | None:
    near = nearest(items, *HERE, context(at), tag)
    return None if near is None else near.item.id


places = st.lists(
    st.tuples(
        st.integers(-3, 3), st.integers(-3, 3), st.sampled_from(sorted(HOURS)), st.sets(st.sampled_from((HELP, SAFE)))
    ),
    max_size=12,
)


@settings(deadline=None)
@given(places, st.sampled_from(("", HELP.fr)))
def test_the_nearest_open_place_is_the_one_that_sql_finds(made: list, tag: str) -> None:
    items = [
        item(f"p{number:02}", 47.32 + north / 100, HOURS[state], *sorted(tags, key=str), longitude=5.04 + east / 100)
        for number, (north, east, state, tags) in enumerate(made)
    ]
    rows = [
        (each.id, each.place.latitude, each.place.longitude, state, bool(not tag or tag in {t.fr for t in tags}))
        for each, (_, _, state, tags) in zip(items, made, strict=True)
    ]
    with duckdb.connect() as sql:
        sql.execute("create table places (id text, lat double, lon double, state text, offers boolean)")
        if rows:
            sql.executemany("insert into places values (?, ?, ?, ?, ?)", rows)
        expected = sql.execute(
            f"""select id from places where state = 'open' and offers
            order by round(2 * {EARTH} * asin(sqrt(
              pow(sin(radians(lat - {HERE[0]}) / 2), 2)
              + cos(radians({HERE[0]})) * cos(radians(lat)) * pow(sin(radians(lon - {HERE[1]}) / 2), 2))), 3), id
            limit 1"""
        ).fetchone()

    assert found(*items, tag=tag) == (expected[0] if expected else None)


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert metres(47, 5, 48, 5) == pytest.approx(111_195, abs=1)
    assert metres(47, 5, 47, 5) == 0


def test_an_open_place_wins_over_a_nearer_closed_one() -> None:
    assert found(item("near", 47.32, "Mo-Fr 09:00-17:00"), item("far", 47.4, "24/7")) == "far"


def test_where_nothing_is_open_the_one_that_opens_next_is_told() -> None:
    later, sooner = item("near", 47.32, "Mo 09:00-17:00"), item("far", 47.4, "Su 14:00-17:00")

    near = nearest([later, sooner], *HERE, context())

    assert near is not None
    assert near.item.id == "far"
    assert near.opens == datetime(2026, 6, 21, 14, tzinfo=AT.tzinfo)


def test_of_two_that_open_together_the_nearer_one_is_told() -> None:
    assert found(item("a", 47.4, "Mo 09:00-17:00"), item("b", 47.33, "Mo 09:00-18:00")) == "b"


def test_of_two_at_one_distance_the_first_identifier_is_told() -> None:
    assert found(item("b", 47.33, "24/7"), item("a", 47.33, "24/7")) == "a"


def test_an_unknown_place_never_counts_as_open() -> None:
    assert found(item("unknown", 47.32, ""), item("out of date", 47.32, "24/7", until=date(2026, 6, 19))) is None
    assert found(item("unknown", 47.32, ""), item("closed", 47.4, "Mo 09:00-17:00")) == "closed"


@pytest.mark.parametrize(("second", "told"), [(-1, "place"), (0, None)])
def test_a_place_counts_until_it_is_valid(second: int, told: str | None) -> None:
    midnight = datetime(2026, 6, 21, tzinfo=AT.tzinfo)

    assert found(item("place", 47.32, "24/7", until=date(2026, 6, 20)), at=midnight + timedelta(seconds=second)) == told


def test_what_has_no_hours_or_no_position_is_not_looked_at() -> None:
    assert found(item("round", 47.32, None), Item("nowhere", HELP, place=Place("Dijon"), hours="24/7")) is None


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ("aide aux demarches", (HELP.fr,)),
        ("HELP", (HELP.fr,)),
        ("securite", (SAFE.fr,)),
        ("e", (HELP.fr, SAFE.fr)),
        ("cuisine", ()),
    ],
)
def test_a_service_is_found_in_either_language_without_accents(asked: str, tags: tuple[str, ...]) -> None:
    assert matching([item("a", 47.32, "", HELP, SAFE)], asked) == tags


SAMPLE = ROOT / "data" / "dijon" / "feeds" / "feeds.toml"


def run(*arguments: str | Path, config: Path = SAMPLE) -> subprocess.CompletedProcess[str]:
    where = ("--latitude", "47.33", "--longitude", "5.0", "--at", "2026-06-20T15:00")
    command = [*HEXAFLUX, "feeds", "nearest", str(config), *where, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command_names_the_stop_at_the_festival() -> None:
    done = run()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("Bus numérique, Esplanade du lac Kir")
    assert done.stdout.splitlines()[1:] == ["0.1 km away, open until 18:00", "Checked on 2026-06-01"]


def test_the_command_tells_a_program_the_same() -> None:
    told = json.loads(run("--json", "--service", "solidaire").stdout)

    assert (told["id"], told["state"], told["until"]) == ("ressourcerie", "open", "2026-06-20T17:00:00+02:00")
    assert told["metres"] == pytest.approx(6_690, abs=50)


def test_the_command_lists_the_services_where_one_is_unknown() -> None:
    done = run("--service", "cuisine")

    assert done.returncode == 2
    assert "Aide aux démarches administratives; " in done.stderr


@pytest.mark.parametrize(
    ("feeds", "told"),
    [
        ("", "expected a feed inclusion, found none"),
        ('[feeds.inclusion]\nsource = "centres.csv"\n', "no centre is open at 2026-06-20 15:00"),
    ],
)
def test_the_command_says_why_it_names_none(tmp_path: Path, feeds: str, told: str) -> None:
    centre = CENTRE | {"horaires": ""}
    (tmp_path / "centres.csv").write_text(f"{','.join(centre)}\n{','.join(centre.values())}\n", encoding="utf-8")
    (tmp_path / "town.toml").write_text(f'[feeds.town]\nid = "dijon"\nname = "Dijon"\n{feeds}', encoding="utf-8")

    done = run(config=tmp_path / "town.toml")

    assert done.returncode == 2
    assert told in done.stderr
