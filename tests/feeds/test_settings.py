from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.feeds import settings
from pipelines.feeds.build import build
from pipelines.feeds.feed import Feed, all_feeds
from schemas.errors import PrivacyRefusal, UsageError
from schemas.feeds import NO_TEXT, Text
from tests.paths import ROOT

KNOWN = {
    name: Feed(name, Text(name, name), NO_TEXT, "", place, (), lambda rows, context: None)
    for place, name in enumerate(("alerts", "places", "shops"))
}
TOWN = '[feeds.town]\nid = "dijon"\nname = "Dijon"\n'
PLACES = '[feeds.places]\nsource = "places.csv"\n'


def load(tmp_path: Path, text: str) -> settings.Chosen:
    (tmp_path / "town.toml").write_text(text)
    return settings.load(tmp_path / "town.toml", KNOWN)


def names(chosen: settings.Chosen) -> list[str]:
    return [feed.name for feed, _ in chosen.feeds]


def test_a_town_needs_nothing_of_what_mobility_needs(tmp_path: Path) -> None:
    chosen = load(tmp_path, TOWN + PLACES + "valid_until = 2027-12-31\n")

    assert (chosen.town.id, chosen.zone, chosen.policy.k) == ("dijon", ZoneInfo("Europe/Paris"), 20)
    ((_, places),) = chosen.feeds
    assert (places.source, places.valid_until) == (tmp_path / "places.csv", date(2027, 12, 31))


def test_feeds_stand_in_a_configuration_of_mobility_too(tmp_path: Path) -> None:
    chosen = load(tmp_path, '[input]\nevents = "e"\n[area]\ntimezone = "Indian/Reunion"\n[policy]\nk = 30\n' + TOWN)

    assert (chosen.zone.key, chosen.policy.k, chosen.feeds) == ("Indian/Reunion", 30, ())


def test_feeds_are_on_in_the_order_of_the_town(tmp_path: Path) -> None:
    three = "".join(f'[feeds.{name}]\nsource = "x.csv"\n' for name in ("shops", "places", "alerts"))

    assert names(load(tmp_path, TOWN + three)) == ["alerts", "places", "shops"]
    assert names(load(tmp_path, TOWN + 'modules = ["shops", "alerts"]\n' + three)) == ["shops", "alerts"]
    assert names(load(tmp_path, TOWN + three + "enabled = false\n")) == ["places", "shops"]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("", Text("places", "places")),
        ('label = "Où ?"', Text.same("Où ?")),
        ('label = {fr="Lieux", en="Places"}', Text("Places", "Lieux")),
    ],
)
def test_a_label_is_one_text_or_one_in_each_language(tmp_path: Path, written: str, label: Text) -> None:
    ((feed, chosen),) = load(tmp_path, TOWN + PLACES + written).feeds

    assert settings.label(feed, chosen) == label


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "[feeds]: expected a table [feeds.town], found none", "write [feeds.town]"),
        (PLACES, "[feeds]: expected a table [feeds.town], found none", "write [feeds.town]"),
        ('[feeds.town]\nid = "dijon"\n', "[feeds] town name: expected a value, found none", 'name = "Dijon"'),
        ('[feeds.town]\nid = "Dijon"\nname = "D"\n', "small letters, digits and hyphens", 'id = "dijon"'),
        ('[feeds.town]\nid = "../x"\nname = "D"\n', "small letters, digits and hyphens", 'id = "dijon"'),
        (TOWN + '[feeds.place]\nsource = "x"\n', "an unknown feed", "did you mean places?"),
        (TOWN + PLACES + 'sauce = "x"\n', "an unknown key", "did you mean source?"),
        (TOWN + "[feeds.places]\n", "[feeds] places source: expected a value, found none", 'source = "places.csv"'),
        (TOWN + PLACES + 'valid_until = "soon"\n', "expected a date, found", "valid_until = 2027-12-31"),
        (TOWN + PLACES + "enabled = 1\n", "expected true or false, found 1", "enabled = true"),
        (TOWN + PLACES + 'label = {fr="x"}\n', "a text, or one for fr and one for en", "label ="),
        (TOWN + PLACES + 'label = " "\n', "a text, or one for fr and one for en", "label ="),
        (TOWN + PLACES + "label = {}\n", "a text, or one for fr and one for en", "label ="),
        (TOWN + PLACES + "valid_until = 9999-12-31\n", "a date from 1000 to 2999, found 9999", "valid_until = 2027"),
        (TOWN + PLACES + "valid_until = 3000-01-01\n", "a date from 1000 to 2999", "valid_until = 2027"),
        (TOWN + PLACES + "updated = 0999-12-31\n", "a date from 1000 to 2999, found 0999-12-31", "updated = "),
        ('[feeds.town]\nid = "dijon"\nname = " "\n', "[feeds] town name: expected a name", 'name = "Dijon"'),
        (TOWN + 'address = "javascript:alert(1)"\n', "[feeds] town address: expected an address", "https://town"),
        (TOWN + 'address = "ville.example"\n', "[feeds] town address: expected an address", "https://town"),
        (TOWN + 'address = "https://ville.example/a b"\n', "expected an address", "https://town"),
        (TOWN + 'modules = ["plces"]\n' + PLACES, "feeds of this file (places)", "did you mean places?"),
        (TOWN + 'modules = ["places", "places"]\n' + PLACES, "each feed once", "remove the second one"),
        (TOWN + "[fedes]\n", "an unknown section", "did you mean feeds?"),
        (TOWN + '[area]\ntimezone = "Paris"\n', "the name of an IANA time zone", 'did you mean "Europe/Paris"?'),
        ("feeds = 3", "expected a table", "[feeds]"),
    ],
)
def test_a_mistake_is_told_by_its_key_and_with_what_to_write(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path, text)

    assert message in refused.value.message
    assert hint in refused.value.hint


def test_a_k_that_hides_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PrivacyRefusal):
        load(tmp_path, "[policy]\nk = 10\n" + TOWN)
    assert load(tmp_path, "[policy]\nk = 11\n" + TOWN).policy.k == 11


@pytest.mark.parametrize(
    ("text", "hours"), [("2026-06-20T18:00", 2), ("2026-06-20T18:00+00:00", 0), ("2026-12-20T18:00", 1)]
)
def test_an_instant_is_local_unless_it_says_otherwise(text: str, hours: int) -> None:
    at = settings.instant(text, ZoneInfo("Europe/Paris"))

    assert at == datetime.fromisoformat(text[:16]).replace(tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize("text", ["tonight", "0001-01-01T00:00", "1970-12-31T23:59", "2999-01-01T00:00", "9999-12-31"])
def test_another_text_is_no_instant(text: str) -> None:
    with pytest.raises(UsageError, match="--at"):
        settings.instant(text, ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize("text", ["1971-01-01T00:00+14:00", "2998-12-31T23:59-12:00"])
def test_the_sample_is_built_at_both_ends_of_time(text: str) -> None:
    chosen = settings.load(ROOT / "data" / "dijon" / "feeds" / "feeds.toml", all_feeds())

    assert build(chosen, settings.instant(text, chosen.zone), lambda _: None).modules


def test_every_feed_has_a_name_a_place_and_words_of_its_own() -> None:
    feeds = list(all_feeds().values())

    for words in ("name", "place", "title", "about"):
        assert len({getattr(feed, words) for feed in feeds}) == len(feeds)
    for feed in feeds:
        assert all(source.key in feed.settings.__dataclass_fields__ for source in feed.sources)
