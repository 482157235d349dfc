"""The release that was attacked, and the verdicts on it by criterion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import BROKEN, HELD, KNOWN, NOT_ATTACKED, Criterion, Finding, Level
from schemas.attack_report import Evidence, Outcome, Verdict

NO_EVIDENCE: Final = "no evidence"
"""An outcome, or that an attack broke no weak release: that the release held then says nothing."""

CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)
"""In the order of the report."""

SHOWN: Final = "shown"
UNTESTED: Final = "untested"
CHECK: Final = "check"

_WORST_FIRST: Final[tuple[Verdict, ...]] = (BROKEN, NO_EVIDENCE, KNOWN, HELD)


@dataclass(frozen=True)
class Conditions:
    """The privacy numbers of a release, and the software that made it and that attacked it, as version and commit."""

    k: int
    rounding: int
    rounding_hours: int
    slot_minutes: int
    made_by: str
    attacked_by: str


@dataclass(frozen=True)
class Attacked:
    """What was attacked and what was found; `head` is the SHA-256 of the last entry of the release's chain."""

    release_id: str
    head: str
    seed: int
    conditions: Conditions
    report: Report

    def of(self, criterion: Criterion) -> tuple[Finding[Any], ...]:
        """What was found under a criterion."""
        return tuple(each for each in self.report.findings if each.attack.criterion == criterion)


def verdict(finding: Finding[Any]) -> Verdict:
    """The verdict of one attack."""
    return NO_EVIDENCE if finding.unbroken and finding.outcome != BROKEN else finding.outcome


def worst(findings: Sequence[Finding[Any]]) -> Verdict:
    """The verdict over several attacks: the worst of theirs; where nothing was attacked, that."""
    found = {verdict(each) for each in findings}
    return next((each for each in _WORST_FIRST if each in found), NOT_ATTACKED)


def judged(level: Level, value: float) -> Outcome:
    """The outcome of one level."""
    if level.holds(value):
        return HELD
    return KNOWN if level.is_known(value) else BROKEN


def outcome(level: Level, finding: Finding[Any]) -> Outcome:
    """The outcome of one level of what was found; an absent one is not attacked."""
    return judged(level, finding.found.figures[level.figure]) if level in finding.attacked else NOT_ATTACKED


def evidence(level: Level, finding: Finding[Any]) -> Evidence:
    """What the weak releases say of a level."""
    if level.check:
        return CHECK
    return SHOWN if finding.shown(level).beyond else UNTESTED
