import json
import re
from html.parser import HTMLParser
from pathlib import Path

from anonymization.audit import audit
from anonymization.report import QUESTIONS, to_html, to_json, to_text
from anonymization.verdict import Check, Report, printable
from tests.anonymization.releases import draft, publish

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


def test_every_check_has_a_question_in_both_languages(tmp_path: Path) -> None:
    report = audit(publish(tmp_path / "release", draft()))
    assert [check.name for check in report.checks] == list(QUESTIONS)
    page = to_html(report)
    for question in QUESTIONS.values():
        for words in question:
            assert words.replace("'", "&#x27;") in page


def test_the_page_asks_the_network_for_nothing(tmp_path: Path) -> None:
    page = to_html(audit(publish(tmp_path / "release", draft())))
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//|url\(|@import", page)
    assert {"script", "link", "img", "iframe"}.isdisjoint(Tags(page).found)


def test_what_a_release_says_is_never_markup() -> None:
    tags = Tags(to_html(HOSTILE))
    assert {"b", "i", "script", "img"}.isdisjoint(tags.found)
    assert "src" not in dict(tags.attributes)


def test_the_text_names_each_check_and_ends_with_the_verdict(tmp_path: Path) -> None:
    text = to_text(audit(publish(tmp_path / "release", draft())))
    assert all(f"pass  {name}" in text for name in QUESTIONS)
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
            }
        ],
        "notes": ["<img src=x>"],
    }


def test_shown_text_holds_no_control_characters_and_ends() -> None:
    assert printable("a\x1b[31m\n\ud800é") == "a\\x1b[31m\\n\\ud800é"
    assert len(printable("x" * 10_000)) < 1_000
