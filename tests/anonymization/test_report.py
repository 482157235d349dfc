import json
import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from anonymization.audit import audit
from anonymization.questions import QUESTIONS
from anonymization.report import CRITERIA, by_criterion, to_html, to_json, to_text
from anonymization.verdict import INFERENCE, INTEGRITY, LINKABILITY, SINGLING_OUT, Check, Report, printable
from tests.anonymization.releases import (
    SATURDAY,
    A,
    Row,
    draft,
    publish,
    replaced,
    table,
    whole_draft,
    with_value,
)

AGES: list[Row] = [("05:00", "21231", [A], "18-24", 60), ("05:00", "21231", [A], "65+", 40)]
HOSTILE = Report(
    verdict=False,
    checks=(Check("chain", False, "<b>", "a & b", "<script>alert('x')</script>", "integrity"),),
    notes=("<img src=x>",),
    release_id="<i>",
)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes += attrs


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return audit(publish(tmp_path_factory.mktemp("sound") / "release", draft()))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Report:
    content = replaced(draft(), "attendance", lambda rows: with_value(rows, 3, "devices", 15))
    return audit(publish(tmp_path_factory.mktemp("wrong") / "release", content))


def test_every_check_has_a_question_and_a_way_to_repeat_it_in_both_languages(report: Report) -> None:
    assert {check.name for check in report.checks} <= QUESTIONS.keys()
    page = to_html(report)
    for question in (QUESTIONS[check.name] for check in report.checks):
        for words in (*question.asks.values(), *question.by_hand.values(), question.command):
            assert escape(words) in page


def test_every_question_is_whole() -> None:
    for question in QUESTIONS.values():
        assert question.command
        for words in (question.asks, question.by_hand):
            assert all(words.values())
            assert words["en"] != words["fr"]


SQL = [name for name, question in QUESTIONS.items() if question.command.startswith("SELECT")]


@pytest.mark.parametrize("name", SQL)
def test_the_queries_can_be_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = whole_draft()
    tables = {**content.tables[SATURDAY], "attendance_by_age": table("attendance_by_age", AGES)}
    monkeypatch.chdir(publish(tmp_path / "release", replace(content, tables={**content.tables, SATURDAY: tables})))
    found = duckdb.sql(QUESTIONS[name].command).fetchall()
    assert (found == []) is (name in {"disjointness", "movements", "widths"})


def test_checks_stand_in_the_order_of_the_criteria(report: Report) -> None:
    order = [SINGLING_OUT, LINKABILITY, INFERENCE, INTEGRITY]
    found = [check["criterion"] for check in to_json(report)["checks"]]
    assert found == sorted(found, key=order.index)
    assert set(found) == set(order)
    assert [criterion for criterion, _ in by_criterion(report)] == order
    for language, page in (("en", to_text(report)), ("fr", to_text(report, "fr")), ("en", to_html(report))):
        places = [page.index(CRITERIA[criterion][language]) for criterion in order]
        assert places == sorted(places)


def test_a_criterion_that_is_not_known_is_not_lost() -> None:
    report = Report(True, (Check("x", True, "a", "b", "", "another"),), (), "")
    assert [criterion for criterion, _ in by_criterion(report)] == ["another"]
    assert "another" in to_text(report, "fr")
    assert "another" in to_html(report)


def test_the_french_report_is_french(wrong: Report) -> None:
    text = to_text(wrong, "fr")
    assert "attendance/date=2026-06-20\u00a0: 1 effectifs en dessous de 20 (la première\u00a0: " in text
    assert "plus petit effectif 15" in text
    assert "remarque  clé non donnée" in text
    assert text.splitlines()[-1].startswith("NON CONFORME")
    assert "expected" not in text
    assert "counts below" not in text


def test_each_sentence_of_the_french_part_of_the_page_is_french(wrong: Report) -> None:
    english, french = to_html(wrong).split('<section lang="fr">')
    assert "1 counts below 20" in english
    assert "counts below" not in french
    assert "1 effectifs en dessous de 20" in french


def test_the_page_asks_the_network_for_nothing(report: Report) -> None:
    page = to_html(report)
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//|url\(|@import", page)
    assert {"script", "link", "img", "iframe"}.isdisjoint(Tags(page).found)


def test_what_a_release_says_is_never_markup() -> None:
    tags = Tags(to_html(HOSTILE))
    assert {"b", "i", "script", "img"}.isdisjoint(tags.found)
    assert "src" not in dict(tags.attributes)


def test_the_text_names_each_check_and_ends_with_the_verdict(report: Report) -> None:
    text = to_text(report)
    for check in report.checks:
        assert f"pass  {check.name}" in text
        assert f"repeat: {QUESTIONS[check.name].repeat('en')}" in text
    assert text.splitlines()[-1].startswith("PASSED")
    assert to_text(HOSTILE).splitlines()[-1].startswith("FAILED")


def test_the_json_holds_all_of_the_report() -> None:
    assert json.loads(json.dumps(to_json(HOSTILE))) == {
        "release_id": "<i>",
        "verdict": False,
        "checks": [
            {
                "name": "chain",
                "passed": False,
                "found": "<b>",
                "threshold": "a & b",
                "message": "<script>alert('x')</script>",
                "criterion": "integrity",
                "repeat": QUESTIONS["chain"].repeat("en"),
                "fr": {
                    "found": "<b>",
                    "threshold": "a & b",
                    "message": "<script>alert('x')</script>",
                    "criterion": "Intégrité",
                    "repeat": QUESTIONS["chain"].repeat("fr"),
                },
            }
        ],
        "notes": ["<img src=x>"],
        "notes_fr": ["<img src=x>"],
    }


def test_shown_text_holds_no_control_characters_and_ends() -> None:
    assert printable("a\x1b[31m\n\ud800é") == "a\\x1b[31m\\n\\ud800é"
    assert len(printable("x" * 10_000)) < 1_000


def test_a_french_report_has_a_space_before_its_semicolons(tmp_path: Path) -> None:
    told = to_text(audit(publish(tmp_path / "release", draft())), "fr")
    assert "lignes\u202f; attendu" in told
    assert re.search(r"[^\u202f]; attendu", told) is None
