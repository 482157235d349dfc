import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anonymization.dpia import dpia, dpia_text
from anonymization.dpia_facts import DpiaFacts, read_facts
from anonymization.dpia_texts import NUMBERS_FR, TEXTS, WORDS
from anonymization.entries import ZONES, Language, canonical_json
from anonymization.guarantee import guarantee
from anonymization.manifest import CHAIN, KEY_LOG
from anonymization.policy import Policy, register
from schemas.configuration import DifferentialPrivacy
from schemas.errors import InputError
from tests.anonymization.releases import Draft, draft, policy, publish

LANGUAGES: tuple[Language, ...] = ("en", "fr")
BLANK = {"en": "[to be completed by the controller", "fr": "[à compléter par le responsable de traitement"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound release of two days, which nobody changes."""
    folder = tmp_path_factory.mktemp("dpia")
    publish(folder, draft())
    return folder


@pytest.fixture(scope="module")
def facts(release: Path) -> DpiaFacts:
    return read_facts(release)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_privacy_number_stands_in_the_draft_with_its_value(release: Path, language: Language) -> None:
    text = dpia(release, language)
    numbers = register(Policy(20, 0.8, 5, False))
    assert len(numbers) > 10
    assert [line.name for line in numbers if f"\n| `{line.name}` | {line.value} | " not in text] == []


@pytest.mark.parametrize("k", [19, 20, 21])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_release_of_another_k_shows_that_k_and_what_follows_from_it(
    k: int, language: Language, tmp_path: Path
) -> None:
    content = draft()
    content.policy = policy(k=k)
    publish(tmp_path, content)
    text = dpia(tmp_path, language)
    assert f"| `k` | {k} | " in text
    assert f"| `pool_target` | {2 * k - 1} | " in text
    assert f" {k} {WORDS[language]['holders']}" in text


def test_the_french_draft_explains_every_number_in_french() -> None:
    assert [line.name for line in register(Policy(20, 0.8, 5, False)) if line.name not in NUMBERS_FR] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_brace_is_left_unfilled_and_no_line_is_cut(release: Path, language: Language) -> None:
    text = dpia(release, language)
    assert not set("{}\\") & set(text)
    assert not re.search(r"None|True|False", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 80
    assert [row for row in rows if not row.endswith("|")] == []


def test_both_languages_have_the_same_headings_tables_and_blanks(release: Path) -> None:
    english, french = (dpia(release, language) for language in LANGUAGES)

    def shape(text: str, language: Language) -> list[tuple[str, int, int]]:
        lines = text.splitlines()
        heads = [(line.split()[0], line.split()[1]) for line in lines if line.startswith("#")]
        tables = [("|", line.count("|"), line.count(BLANK[language])) for line in lines if line.startswith("|")]
        return [*((mark, 0, len(number) if number[0].isdigit() else 0) for mark, number in heads), *tables]

    assert shape(english, "en") == shape(french, "fr")
    whole = [" ".join(text.split()).count(BLANK[language]) for text, language in ((english, "en"), (french, "fr"))]
    assert whole[0] == whole[1] > 50
    assert len(re.findall(r"^#+ ", english, re.MULTILINE)) == 17


@pytest.mark.parametrize("language", LANGUAGES)
def test_zones_keys_indicators_and_volume_are_those_of_the_release(release: Path, language: Language) -> None:
    text = dpia(release, language)
    found = read_facts(release)
    assert (found.zones, found.sensitive_zones) == (5, 1)
    assert found.kinds == ("commune", "hospital", "venue")
    assert (found.keys.made, found.keys.destroyed) == (2, 2)
    for word in ("`commune`", "`hospital`", "`presence_by_age`", "`dwell`", "0.1.0", "2026-06-20", "2026-06-21"):
        assert word in text
    assert "`flows`" not in text
    for kept in found.keys.kept:
        assert f"| {kept.service} | {kept.storage} | {kept.erasure} | {kept.keys} |" in text


def test_the_measures_are_those_of_the_statement(facts: DpiaFacts) -> None:
    assert "**At least 20.**" in dpia_text(facts, "en")
    assert "**Au moins 20.**" in dpia_text(facts, "fr")
    assert "## Protection" not in dpia_text(facts, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_release_lacks_is_said(facts: DpiaFacts, language: Language) -> None:
    told = replace(facts.told, register=False, unit="SIMs", test=True)
    text = dpia_text(replace(facts, told=told, events=None, devices=None, commit=None), language)
    for name in ("no_register", "no_objection", "SIMs", "few", "unknown"):
        assert WORDS[language][name] in text
    assert WORDS[language]["test"].strip() in text
    assert WORDS[language]["objection"] not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_under_differential_privacy_nothing_is_claimed_of_merging(facts: DpiaFacts, language: Language) -> None:
    words = WORDS[language]
    stated = guarantee(DifferentialPrivacy(2.0, 80.0), 96, 5).stated(1.0)
    told = replace(facts.told, dp=stated, steps=("pseudonyms", "dp", "rounded", "final"))
    text = dpia_text(replace(facts, told=told), language)
    assert words["singling_dp"] in text
    assert words["inference_dp"] in text
    assert words["inference"] not in text
    assert {"en": "**Differential privacy.**", "fr": "**Confidentialité différentielle.**"}[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_parameter_is_listed_with_the_day_from_which_it_holds(language: Language, tmp_path: Path) -> None:
    content: Draft = draft()
    content.last_policy = policy(k=25)
    publish(tmp_path, content)
    text = dpia(tmp_path, language)
    assert f"| 2026-06-21 | `policy.k` | 20 | 25 | {WORDS[language]['who']} |" in text
    assert f"| {WORDS[language]['none']} | | | | |" not in text


def test_a_release_without_a_change_lists_none(release: Path) -> None:
    assert read_facts(release).changes == ()
    assert "\n| none | | | | |\n" in dpia(release, "en")


def test_the_longest_life_of_a_key_is_told_in_hours(release: Path) -> None:
    lines = [json.loads(line) for line in (release / KEY_LOG).read_text().splitlines()]
    at = {(line["key_id"], line["event"]): datetime.fromisoformat(line["at"]) for line in lines}
    names = {key for key, _ in at}
    lives = [(at[key, "destroyed"] - at[key, "created"]).total_seconds() / 3600 for key in names]
    assert read_facts(release).keys.longest_hours == max(lives)
    assert all(moment.tzinfo == UTC for moment in at.values())


@pytest.mark.parametrize(("language", "shown"), [("en", "Longest life: 12.5 h."), ("fr", "Plus longue vie : 12,5 h.")])
def test_hours_are_written_as_in_each_language(facts: DpiaFacts, language: Language, shown: str) -> None:
    assert shown in dpia_text(replace(facts, keys=replace(facts.keys, longest_hours=12.5)), language)
    none = dpia_text(replace(facts, keys=replace(facts.keys, longest_hours=None)), language)
    assert f"{shown.partition(' 12')[0]} {WORDS[language]['none']}." in none


def test_words_of_a_release_end_no_cell_and_reach_no_terminal_raw(facts: DpiaFacts) -> None:
    text = dpia_text(replace(facts, kinds=("a|b", "\x1b[31m"), flags=("x" * 500,)), "en")
    assert "`a\\|b`" in text
    assert "\x1b" not in text
    assert "x" * 121 not in text


def without_chain(release: Path) -> None:
    for path in (release / CHAIN).iterdir():
        path.unlink()


def another_fact(name: str, value: object) -> Callable[[Path], None]:
    """All days state another value; entries follow each other again."""

    def damage(release: Path) -> None:
        previous = "0" * 64
        for path in sorted((release / CHAIN).iterdir()):
            body = json.loads(path.read_bytes()) | {"previous": previous}
            if body["kind"] == "day":
                body[name] = value
            path.write_bytes(canonical_json(body))
            previous = hashlib.sha256(path.read_bytes()).hexdigest()

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        without_chain,
        lambda release: (release / CHAIN / "000001.json").write_text("{}"),
        lambda release: (release / ZONES).unlink(),
        lambda release: (release / ZONES).write_text("{}"),
        lambda release: (release / KEY_LOG).unlink(),
        lambda release: (release / KEY_LOG).write_text("nothing\n"),
        another_fact("policy", {"k": 20}),
        another_fact("policy", None),
        another_fact("unit", "phones"),
        another_fact("input", {"events": "many", "devices": 1}),
        another_fact("software", []),
    ],
)
def test_a_release_that_states_no_sound_day_is_bad_input_with_a_hint(
    damage: Callable[[Path], object], tmp_path: Path
) -> None:
    publish(tmp_path, draft())
    damage(tmp_path)
    with pytest.raises(InputError) as error:
        dpia(tmp_path, "en")
    assert error.value.hint
    assert "\n" not in error.value.message


def test_the_texts_name_the_same_facts() -> None:
    names = [sorted(re.findall(r"\{(\w+)\}", TEXTS[language])) for language in LANGUAGES]
    assert names[0] == names[1]
