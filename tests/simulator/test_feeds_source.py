import csv
import io
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipelines.feeds.feed import all_feeds
from pipelines.feeds.settings import load
from pipelines.simulator import feeds
from pipelines.simulator.settings import Edition, Settings
from tests.paths import ROOT

SMALL = Settings(devices=20, days=8, start=date(2026, 6, 13))
SAMPLES = ROOT / "data" / "dijon" / "feeds"


def test_the_samples_of_the_package_are_written_as_they_are(tmp_path: Path) -> None:
    sources = feeds.samples()
    feeds.write(tmp_path, sources)
    written = {
        str(file.relative_to(tmp_path / feeds.FOLDER))
        for file in (tmp_path / feeds.FOLDER).rglob("*")
        if file.is_file()
    }
    committed = {str(file.relative_to(SAMPLES)) for file in SAMPLES.rglob("*") if file.is_file()}
    assert written == committed - {"feeds.toml"}
    assert all((tmp_path / feeds.FOLDER / name).read_bytes() == (SAMPLES / name).read_bytes() for name in written)


def test_the_tables_lead_to_the_folder_of_the_sources_and_say_the_same_otherwise(tmp_path: Path) -> None:
    sources = feeds.sources(SMALL)
    here = tomllib.loads((SAMPLES / "feeds.toml").read_text(encoding="utf-8"))["feeds"]
    there = tomllib.loads(feeds.tables(frozenset(sources)))["feeds"]
    assert here.keys() == there.keys()
    for name, table in here.items():
        for key, value in table.items():
            is_path = isinstance(value, str) and (SAMPLES / value).exists()
            assert there[name].pop(key) == (f"{feeds.FOLDER}/{value}" if is_path else value)
    rest = {name: table for name, table in there.items() if table}
    assert rest == {"wifi": {"heartbeats": f"{feeds.FOLDER}/heartbeats.csv"}}


def test_every_path_of_the_tables_is_there(tmp_path: Path) -> None:
    sources = feeds.sources(SMALL)
    feeds.write(tmp_path, sources)
    (tmp_path / "town.toml").write_text(feeds.tables(frozenset(sources)), encoding="utf-8")
    chosen = load(tmp_path / "town.toml", all_feeds())
    stated = [value for _, settings in chosen.feeds for value in vars(settings).values() if isinstance(value, Path)]
    assert [path for path in (*stated, chosen.town.exceptions, chosen.town.school_holidays) if not path.exists()] == []


def test_every_feed_has_a_sample() -> None:
    assert all_feeds().keys() == tomllib.loads((SAMPLES / "feeds.toml").read_text())["feeds"].keys() - {"town"}


def test_only_paths_of_samples_are_changed() -> None:
    named = frozenset({"deep/er/file.csv"})
    found = feeds.led('source = "deep/er"\nother = "deep/er/file.csv"\nname = "file.csv"\nlist = ["deep"]\n', named)
    lines = ['source = "feeds-source/deep/er"', 'other = "feeds-source/deep/er/file.csv"', 'name = "file.csv"']
    assert found.splitlines() == [*lines, 'list = ["deep"]']


def beats(settings: Settings) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(feeds.sources(settings)["heartbeats.csv"].decode())))


def test_access_points_beat_up_to_the_evening_of_the_last_festival() -> None:
    last = Edition("Festival", date(2026, 6, 20))
    found = beats(replace(SMALL, editions=(Edition("Avant", date(2026, 6, 13)), last)))
    assert "2026-06-20T18:20:00Z" < max(beat["time"] for beat in found) <= "2026-06-20T18:30:00Z"
    points = {row["id"] for row in csv.DictReader(io.StringIO((SAMPLES / "wifi.csv").read_text(encoding="utf-8")))}
    assert {beat["access_point_id"] for beat in found} < points


def test_the_seed_draws_the_beats_and_nothing_else() -> None:
    one, same, other = (feeds.sources(replace(SMALL, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert {name for name in one if one[name] != other[name]} == {"heartbeats.csv"}
