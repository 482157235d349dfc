"""The page of the civic feeds: what it shows of a folder, and what it does with one that is not sound."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.feeds import settings
from pipelines.feeds.build import build, publish
from pipelines.feeds.feed import all_feeds
from tests.dashboards.opened import Opened, open_page
from tests.dashboards.town_feeds import Json, both, item, write_feeds
from tests.feeds import town
from tests.feeds.test_build import SATURDAY

REFUSED = "These feeds are not shown"


@pytest.fixture(autouse=True)
def shown(festival: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(festival))
    monkeypatch.setenv("HEXAFLUX_FEEDS", str(tmp_path / "feeds"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_feeds(tmp_path / "feeds")


def open_feeds(**choices: str) -> Opened:
    return open_page(Path(), "feeds", **{"lang": "en"} | choices)


def states(opened: Opened) -> dict[str, str]:
    """The state of each item, with when it changes, from the table of items."""
    table = next(each for each in opened.tables if "Feed" in each.columns and "When" in each.columns)
    rows = zip(table.index, table["State"], table["When"], strict=True)
    return {name: f"{state} {when}".strip() for name, state, when in rows}


def refused(opened: Opened) -> str:
    """Why the feeds are not shown."""
    assert REFUSED in opened.text
    assert opened.tables == []
    return " ".join(each.value for each in opened.app.code)


def test_what_residents_see_is_that_of_the_instant_of_the_build_at_first(folder: Path) -> None:
    assert states(open_feeds()) == {
        "Crue du lac": "! Under way until Sunday 21 June 2026, 08:00",
        "Verre, secteur nord": "› To come Saturday 20 June 2026",
        "Travaux du pont": "› To come Tuesday 23 June 2026, 08:00",
        "Piscine": "✓ Open until 19:00",
        "Médiathèque": "✓ Open until 19:00",
        "Maison des services": "✓ Open until 19:00",
        "Mairie": "× Closed opens: Monday 22 June 2026, 09:00",
        "Musée": "? Unknown",
        "Borne du lac": "• Listed",
        "Orage": "· Over since Thursday 18 June 2026, 20:00",
    }


@pytest.mark.parametrize(
    ("day", "time", "item", "state"),
    [
        ("2026-06-20", "18:30", "Piscine", "✓ Open until 19:00"),
        ("2026-06-20", "19:00", "Piscine", "× Closed"),
        ("2026-06-21", "07:30", "Crue du lac", "! Under way until 08:00"),
        ("2026-06-21", "08:00", "Crue du lac", "· Over since 08:00"),
        ("2026-06-20", "23:30", "Borne du lac", "• Listed"),
        ("2026-06-21", "00:00", "Borne du lac", "? Unknown"),
        ("2026-06-21", "00:00", "Verre, secteur nord", "› To come Wednesday 24 June 2026"),
        ("2026-06-25", "00:00", "Verre, secteur nord", "· Over"),
        ("2026-06-22", "09:00", "Mairie", "✓ Open until 12:00"),
        ("2026-06-23", "08:00", "Travaux du pont", "! Under way"),
    ],
)
def test_another_instant_is_chosen_by_the_address(folder: Path, day: str, time: str, item: str, state: str) -> None:
    assert states(open_feeds(feedday=day, feedtime=time))[item] == state


@pytest.mark.parametrize(
    "wrong", [{"feedday": "2026-06-19"}, {"feedday": "x"}, {"feedtime": "17:30"}, {"feed": "../x"}]
)
def test_what_is_wrong_in_the_address_is_left_out(folder: Path, wrong: dict[str, str]) -> None:
    assert states(open_feeds(**wrong)) == states(open_feeds())


def test_one_feed_can_be_looked_at_alone(folder: Path) -> None:
    opened = open_feeds(feed="places")
    assert set(states(opened)) == {"Mairie", "Piscine", "Musée"}
    findings = next(each for each in opened.tables if "Expected" in each.columns)
    assert list(findings.index) == ["exceptions.csv", "places.csv"]


def test_findings_are_told_in_the_language_of_the_reader(folder: Path) -> None:
    table = next(each for each in open_feeds(lang="fr").tables if "Attendu" in each.columns)
    rows = [(file, *row) for file, row in zip(table.index, table.itertuples(index=False), strict=True)]
    assert rows == [
        ("exceptions.csv", "2", "date", "a date", "erreur"),
        ("places.csv", "7", "EQUIP_LAT", "un nombre, par exemple 47.32", "erreur"),
        ("rounds.csv", "3", "day", "une collecte par jour", "avertissement"),
    ]


def test_each_feed_says_how_fresh_it_is_and_what_of_it_was_published(folder: Path) -> None:
    text = open_feeds().text
    assert text.count("Holds until 30 December 2026") == 5
    assert "Published: 3 · rows read: 4" in text
    assert "1 row refused" in text
    assert "1 warning" in text


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-06-20T18:00:01+02:00", "Ends soon: 20 June 2026"),
        ("2026-06-20T18:00:00+02:00", "Holds no longer since 20 June 2026"),
        ("2026-07-20T17:59:59+02:00", "Ends soon: 20 July 2026"),
        ("2026-07-20T18:00:00+02:00", "Holds until 20 July 2026"),
        (None, "Without a last day"),
    ],
)
def test_the_end_of_a_feed_is_told_before_at_and_after_it(tmp_path: Path, end: str | None, said: str) -> None:
    def ends(manifest: Json) -> None:
        manifest["modules"][1]["valid_until"] = end

    write_feeds(tmp_path / "feeds", state=ends)
    assert said in open_feeds().text


@pytest.mark.parametrize(("stated", "told"), [({"test": True}, True), ({}, True), ({"test": False}, False)])
def test_feeds_of_a_test_are_said_to_be_of_one_unless_they_say_that_they_are_not(
    tmp_path: Path, stated: Json, told: bool
) -> None:
    def state(manifest: Json) -> None:
        del manifest["test"]
        manifest.update(stated)

    write_feeds(tmp_path / "feeds", state=state)
    assert ("Feeds of a test" in open_feeds().text) == told


def test_nothing_is_known_of_a_feed_that_holds_no_longer(tmp_path: Path) -> None:
    def expire(documents: dict[str, Json]) -> None:
        documents["places"]["valid_until"] = "2026-06-20T18:00:00+02:00"

    write_feeds(tmp_path / "feeds", expire)
    assert states(open_feeds(feed="places")) == dict.fromkeys(("Mairie", "Piscine", "Musée"), "? Unknown")


def nearest(**choices: str) -> list[tuple[str, str]]:
    tables = [each for each in open_feeds(**choices).tables if "Distance" in each.columns]
    return [(name, away) for table in tables for name, away in zip(table.index, table["Distance"], strict=True)]


def test_the_nearest_open_place_that_offers_a_service_is_found(folder: Path) -> None:
    here = {"near": "point", "point": "47.3216, 5.0415"}
    assert [name for name, _ in nearest(**here)] == ["Maison des services", "Piscine", "Médiathèque"]
    # 0.0184° of latitude are 2,046 m; 0.0185° of longitude there, 1,394 m.
    assert nearest(**here, service="Aide au numérique") == [("Médiathèque", "2.5 km")]
    assert nearest(**here, service="Impression de documents") == [("Maison des services", "60 m")]
    assert nearest(**here, feedtime="19:00") == []


def test_the_nearest_can_be_asked_for_from_the_chosen_item(folder: Path) -> None:
    assert nearest(item="places/pool", near="item")[0] == ("Piscine", "0 m")


@pytest.mark.parametrize("written", ["", "91, 5", "47.3", "47.3, 181", "nan, nan", "__import__('os')", "1" * 500])
def test_what_is_no_point_is_asked_for_again(folder: Path, written: str) -> None:
    opened = open_feeds(near="point", point=written)
    assert "Write a latitude and a longitude" in opened.text


def test_without_feeds_the_page_says_how_to_build_and_show_them(
    festival: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEXAFLUX_FEEDS")
    opened = open_feeds()
    assert "No civic feeds stand beside this release" in opened.text
    assert "hexaflux feeds build CONFIG --out DIR" in opened.app.code[0].value
    assert not opened.app.error


def test_feeds_beside_the_release_are_shown_without_being_named(
    festival: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "release").symlink_to(festival)
    write_feeds(tmp_path / "feeds")
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(tmp_path / "release"))
    monkeypatch.delenv("HEXAFLUX_FEEDS")
    assert "Piscine" in states(open_feeds())


def test_a_new_build_is_read_while_the_dashboard_runs(folder: Path) -> None:
    assert "Piscine" in states(open_feeds())

    def rename(documents: dict[str, Json]) -> None:
        documents["places"]["items"][1]["title"] = both("Patinoire")

    write_feeds(folder, rename)
    assert "Patinoire" in states(open_feeds())
    assert "Piscine" not in states(open_feeds())


def tampered(folder: Path) -> None:
    path = folder / "dijon/places/index.json"
    path.write_bytes(path.read_bytes().replace(b"Piscine", b"Pissine"))


def truncated(folder: Path) -> None:
    path = folder / "dijon/places/index.json"
    path.write_bytes(path.read_bytes()[:-1])


def grown(folder: Path) -> None:
    path = folder / "dijon/places/index.json"
    path.write_bytes(path.read_bytes() + b" ")


def gone(folder: Path) -> None:
    (folder / "dijon/places/index.json").unlink()


def linked(folder: Path) -> None:
    path = folder / "dijon/places/index.json"
    path.rename(folder.parent / "elsewhere.json")
    path.symlink_to(folder.parent / "elsewhere.json")


def linked_folder(folder: Path) -> None:
    path = folder / "dijon/places"
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")


def piped(folder: Path) -> None:
    path = folder / "dijon/places/index.json"
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [tampered, truncated, grown, gone, linked, linked_folder, piped])
def test_a_damaged_file_is_named_and_no_feed_is_shown(folder: Path, damage: Callable[[Path], None]) -> None:
    assert "Piscine" in states(open_feeds())
    damage(folder)
    assert "dijon/places/index.json" in refused(open_feeds())
    # The rest of the dashboard works.
    assert "These feeds" not in open_page(Path(), "method", lang="en").text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"town": {"id": "dijon"}, "at": NaN}',
        b"[" * 200_000,
        b'{"town": {"id": "../dijon"}, "at": "2026-06-20T18:00:00+02:00"}',
        b'{"town": {"id": "dijon"}, "at": "2026-06-20T18:00:00"}',
        b'{"town": {"id": "dijon"}, "at": "9999-12-31T23:59:59-12:00"}',
        b'{"town": {"id": "dijon"}, "at": "2026-06-20T18:00:00+02:00", "modules": {}}',
        b'{"town": {"id": "dijon"}, "at": ' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_manifest_is_refused_in_words(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    assert "manifest.json" in refused(open_feeds())


@pytest.mark.parametrize(
    "path",
    ["../secret", "dijon/../../secret", "/etc/hostname", "dijon//x", "./x", "", "a\\b", "a\0b", "C:x", "manifest.json"],
)
def test_a_path_that_leaves_the_folder_is_not_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("secret")

    def lead_away(manifest: Json) -> None:
        manifest["files"][0]["path"] = path

    write_feeds(tmp_path / "feeds", state=lead_away)
    told = refused(open_feeds())
    assert "paths of files in this folder" in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("key", "value"),
    [("bytes", -1), ("bytes", 10**18), ("bytes", "1"), ("bytes", True), ("sha256", "0" * 63), ("sha256", None)],
)
def test_a_file_that_is_stated_wrongly_is_refused(tmp_path: Path, key: str, value: object) -> None:
    def misstate(manifest: Json) -> None:
        manifest["files"][0][key] = value

    write_feeds(tmp_path / "feeds", state=misstate)
    refused(open_feeds())


HOSTILE = "<img src=x onerror=alert(1)> {zone} ![x](http://evil.invalid/x.png) @@=alert(1) \ud800 \x00"


def hostile(documents: dict[str, Json]) -> None:
    for document in documents.values():
        document["title"] = both(HOSTILE)
        for number, shown in enumerate(document["items"]):
            shown |= {"title": both(f"{HOSTILE} {number}"), "text": both(HOSTILE), "link": "javascript:alert(1)"}
            shown["category"] = both("=1+1")
            shown["facts"] = [{"label": both(HOSTILE), "value": both(HOSTILE * 1000)}]


def test_hostile_texts_are_shown_as_they_are_and_run_nothing(tmp_path: Path) -> None:
    write_feeds(tmp_path / "feeds", hostile)
    for choices in ({}, {"feed": "places"}, {"item": "places/pool"}):
        opened = open_feeds(**choices)
        assert "<img" not in opened.html
        assert "javascript:" not in opened.html
        (chart,) = opened.app.get("deck_gl_json_chart")
        assert '"@@=alert' not in chart.proto.json
    assert any(name.startswith("<img src=x onerror=alert(1)> {zone} ![x]") for name in states(opened))


@pytest.mark.parametrize(
    "wrong",
    [
        {"opening": {"hours": "x", "state": "open", "intervals": [["2026-06-20"]]}},
        {"opening": {"hours": "x", "state": "open", "intervals": [[None, None]]}},
        {"opening": "open"},
        {"starts": "soon"},
        {"dates": ["2026-02-30"]},
        {"dates": "2026-02-28"},
        {"facts": ["x"]},
    ],
)
def test_an_index_that_is_none_is_refused_and_named(tmp_path: Path, wrong: Json) -> None:
    write_feeds(tmp_path / "feeds", lambda documents: documents["places"]["items"][0].update(wrong))
    assert "dijon/places/index.json" in refused(open_feeds())


@pytest.mark.parametrize(
    "odd",
    [
        {"place": None},
        {"place": {"latitude": 1e308, "longitude": 5}},
        {"place": {"latitude": "47", "longitude": 5}},
        {"place": {"latitude": -90, "longitude": 180, "address": 7}},
        {"title": "no languages"},
        {"title": None, "id": None},
        {"tags": [None, {"fr": "Seul"}]},
        {"opening": {}},
        {"unknown": {"key": [1]}},
    ],
)
def test_what_is_missing_or_odd_in_an_item_leaves_the_others_shown(tmp_path: Path, odd: Json) -> None:
    write_feeds(tmp_path / "feeds", lambda documents: documents["places"]["items"][0].update(odd))
    assert states(open_feeds())["Piscine"] == "✓ Open until 19:00"


def test_what_is_under_way_and_what_comes_next_stand_apart(tmp_path: Path) -> None:
    def crowd(documents: dict[str, Json]) -> None:
        documents["waste"]["items"] = [
            item(f"round{day}", f"Tournée {day}", dates=[f"2026-06-{day}"]) for day in range(21, 27)
        ]

    write_feeds(tmp_path / "feeds", crowd)
    text = re.sub(r"\s+", " ", open_feeds().text)
    assert "Under way now Crue du lac until Sunday 21 June 2026, 08:00 · 1 rue de Crue du lac" in text
    coming = text.partition("Coming next ")[2]
    assert coming.index("Tournée 21") < coming.index("Tournée 22") < coming.index("Travaux du pont")
    assert "and 2 more in the table" in coming


def test_what_is_known_of_the_chosen_item_is_told(tmp_path: Path) -> None:
    def tell(documents: dict[str, Json]) -> None:
        documents["places"]["items"][1] |= {
            "mark": both("Works"),
            "exceptions": [
                {"first": "2026-06-19", "last": "2026-06-19", "reason": both("Past")},
                {"first": "2026-06-20", "last": "2026-06-20", "reason": both("Gala")},
                {"first": "2026-08-01", "last": "2026-08-15", "reason": both("")},
            ],
        }

    write_feeds(tmp_path / "feeds", tell)
    text = open_feeds(item="places/pool").text
    assert "Other hours, 20 June 2026 to 20 June 2026: Gala" in text
    assert re.search("1 August 2026 to 15 August 2026[^:]", text)
    assert "Past" not in text
    assert "Hours: Mo-Sa 09:00-19:00" in text
    assert "Works" in text
    link = open_feeds(item="places/old").html
    assert 'href="https://musee.example/visite"' in link


def test_a_real_build_is_shown_as_it_was_built(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    broken = town.PLACES.replace("47.33,", "north,")
    chosen = settings.load(town.write(source, places=broken), all_feeds())
    publish(build(chosen, SATURDAY, lambda _: None), tmp_path / "feeds", strict=False)
    opened = open_feeds()
    assert states(opened) == {
        "La Nef": "✓ Open until 18:30",
        "Mairie": "× Closed opens: Monday 22 June 2026, 09:00",
    }
    findings = next(each for each in opened.tables if "Expected" in each.columns)
    assert ("places.csv", "EQUIP_LAT", "error") in zip(
        findings.index, findings["Field"], findings["Level"], strict=True
    )
    assert "Published: 2 · rows read: 3" in opened.text


def test_a_town_without_feeds_has_a_page(tmp_path: Path) -> None:
    def empty(manifest: Json) -> None:
        manifest["modules"] = []

    write_feeds(tmp_path / "feeds", state=empty)
    assert "Nothing was published here." in open_feeds().text
