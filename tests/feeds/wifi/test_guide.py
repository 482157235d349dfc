"""The guide names the columns, keys and files that there are, alike in both languages."""

import re
import tomllib
from dataclasses import fields

import pytest

from pipelines.feeds.wifi.access_point import HEARTBEATS, SOURCE
from pipelines.feeds.wifi.settings import WifiSettings
from tests.feeds.wifi.making import AT, built, lines
from tests.paths import ROOT


def guide(language: str) -> str:
    return (ROOT / "docs" / ("wifi.md" if language == "en" else "wifi.fr.md")).read_text(encoding="utf-8")


languages = pytest.mark.parametrize("language", ["en", "fr"])


@languages
def test_the_guide_has_every_column_and_says_which_are_needed(language: str) -> None:
    found = {}
    for names, needed in re.findall(r"^\| (`[a-z_`, ]+`) \|.*\| (yes|no|oui|non) \|$", guide(language), re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), needed in ("yes", "oui"))

    assert found == {column.name: column.required for column in SOURCE.columns}
    assert ",".join(column.name for column in HEARTBEATS.columns) in guide(language)


@languages
def test_the_keys_of_the_guide_are_keys_of_the_feed_with_their_defaults(language: str) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", guide(language), re.DOTALL)
    table = tomllib.loads(block)["feeds"]["wifi"]
    own = {each.name: each for each in fields(WifiSettings)}

    assert table.keys() <= own.keys()
    assert {key: own[key].default for key in ("missed", "steady", "service_code")} == {
        key: table[key] for key in ("missed", "steady", "service_code")
    }


@languages
def test_the_guide_names_every_file_of_the_feed(language: str, tmp_path) -> None:
    written = built(tmp_path, lines({"nef": [AT]})).modules[0].files

    assert all(f"`{name}`" in guide(language) for name in written)
