import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from pipelines.attacks.battery import ATTACKS, Report
from pipelines.attacks.command import told
from pipelines.attacks.finding import Finding, Level
from pipelines.attacks.report.attacked import Attacked, judged, verdict, worst
from pipelines.attacks.report.french import FRENCH
from pipelines.attacks.report.limits import LIMITS
from pipelines.attacks.report.texts import CRITERION, number
from tests.attacks.__main__ import measured
from tests.attacks.findings import (
    AUC,
    BELOW,
    BROKEN,
    CONDITIONS,
    HELD,
    IDLE,
    KNOWN,
    PARTIAL,
    SKIPPED,
    SOUND,
    STRANGE,
    attacked,
    finding,
)

ALL = attacked(HELD, KNOWN, BROKEN, SKIPPED, IDLE)


def values(found: Attacked) -> dict:
    return json.loads(told(found, "json", "en"))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (HELD, "held"),
        (KNOWN, "known shortfall"),
        (BROKEN, "broken"),
        (SKIPPED, "not attacked"),
        (IDLE, "no evidence"),
        (finding("T9", "inference", 3, (0,)), "broken"),
        (finding("T9", "inference", 0, (None,)), "no evidence"),
    ],
)
def test_an_attack_that_breaks_no_weak_release_is_no_evidence(found: Finding, expected: str) -> None:
    assert verdict(found) == expected


def test_the_worst_verdict_stands_for_several() -> None:
    assert worst([]) == worst([SKIPPED]) == "not attacked"
    assert worst([SKIPPED, HELD]) == "held"
    assert worst([HELD, KNOWN]) == "known shortfall"
    assert worst([KNOWN, IDLE]) == "no evidence"
    assert worst([IDLE, BROKEN, HELD]) == "broken"


@pytest.mark.parametrize(("value", "outcome"), [(0.65, "held"), (0.66, "known shortfall"), (0.76, "broken")])
def test_a_level_is_judged_by_itself(value: float, outcome: str) -> None:
    assert judged(AUC, value) == outcome


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_text_tells_all_of_each_attack_within_100_columns(language: str) -> None:
    text = told(ALL, "text", "fr" if language == "fr" else "en")
    lines = text.splitlines()
    assert max(len(line) for line in lines[:-1]) <= 100
    words = " ".join(text.split())
    for found in (HELD, KNOWN, BROKEN, IDLE):
        of = found.attack
        for said in (of.name, of.what, of.knowledge, of.control, *(weak.name for weak in of.weaknesses)):
            assert getattr(said, language) in words
    assert (lines[-1].startswith("attack"), "0,7" in words, "0.7" in words) == (
        True,
        language == "fr",
        language == "en",
    )


def test_the_text_has_each_figure_with_its_level_its_source_and_its_verdict() -> None:
    words = " ".join(told(ALL, "text", "en").split())
    assert "rows below k: 0, at most 0: held" in words
    assert "set by specification S5: k distinct devices, before weights and rounding" in words
    assert "mean AUC: 0.7, at most 0.65 (known to reach 0.75, decision 0024-open): known shortfall" in words
    assert "rows below k: 3, at most 0: BROKEN" in words
    assert "T4 Attack T4: not attacked" in words
    assert "not attacked nobody was there" in words
    assert "no threshold: k = 1: broken (rows below k 76,775)" in words
    assert "no threshold: k = 1: HELD, so that this attack is no evidence (rows below k 0)" in words
    assert "smallest first: broken (rows below k 7)" in words


@pytest.mark.parametrize(
    ("found", "last"),
    [
        (ALL, "broken 1, not attacked 1; levels not shown breakable 0 of 4; weak releases held 1 of 5: FAILED"),
        (
            attacked(HELD, SKIPPED),
            "not attacked 1; levels not shown breakable 0 of 1; weak releases held 0 of 1: PASSED",
        ),
        (attacked(PARTIAL), "not attacked 0; levels not shown breakable 1 of 2; weak releases held 0 of 1: PASSED"),
        (attacked(IDLE), "not attacked 0; levels not shown breakable 0 of 1; weak releases held 1 of 2: FAILED"),
    ],
)
def test_the_last_line_says_how_it_ended(found: Attacked, last: str) -> None:
    assert told(found, "text", "en").splitlines()[-1].endswith(last)
    assert values(found)["passed"] is last.endswith("PASSED")


