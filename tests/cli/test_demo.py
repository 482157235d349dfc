import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from anonymization.audit import RULES
from pipelines import demo
from pipelines.progress import Progress
from pipelines.server import clients
from pipelines.simulator.settings import Settings
from tests.cli.conftest import Town
from tests.server.made import client

QUIET = Progress(Console(stderr=True), quiet=True)


OF_THE_WHOLE = 9
"""Checks of a release as a whole.

Structure, chain, keys, statement, degraded parts, events, compaction, privacy budget, test.
"""


def test_the_demo_tells_what_the_release_holds(town: Town) -> None:
    configuration, told = town
    presence = f"'{configuration.release.directory}/presence/*/*.parquet'"
    [(parts, finest)] = duckdb.sql(
        f"""
        SELECT count(*), sum(devices) FILTER (len(cells) = 1 AND (cells[1] >> 52) & 15 = 9) / sum(devices)
        FROM {presence}
        """
    ).fetchall()
    assert told.parts == parts
    assert told.finest_share == pytest.approx(finest)
    assert told.checks == len(RULES) + OF_THE_WHOLE
    assert told.events > 50_000


def test_the_demo_says_how_many_came_to_the_festival(town: Town) -> None:
    configuration, told = town
    [festival] = configuration.event
    attendance = f"'{configuration.release.directory}/attendance/*/*.parquet'"
    [(people, low, high)] = duckdb.sql(
        f"SELECT people, people_low, people_high FROM {attendance} WHERE zone_id = '{festival.zone}'"
    ).fetchall()
    assert told.festival == f"{festival.name}: about {people:,.0f} people came ({low:,.0f} to {high:,.0f})."


def test_the_demo_builds_the_feeds_as_they_are_on_the_evening_of_the_festival(town: Town) -> None:
    configuration, told = town
    folder = configuration.path.parent / "feeds"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["at"] == "2026-06-20T20:30:00+02:00"
    items = sum(module["items"] for module in manifest["modules"])
    assert items > 50
    assert (folder / "dijon" / "index.html").is_file()
    counted = f"Feeds: {len(manifest['modules'])} modules, {items} items as of 2026-06-20 20:30;"
    assert told.feeds.startswith(f"{counted} open {folder / 'dijon' / 'index.html'} (")


def test_a_demo_of_a_town_without_feeds_says_nothing_of_them(town: Town) -> None:
    configuration, told = town
    page = StringIO()
    demo.show(Console(file=page), configuration, replace(told, feeds=""))
    assert len(page.getvalue().splitlines()) == 4
    assert demo.publish(replace(configuration, feeds={}), QUIET) == replace(told, feeds="")


def test_the_demo_has_an_earlier_edition_an_ordinary_saturday_and_the_day_after() -> None:
    first, second = (edition.day for edition in demo.TOWN.festival)
    days = demo.TOWN.calendar
    saturdays = [day for day in days if day.weekday() == 5]
    assert [first, second] == [saturdays[0], saturdays[-1]]
    assert len(saturdays) == 3
    assert days[-1] > second
    assert demo.TOWN.festival[0].crowd < demo.TOWN.festival[1].crowd == 1
    for weekday in range(5):
        assert sum(day.weekday() == weekday for day in days) == 2


def test_the_second_demo_starts_from_the_release_that_is_there(town: Town) -> None:
    configuration, told = town
    state = Path(f"{configuration.release.directory}.work") / "state.json"
    before = state.stat().st_mtime_ns
    again = demo.prepare(configuration.path.parent, Settings(3000, 1), QUIET)
    assert demo.publish(again, QUIET) == told
    assert state.stat().st_mtime_ns == before


def test_the_summary_is_for_people(town: Town) -> None:
    configuration, told = town
    page = StringIO()
    demo.show(Console(file=page), configuration, told)
    assert "each of at least 20 devices" in page.getvalue()
    assert f"all {len(RULES) + OF_THE_WHOLE} checks passed" in page.getvalue()
    feeds, served = page.getvalue().splitlines()[-2:]
    assert feeds.startswith("Feeds: ")
    assert served.endswith(f"hexaflux serve {configuration.path}")


def test_the_demo_s_configuration_serves_feeds_reports_and_figures(town: Town) -> None:
    configuration, _ = town
    key = clients.add(configuration.path.parent / "clients.json", "drones", ["population-density-data:read"])
    noon = {"startTime": "2026-06-20T10:00:00Z", "endTime": "2026-06-20T11:00:00Z", "precision": 7}
    corners = ((47.31, 5.02), (47.31, 5.04), (47.33, 5.04))
    area = {"areaType": "POLYGON", "boundary": [{"latitude": y, "longitude": x} for y, x in corners]}
    with client(configuration.path) as ask:
        figures = ask.post(
            "/population-density-data/v1rc1/retrieve", json=noon | {"area": area}, headers={"x-api-key": key}
        )
        pages = {
            path: ask.get(path).status_code
            for path in ("/v1/dijon/places", "/open311/report", "/open311/v2/services.json")
        }
    assert set(pages.values()) == {200}, pages
    assert figures.status_code == 200
    assert "DENSITY_ESTIMATION" in figures.text
