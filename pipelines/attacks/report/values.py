"""The report as plain values, for a program: every text in both languages, every number as it was measured."""

import math
from typing import Any, Final

from anonymization.entries import Body, Json
from pipelines.attacks.finding import HELD, KNOWN, NOT_ATTACKED, Criterion, Finding, Level, Measured, Weakness, Words
from pipelines.attacks.report.attacked import CRITERIA, Attacked, judged, verdict, worst
from pipelines.attacks.report.french import in_french
from pipelines.attacks.report.texts import CRITERION, MEANING

SCHEMA: Final = 1
"""The form of the values: another number is another form."""


def to_json(attacked: Attacked) -> Body:
    """The report; a figure that is no number is null."""
    report = attacked.report
    return {
        "schema": SCHEMA,
        "release_id": attacked.release_id,
        "head": attacked.head,
        "seed": attacked.seed,
        "passed": report.passed,
        "summary": {**counts(attacked)},
        "criteria": [_criterion(each, attacked) for each in CRITERIA],
        "attacks": [_attack(each) for criterion in CRITERIA for each in attacked.of(criterion)],
    }


def counts(attacked: Attacked) -> dict[str, int]:
    """How many attacks there were, with which outcome, and how many weak releases held against them."""
    report = attacked.report
    outcomes = [each.outcome for each in report.findings]
    return {
        "attacks": len(outcomes),
        "held": outcomes.count(HELD),
        "known_shortfalls": outcomes.count(KNOWN),
        "broken": len(report.broken),
        "not_attacked": outcomes.count(NOT_ATTACKED),
        "weak_releases": sum(len(each.weakened) for each in report.findings),
        "weak_releases_held": sum(len(each.unbroken) for each in report.findings),
    }


def _criterion(criterion: Criterion, attacked: Attacked) -> Json:
    found = attacked.of(criterion)
    return {
        "criterion": criterion,
        "name": _both(CRITERION[criterion]),
        "question": _both(MEANING[criterion]),
        "verdict": worst(found),
        "attacks": [each.attack.number for each in found],
    }


def _attack(finding: Finding[Any]) -> Json:
    attack, found = finding.attack, finding.found
    # Of a release with nothing to attack, none was weakened.
    weakened = zip(attack.weaknesses, finding.weakened, strict=False)
    return {
        "number": attack.number,
        "name": _both(attack.name),
        "criterion": attack.criterion,
        "what": _both(attack.what),
        "knowledge": _both(attack.knowledge),
        "control": _both(attack.control),
        "outcome": finding.outcome,
        "verdict": verdict(finding),
        "skipped": _both(found.skipped) if found.skipped else None,
        "levels": [] if found.skipped else [_level(each, found) for each in attack.levels],
        "figures": _figures(found),
        "tried": {name: int(value) for name, value in found.tried.items()},
        "weak_releases": [_weak(finding, weakness, measured) for weakness, measured in weakened],
    }


def _level(level: Level, found: Measured) -> Json:
    value = found.figures[level.figure]
    known = level.known
    return {
        "figure": {"en": level.figure, "fr": in_french(level.figure)},
        "measured": _plain(value),
        "most": _plain(level.most),
        "source": {"en": level.source, "fr": in_french(level.source)},
        "outcome": judged(level, value),
        "known": {"most": _plain(known.most), "decision": known.decision} if known else None,
    }


def _weak(finding: Finding[Any], weakness: Weakness[Any], measured: Measured) -> Json:
    beyond = [] if measured.skipped else [level.figure for level in finding.beyond(measured)]
    return {
        "name": _both(weakness.name),
        "broken": bool(beyond),
        "beyond": [*beyond],
        "skipped": _both(measured.skipped) if measured.skipped else None,
        "figures": _figures(measured),
    }


def _figures(measured: Measured) -> Json:
    return {name: _plain(value) for name, value in measured.figures.items()}


def _plain(value: float) -> Json:
    """A number of NumPy as one of Python."""
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _both(words: Words) -> Json:
    return {"en": words.en, "fr": words.fr}