def test_json_has_the_criteria_in_order_with_their_attacks_and_verdicts() -> None:
    told_of = values(ALL)
    assert (told_of["schema"], told_of["release_id"], told_of["head"], told_of["seed"]) == (2, "town-1", "ab" * 32, 1)
    assert [(each["criterion"], each["verdict"], each["attacks"]) for each in told_of["criteria"]] == [
        ("singling out", "broken", ["T1", "T3"]),
        ("linkability", "not attacked", ["T4"]),
        ("inference", "no evidence", ["T2", "T5"]),
    ]
    assert [each["number"] for each in told_of["attacks"]] == ["T1", "T3", "T4", "T2", "T5"]


def test_json_has_every_number_as_it_was_measured() -> None:
    by_number = {each["number"]: each for each in values(ALL)["attacks"]}
    known = by_number["T2"]["levels"][0]
    assert (known["measured"], known["most"], known["outcome"]) == (0.7, 0.65, "known shortfall")
    assert known["known"] == {"most": 0.75, "decision": "0024-open"}
    assert by_number["T1"]["figures"] == {"rows below k": 0, "fewest devices": 20}
    assert by_number["T1"]["tried"] == {"rows": 12_340}
    assert [(each["broken"], each["beyond"]) for each in by_number["T5"]["weak_releases"]] == [
        (False, []),
        (True, ["rows below k"]),
    ]
    assert (by_number["T4"]["levels"], by_number["T4"]["skipped"]["en"]) == ([], "nobody was there")


def test_json_takes_numbers_of_numpy_and_what_is_no_number() -> None:
    level = Level("rows below k", 1, "decision 0013")
    found = attacked(finding("T1", "inference", np.float64("nan"), (np.int64(3), np.float64("inf")), level))
    of = values(found)["attacks"][0]
    assert of["levels"][0]["measured"] is None
    assert [each["figures"]["rows below k"] for each in of["weak_releases"]] == [3, None]


def test_json_says_of_each_level_what_the_weak_releases_show() -> None:
    of = values(attacked(PARTIAL))["attacks"][0]
    assert [(each["outcome"], each["measured"], each["evidence"]) for each in of["levels"]] == [
        ("held", 0, {"verdict": "shown", "most": 41}),
        ("held", 0, {"verdict": "untested", "most": 0}),
        ("not attacked", None, None),
        ("held", 0, {"verdict": "check", "most": 0}),
    ]
    assert [each["absent"] for each in of["levels"]][2] == {"en": "there is one day", "fr": "il n'y a qu'un jour"}
    assert [(each["built"], each["broken"]) for each in of["weak_releases"]] == [(True, True), (False, False)]


def test_what_is_no_number_breaks_no_weak_release_in_any_form() -> None:
    found = attacked(finding("T1", "inference", 0, (float("nan"),)))
    words = " ".join(told(found, "text", "en").split())
    assert "HELD, so that this attack is no evidence (rows below k no number)" in words
    assert "TIENT : cette attaque ne prouve donc rien (lignes sous k aucun nombre)" in told(found, "html", "en")
    assert "UNTESTED, no weak release gives a number for this level here: it shows nothing" in words
    of = values(found)["attacks"][0]
    assert (of["verdict"], of["weak_releases"][0]["broken"]) == ("no evidence", False)
    assert of["levels"][0]["evidence"] == {"verdict": "untested", "most": None}


@pytest.mark.parametrize(
    ("form", "language", "expected"),
    [
        (
            "text",
            "en",
            (
                "rows below k: 0, at most 0: held; a weak release reaches 41",
                "rows of other devices: 0, at most 0: held; UNTESTED, no weak release goes beyond this level here "
                "(at most 0): it shows nothing",
                "risk over all days: not attacked (there is one day)",
                "systems that no devices explain: 0, at most 0: held; a check of the attack itself",
                "every day: not built (there is one day)",
            ),
        ),
        (
            "text",
            "fr",
            (
                "lignes sous k : 0, au plus 0 : tient ; une publication affaiblie atteint 41",
                "NON ÉPROUVÉ, aucune publication affaiblie ne dépasse ici ce niveau (au plus 0) : il ne montre rien",
                "risque sur tous les jours : non attaqué (il n'y a qu'un jour)",
                "un contrôle de l'attaque elle-même",
                "chaque jour : non construite (il n'y a qu'un jour)",
            ),
        ),
        (
            "html",
            "en",
            (
                "<td>a weak release reaches 41</td>",
                "<td>UNTESTED, no weak release goes beyond this level here (at most 0): it shows nothing</td>",
                "<td>there is one day</td><td>at most 0.1</td>",
                "<td>a check of the attack itself</td>",
                "<td>une publication affaiblie atteint 41</td>",
                "every day: not built (there is one day)",
            ),
        ),
    ],
)
def test_each_level_is_told_with_what_it_is_worth(form: str, language: str, expected: tuple[str, ...]) -> None:
    words = " ".join(told(attacked(PARTIAL), form, "fr" if language == "fr" else "en").split())
    assert [each for each in expected if each not in words] == []


