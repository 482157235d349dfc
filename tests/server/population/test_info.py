"""What an answer says of its figures beside them: that nobody is real, and that the network was silent."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import h3
import numpy as np
import pytest

from anonymization.degraded import Degraded
from anonymization.released import Release, open_release
from pipelines.server.population import answer as answers
from pipelines.server.population import geohash, published
from pipelines.server.population.answer import TEST, Answered, Asked, answer
from pipelines.server.population.snapshot import Snapshot
from tests.anonymization.releases import A, B, C
from tests.server.population.town import NEXT, PAST, REST, SATURDAYS, asking, geohash_at, serve
from tests.server.population.town import release as published_release

SILENT = "radio cells were silent or out, so that people may be missing."


@pytest.fixture(scope="module")
def release(root: Path) -> Release:
    return open_release(root)


def hour(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) // 3600


def flag(at: str, zone_id: str, *cells: str, indicator: str = "presence") -> Degraded:
    """A flag of a part in a slot."""
    start = int(datetime.fromisoformat(at).timestamp()) * 1_000_000
    return Degraded(indicator, start, ((zone_id, f"{min(map(h3.str_to_int, cells)):x}"),))


def flagged(release: Release, *flags: Degraded) -> Snapshot:
    """The release, of which the last Saturday has flags."""
    return Snapshot(replace(release, days=(*release.days[:-1], replace(release.days[-1], degraded=flags))))


def info(snapshot: Snapshot, *cells: str, period: tuple[str, str] = PAST) -> str:
    """The `statusInfo` of an answer about the middles of hexagons, without what every forecast says."""
    texts = [geohash_at(cell, 7) for cell in cells]
    hours = range(hour(period[0]), hour(period[1]))
    asked = Asked(texts, geohash.boxes(geohash.parsed(texts), 7), hours, period is NEXT)
    said = json.loads(answer(snapshot, asked)).get("statusInfo", "")
    return str(said).partition("are not known.")[2].strip() if period is NEXT else str(said)


def test_an_answer_counts_the_hours_in_which_a_part_of_its_area_was_degraded(release: Release) -> None:
    one = flagged(release, flag("2026-07-11T08:15:00Z", "B", B), flag("2026-07-11T08:45:00Z", "B", B))
    assert info(one, B) == info(one, A, B) == f"1 of 2 hours are degraded: {SILENT}"
    both = flagged(release, flag("2026-07-11T08:15:00Z", "B", B), flag("2026-07-11T09:00:00Z", "B|C", B, C))
    assert info(both, B) == f"2 of 2 hours are degraded: {SILENT}"
    assert info(both, C) == f"1 of 2 hours are degraded: {SILENT}"


def test_an_answer_says_nothing_of_what_was_degraded_beside_its_area_or_of_other_figures(release: Release) -> None:
    beside = flagged(release, flag("2026-07-11T08:15:00Z", "B", B))
    assert info(beside, A, C, REST) == ""
    others = flagged(release, flag("2026-07-11T08:15:00Z", "B", B, indicator="attendance"))
    assert info(others, B) == ""


def test_a_forecast_counts_the_hours_that_stand_on_degraded_ones(release: Release) -> None:
    snapshot = flagged(release, flag("2026-07-11T08:15:00Z", "B", B))
    assert info(snapshot, B, period=NEXT) == f"1 of 2 hours stand on days when {SILENT}"
    assert info(snapshot, A, period=NEXT) == ""


def test_a_day_that_is_laid_on_the_hexagons_of_a_later_one_keeps_its_flags(release: Release) -> None:
    first, *others = release.days
    marked = replace(first, degraded=(flag("2026-06-20T08:15:00Z", "B", B),))
    snapshot = Snapshot(replace(release, days=(marked, *others)))
    assert info(snapshot, B, period=("2026-06-20T08:00:00Z", "2026-06-20T10:00:00Z")).startswith("1 of 2 hours are")
    assert not snapshot.degraded(hour("2026-07-12T08:00:00Z")).any()


def test_a_test_release_is_served_and_every_answer_says_that_it_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "usual_folder", lambda: None)
    town = serve(tmp_path, published_release(tmp_path / "release", SATURDAYS[:2], test=True))
    past = town.ask(asking(("2026-06-20T08:00:00Z", "2026-06-20T10:00:00Z")))
    assert (past.status_code, past.json()["statusInfo"]) == (200, TEST)
    assert town.ask(asking()).json()["statusInfo"].startswith(f"{TEST} Hours to come are forecast")
    town.store.close()


def test_all_that_an_answer_may_say_is_no_longer_than_the_standard_allows() -> None:
    there, nowhere = np.ones((1, 3)), np.full((1, 3), np.nan)
    no, yes = np.zeros(1, np.bool_), np.ones(1, np.bool_)
    hours = [Answered(there, no, yes)] * 100 + [Answered(nowhere, no, no)] * 68
    for to_come in (False, True):
        said = answers._info(hours, yes, to_come, True)
        assert {"68 of 168", "100 of 168"} <= {" ".join(said.split()[at : at + 3]) for at in range(80)}
        assert len(said) <= 512
