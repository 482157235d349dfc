import re
from pathlib import Path

import pytest

from dashboards.definitions import COMPARED, COUNTED, NOISED, NOT_ROUNDED, PROTECTED, ROUNDED
from dashboards.states import STATES
from tests.anonymization.releases import draft, publish
from tests.dashboards.opened import open_page


@pytest.fixture(autouse=True)
def shown(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_word_and_state_is_defined_in_the_language_of_the_reader(release: Path, language: str) -> None:
    text = open_page(release, "method", lang=language).text.replace("’", "'")
    for each in (*COUNTED, *COMPARED, *PROTECTED, ROUNDED):
        assert plain(each.word.say(language)) in text
    for state in STATES:
        assert plain(state.meaning.say(language)) in text
    assert "{" not in text


def plain(text: str) -> str:
    return re.sub("[\u00a0\u202f]", " ", text).replace("’", "'")


def test_the_page_states_the_numbers_of_the_release(release: Path) -> None:
    text = open_page(release, "method", lang="en").text
    assert "The fewest different SIM cards behind any figure: 20." in text
    assert "confidence of 95%" in text
    assert "a slot of 15 minutes" in text
    assert "From 05:00 to 05:00 the next day" in text
    assert "a multiple of 5" in text
    assert "more than 80% of the people" in text
    assert NOISED.meaning.en not in text
    assert NOT_ROUNDED.meaning.en not in text


def test_the_glossary_has_each_word_in_both_languages(release: Path) -> None:
    (table,) = open_page(release, "method", lang="fr").tables
    pairs = dict(zip(table.index, table["English"], strict=True))
    assert pairs["Présence"] == "Presence"
    assert pairs["Hors couverture"] == "Outside coverage"
    assert len(pairs) == len({*COUNTED, *COMPARED, *PROTECTED}) + 2 + len(STATES)


def test_a_release_without_rounding_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = draft()
    content.policy["rounding"] = 0
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(publish(tmp_path / "release", content)))
    assert NOT_ROUNDED.meaning.en in open_page(tmp_path, "method", lang="en").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("What the pages do not have", "holds no census", "median stay by hour of arrival", "Sankey")),
        ("fr", ("Ce que les pages n’ont pas", "pas de recensement", "durée médiane selon l’heure", "Sankey")),
    ],
)
def test_the_page_says_what_the_pages_do_not_have(release: Path, language: str, said: tuple[str, ...]) -> None:
    text = open_page(release, "method", lang=language).text
    assert [each for each in said if each not in text] == []
