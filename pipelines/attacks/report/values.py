"""The report as plain values, for a program: every text in both languages, every number as it was measured."""

import math
from typing import Any, Final

from anonymization.entries import Body, Json
from pipelines.attacks.finding import HELD, KNOWN, NOT_ATTACKED, Criterion, Finding, Level, Measured, Weakness, Words
from pipelines.attacks.report.attacked import CRITERIA, Attacked, evidence, outcome, verdict, worst
from pipelines.attacks.report.french import in_french
from pipelines.attacks.report.limits import LIMITS
from pipelines.attacks.report.texts import CRITERION, MEANING

SCHEMA: Final = 2
"""The form of the values: another number is another form."""


def to_json(attacked: Attacked) -> Body:
    """The report; a figure that is no number is null."""
    report = attacked.report
    return {
        "schema": SCHEMA,
        "release_id": attacked.release_id,
        "head": attacked.head,
        "seed": attacked.seed,
        "conditions": {**vars(attacked.conditions)},
        "passed": report.passed,
        "summary": {**counts(attacked)},
        "criteria": [_criterion(each, attacked) for each in CRITERIA],
        "attacks": [_attack(each) for criterion in CRITERIA for each in attacked.of(criterion)],
        "limits": [_both(each) for each in LIMITS],
    }


def counts(attacked: Attacked) -> dict[str, int]:
    """How many attacks there were, with which outcome, and how many levels and weak releases, with those that fail.

    Levels are those that were attacked, but for checks of the attacks themselves.
    """
    report = attacked.report
    outcomes = [each.outcome for each in report.findings]
    return {
        "attacks": len(outcomes),
        "held": outcomes.count(HELD),
        "known_shortfalls": outcomes.count(KNOWN),
        "broken": len(report.broken),
        "not_attacked": outcomes.count(NOT_ATTACKED),
        "levels": sum(not level.check for each in report.findings for level in each.attacked),
        "levels_untested": report.untested,
        "weak_releases": sum(each.built for each in report.findings),
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
        "levels": [] if found.skipped else [_level(each, finding) for each in attack.levels],
        "figures": _figures(found),
        "tried": {name: int(value) for name, value in found.tried.items()},
        "weak_releases": [_weak(finding, weakness, measured) for weakness, measured in weakened],
    }


def _level(level: Level, finding: Finding[Any]) -> Json:
    """A level that is not attacked has the reason in `absent`, and neither a measured value nor evidence."""
    known, absent = level.known, finding.found.absent.get(level.figure)
    return {
        "figure": {"en": level.figure, "fr": in_french(level.figure)},
        "measured": None if absent else _plain(finding.found.figures[level.figure]),
        "most": _plain(level.most),
        "source": {"en": level.source, "fr": in_french(level.source)},
        "outcome": outcome(level, finding),
        "known": {"most": _plain(known.most), "decision": known.decision} if known else None,
        "absent": _both(absent) if absent else None,
        "evidence": None if absent else _evidence(level, finding),
    }


def _evidence(level: Level, finding: Finding[Any]) -> Json:
    """What the weak releases say of a level, and the most that one of them reached."""
    most = finding.shown(level).most
    return {"verdict": evidence(level, finding), "most": None if most is None else _plain(most)}


def _weak(finding: Finding[Any], weakness: Weakness[Any], measured: Measured) -> Json:
    beyond = [level.figure for level in finding.broken(weakness, measured)]
    return {
        "name": _both(weakness.name),
        "built": not finding.spared(weakness),
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