@pytest.mark.parametrize(
    ("form", "language"), [("text", "en"), ("text", "fr"), ("html", "en"), ("html", "fr"), ("json", "en")]
)
def test_the_report_names_the_privacy_numbers_the_software_and_the_limits(form: str, language: str) -> None:
    words = " ".join(unescape(told(ALL, form, "fr" if language == "fr" else "en")).split())
    if form == "json":
        said = values(ALL)
        assert said["conditions"] == vars(CONDITIONS)
        assert [each["fr"] for each in said["limits"]] == [each.fr for each in LIMITS]
        return
    policy, software = {
        "en": (
            "k = 20, base of rounding 5, one draw for 2 hours, slots of 15 minutes",
            "Made by Hexaflux 0.1.0 (0123456789ab), attacked by Hexaflux 0.2.0",
        ),
        "fr": (
            "k = 20, base d'arrondi 5, un même tirage pendant 2 heures, créneaux de 15 minutes",
            "Produite par Hexaflux 0.1.0 (0123456789ab), attaquée par Hexaflux 0.2.0",
        ),
    }[language]
    assert policy in words
    assert software in words
    assert [each for each in LIMITS if getattr(each, language) not in words] == []


class Page(HTMLParser):
    """The pictures of a page, and every address that it names."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.addresses: list[str] = []
        self.languages: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [f"{tag} {name}" for name in ("src", "href", "xlink:href", "data", "srcset") if name in found]
        if tag == "svg":
            self.pictures.append(found["aria-label"] or "")
        if tag == "section":
            self.languages.append(found["lang"] or "")


def test_the_page_stands_alone_in_both_languages_with_a_picture_of_each_level() -> None:
    html = told(ALL, "html", "en")
    page = Page()
    page.feed(html)
    assert (page.addresses, page.languages) == ([], ["en", "fr"])
    assert "default-src 'none'" in html
    assert not re.search(r"url\(|@import|<script|https?:", html)
    assert "rows below k: 3, at most 0" in page.pictures
    assert "lignes sous k : 3, au plus 0" in page.pictures
    assert len(page.pictures) == 2 * 4


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [(12_340, "12,340", "12\u202f340"), (0.0123456, "0.01235", "0,01235"), (1234.56, "1,234.6", "1\u202f234,6")],
)
def test_numbers_are_written_as_in_each_language(value: float, english: str, french: str) -> None:
    assert (number(value, "en"), number(value, "fr")) == (english, french)


def test_every_level_of_every_attack_has_its_figure_and_its_source_in_french() -> None:
    said = {text for each in ATTACKS for level in each.levels for text in (level.figure, level.source)}
    assert said - set(FRENCH) == set()
    assert BELOW.figure in said


def test_every_attack_has_a_weak_release_and_each_is_made_to_break_levels_of_its_attack() -> None:
    assert [each.number for each in ATTACKS if not each.weaknesses] == []
    for each in ATTACKS:
        levels = {level.figure for level in each.levels if not level.check}
        assert {figure for weak in each.weaknesses for figure in weak.breaks} <= levels, each.number


def test_the_guide_has_a_row_for_every_attack() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "attacks.md").read_text(encoding="utf-8")
    assert [each.number for each in ATTACKS if f"| {each.number} {each.name.en} |" not in guide] == []


def test_the_guide_and_the_report_have_each_attack_under_its_criterion() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "attacks.md").read_text(encoding="utf-8")
    sections = {
        words.en: guide.partition(f"\n### {words.en}\n")[2].partition("\n##")[0] for words in CRITERION.values()
    }
    found = {number: title for title, text in sections.items() for number in re.findall(r"^\| (T\d+) ", text, re.M)}
    assert found == {each.number: CRITERION[each.criterion].en for each in ATTACKS}


def test_the_attacks_of_the_specification_stand_under_the_criteria_that_it_names() -> None:
    s20 = {
        "singling out": ("T1", "T2", "T3", "T4", "T5", "T6", "T13"),
        "linkability": ("T9", "T11", "T12"),
        "inference": ("T7", "T8"),
    }
    declared = {each.number: each.criterion for each in ATTACKS}
    assert {number: declared[number] for numbers in s20.values() for number in numbers} == {
        number: criterion for criterion, numbers in s20.items() for number in numbers
    }


def test_names_of_all_that_was_measured_and_counted_are_looked_up_in_french() -> None:
    names = measured(Report((HELD, PARTIAL)))
    assert names == {BELOW.figure, "fewest devices", "rows", STRANGE.figure, SOUND.figure}
