import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anonymization.manifest import read_chain
from pipelines.attacks.command import keep
from pipelines.attacks.finding import Finding
from schemas.attack_report import attack_report
from tests.attacks.findings import BROKEN, HELD, IDLE, KNOWN, PARTIAL, SKIPPED, attacked, finding
from tests.dashboards.opened import CHANGE_OF_CLOCKS, Opened, open_page

HOW = "hexaflux attack release --truth DIR"


@pytest.fixture(autouse=True)
def alone(release: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The release, without a report of another test beside it."""
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(release))
    yield
    path = attack_report(release)
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)


def opened(release: Path, language: str) -> Opened:
    return open_page(release, "audit", zone="21171", day=CHANGE_OF_CLOCKS, lang=language)


def told(page: Opened) -> str:
    """All that the page says, in one line."""
    boxes = [each.value for each in (*page.app.success, *page.app.markdown)]
    return " ".join("\n".join([page.text, *boxes]).split())


def commands(page: Opened) -> list[str]:
    return [each.value for each in page.app.code]


def report(release: Path, *findings: Finding) -> None:
    """Write what was found in the release as it stands."""
    found = attacked(*findings)
    keep(replace(found, head=read_chain(release)[-1].sha256), release)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "No check of this release found anything wrong",
                "Singling out",
                "smallest count 20",
                "flag: test release",
            ),
        ),
        (
            "fr",
            (
                "Aucun contrôle de cette publication",
                "Individualisation",
                "plus petit effectif 20",
                "signalement : essai",
            ),
        ),
    ],
)
def test_the_page_tells_every_check_and_note_of_the_audit(release: Path, language: str, words: tuple[str, ...]) -> None:
    text = told(opened(release, language)).replace("\\", "")
    assert [each for each in words if each not in text] == []
    assert text.count("sha256sum") >= 1


@pytest.mark.parametrize(("language", "word"), [("en", "pass"), ("fr", "conforme")])
def test_each_check_has_a_verdict_in_the_language_of_the_page(release: Path, language: str, word: str) -> None:
    page = opened(release, language)
    assert page.text.split().count(word) >= 17
    assert "Text(" not in page.text


@pytest.mark.parametrize(("language", "name"), [("en", "statement.en.md"), ("fr", "statement.fr.md")])
def test_the_page_has_the_statement_of_the_release(release: Path, language: str, name: str) -> None:
    statement = (release / "manifest" / name).read_text(encoding="utf-8").strip()
    assert [each.value for each in opened(release, language).app.markdown].count(statement) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "No report of the attack battery"), ("fr", "Aucun rapport")])
def test_without_a_report_the_page_says_how_to_attack(release: Path, language: str, words: str) -> None:
    page = opened(release, language)
    assert words in told(page)
    assert HOW in commands(page)


def test_the_battery_stands_by_criterion_with_its_verdicts(release: Path) -> None:
    report(release, HELD, KNOWN, SKIPPED)
    page = opened(release, "en")
    text = told(page)
    assert HOW not in commands(page)
    assert "The release held against every attack" in text
    for words in (
        "Singling out: held",
        "held T1 Attack T1 what of T1 knowledge of T1 rows below k: 0, at most 0 a weakened release reaches 76,775 "
        "1 of 1 broken no threshold: k = 1",
        "Linkability: nothing to attack",
        "nothing to attack T4 Attack T4 what of T4 knowledge of T4 nobody was there",
        "Inference: known shortfall",
        "mean AUC: 0.700, at most 0.650 known to reach 0.750: decision 0024-open",
    ):
        assert words in text


def test_the_battery_is_told_in_french(release: Path) -> None:
    report(release, HELD, KNOWN)
    text = told(opened(release, "fr"))
    assert "tient T1 Attaque T1" in text
    assert "AUC moyenne : 0,700, au plus 0,650 connu jusqu’à 0,750 : décision 0024-open" in text
    assert "1 sur 1 cassées sans seuil : k = 1" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "rows of other devices: 0, at most 0 untested: no weakened release goes beyond this level (at most 0), "
                "so that it shows nothing",
                "risk over all days: nothing to attack (there is one day)",
                "systems that no devices explain: 0, at most 0 a check of the attack itself",
                "1 of 1 broken no threshold: k = 1",
                "Levels that no weakened release goes beyond: 1 of 2",
            ),
        ),
        (
            "fr",
            (
                "non éprouvé : aucune publication affaiblie ne dépasse ce niveau (au plus 0), il ne montre donc rien",
                "risque sur tous les jours : rien à attaquer (il n'y a qu'un jour)",
                "un contrôle de l’attaque elle-même",
                "Niveaux qu’aucune publication affaiblie ne dépasse : 1 sur 2",
            ),
        ),
    ],
)
def test_the_battery_says_what_each_level_is_worth(release: Path, language: str, words: tuple[str, ...]) -> None:
    report(release, PARTIAL)
    text = told(opened(release, language))
    assert [each for each in words if each not in text] == []


def test_a_weak_release_without_a_number_is_not_said_to_be_broken(release: Path) -> None:
    report(release, finding("T1", "inference", 0, (float("nan"),)))
    text = told(opened(release, "en"))
    assert "NO EVIDENCE T1" in text
    assert "0 of 1 broken" in text
    assert "untested: no weakened release gives a number, so that it shows nothing" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "T18, the still night of T16) measure releases that are rebuilt"), ("fr", "publications reconstruites")],
)
def test_the_page_says_which_attacks_rebuild_releases(release: Path, language: str, words: str) -> None:
    report(release, HELD)
    captions = " ".join(each.value for each in opened(release, language).app.caption)
    assert words in captions


@pytest.mark.parametrize(
    ("finding", "words"),
    [(BROKEN, "BROKEN T3"), (IDLE, "NO EVIDENCE T5")],
)
def test_a_battery_that_failed_is_shown_as_failed(release: Path, finding: Finding, words: str) -> None:
    report(release, HELD, finding)
    page = opened(release, "en")
    assert words in told(page)
    assert "An attack went beyond its level" in page.app.error[0].value


def test_a_report_of_another_state_of_the_release_is_not_shown(release: Path) -> None:
    keep(attacked(HELD), release)
    page = opened(release, "en")
    assert "another state of this release" in told(page)
    assert "Attack T1" not in told(page)
    assert HOW in commands(page)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"schema": 1}', "cut", "folder", "verdict"])
def test_a_damaged_report_is_said_to_be_unreadable(release: Path, damage: str) -> None:
    report(release, HELD)
    path = attack_report(release)
    whole = path.read_text(encoding="utf-8")
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_text({"cut": whole[:-20], "verdict": whole.replace('"held"', '"fine"')}.get(damage, damage))
    page = opened(release, "en")
    assert "cannot be read" in told(page)
    assert HOW in commands(page)


def test_markup_in_a_report_is_text(release: Path) -> None:
    report(release, HELD)
    path = attack_report(release)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["attacks"][0]["name"]["en"] = "<script>alert({0})</script>"
    path.write_text(json.dumps(values))
    html = opened(release, "en").html
    assert "&lt;script&gt;alert({0})&lt;/script&gt;" in html
    assert "<script>alert" not in html
