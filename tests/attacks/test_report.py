import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from pipelines.attacks.battery import ATTACKS, attack
from pipelines.attacks.command import told
from pipelines.attacks.finding import Finding, Level
from pipelines.attacks.report.attacked import Attacked, judged, verdict, worst
from pipelines.attacks.report.french import FRENCH
from pipelines.attacks.report.texts import number
from pipelines.attacks.target import Target
from tests.attacks.findings import AUC, BELOW, BROKEN, HELD, IDLE, KNOWN, SKIPPED, attacked, finding
from tests.attacks.towns import QUIET

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
        (ALL, "broken 1, not attacked 1; weak releases held 1 of 5: FAILED"),
        (attacked(HELD, KNOWN, SKIPPED), "broken 0, not attacked 1; weak releases held 0 of 2: PASSED"),
        (attacked(IDLE), "broken 0, not attacked 0; weak releases held 1 of 2: FAILED"),
    ],
)
def test_the_last_line_says_how_it_ended(found: Attacked, last: str) -> None:
    assert told(found, "text", "en").splitlines()[-1].endswith(last)
    assert values(found)["passed"] is last.endswith("PASSED")


def test_json_has_the_criteria_in_order_with_their_attacks_and_verdicts() -> None:
    told_of = values(ALL)
    assert (told_of["schema"], told_of["release_id"], told_of["head"], told_of["seed"]) == (1, "town-1", "ab" * 32, 1)
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


def test_the_guide_has_a_row_for_every_attack() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "attacks.md").read_text(encoding="utf-8")
    assert [each.number for each in ATTACKS if f"| {each.number} {each.name.en} |" not in guide] == []


@pytest.mark.slow
def test_all_that_is_measured_in_a_town_has_a_name_in_french(small_target: Target) -> None:
    report = attack(small_target, QUIET)
    measured = [each for found in report.findings for each in (found.found, *found.weakened)]
    names = {name for each in measured for name in (*each.figures, *each.tried)}
    assert names - set(FRENCH) == set()
    assert len(names) > 2 * len(ATTACKS)
