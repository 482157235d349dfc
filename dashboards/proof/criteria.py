"""The three criteria of the Article 29 Working Party, each in a line: test, number and verdict."""

from collections.abc import Iterable
from html import escape
from typing import Final

from anonymization.report import CRITERIA
from anonymization.verdict import INFERENCE, LINKABILITY, SINGLING_OUT, Check, Report
from dashboards.proof.battery import Battery
from dashboards.proof.evidence import FAIL, PASS, VERDICT, marked, table, told
from dashboards.texts import Language, Text

ASKED: Final = {
    SINGLING_OUT: Text("Can a person be isolated?", "Une personne peut-elle être isolée ?"),
    LINKABILITY: Text(
        "Can two records of a person be linked?", "Deux enregistrements d’une personne peuvent-ils être reliés ?"
    ),
    INFERENCE: Text("Can something be deduced about a person?", "Peut-on déduire quelque chose d’une personne ?"),
}
"""In the order of the opinion (05/2014)."""

HEADLINES: Final = {SINGLING_OUT: "k", LINKABILITY: "keys", INFERENCE: "homogeneity"}
"""Of each criterion, the check whose number is told first."""

CAPTION: Final = Text("The three criteria of the WP29", "Les trois critères du G29")
COLUMNS: Final = (
    Text("Verdict", "Verdict"),
    Text("Criterion", "Critère"),
    Text("Verifier, on these files", "Vérificateur, sur ces fichiers"),
    Text("Attack battery, on this release", "Batterie d’attaques, sur cette publication"),
)
CHECKS: Final = Text("Checks passed: {passed} of {all}", "Contrôles conformes : {passed} sur {all}")
EXPECTED: Final = Text("{found}; expected {threshold}", "{found} ; attendu : {threshold}")
LEVELS: Final = Text(
    "Levels held: {held} of {all}; attacks: {attacks}", "Niveaux tenus : {held} sur {all} ; attaques : {attacks}"
)
NOT_RUN: Final = Text("not run", "non menée")


def lines(report: Report, battery: Battery | None, language: Language) -> str:
    """The criteria as a table; `battery` is None where it was not run on this state of the release."""
    rows = [_line(criterion, report, battery, language) for criterion in ASKED]
    return table(escape(CAPTION.say(language)), COLUMNS, rows, language)


def _line(criterion: str, report: Report, battery: Battery | None, language: Language) -> tuple[str, ...]:
    checks = [check for check in report.checks if check.criterion == criterion]
    counted = escape(CHECKS.say(language, passed=sum(check.passed for check in checks), all=len(checks)))
    asked = escape(ASKED[criterion].say(language))
    name = escape(CRITERIA[criterion]["fr" if language == "fr" else "en"])
    headline = "".join(f"<small>{_headline(check, language)}</small>" for check in _first(criterion, checks))
    return (
        _verdict(criterion, checks, battery, language),
        f"{name}<small>{asked}</small>",
        f"{counted}{headline}",
        _attacked(criterion, battery, language),
    )


def _first(criterion: str, checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.name == HEADLINES[criterion]]


def _headline(check: Check, language: Language) -> str:
    return EXPECTED.say(language, found=told(check.found, language), threshold=told(check.threshold, language))


def _verdict(criterion: str, checks: Iterable[Check], battery: Battery | None, language: Language) -> str:
    """What is worse of both: checks that fail, attacks that do not hold."""
    if not all(check.passed for check in checks):
        return f'<span class="hx-bad">{escape(FAIL.say(language))}</span>'
    attacked = [each.verdict for each in battery.criteria if each.criterion == criterion] if battery else []
    worse = [each for each in attacked if each not in ("held", "not attacked")]
    return marked(worse[0], language) if worse else f'<span class="hx-good">{escape(PASS.say(language))}</span>'


def _attacked(criterion: str, battery: Battery | None, language: Language) -> str:
    if battery is None:
        return f'<span class="hx-none">{escape(NOT_RUN.say(language))}</span>'
    attacks = [each for each in battery.attacks if each.criterion == criterion]
    levels = [level for attack in attacks for level in attack.levels if level.outcome != "not attacked"]
    held = sum(level.outcome == "held" for level in levels)
    said = escape(LEVELS.say(language, held=held, all=len(levels), attacks=len(attacks)))
    verdicts = (each.verdict for each in battery.criteria if each.criterion == criterion)
    return said + "".join(f"<small>{escape(VERDICT[each].say(language))}</small>" for each in verdicts)
