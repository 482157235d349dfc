"""The audit: is a release what it claims to be? It reads the released files, and nothing else.

Reading order: `checks/structure.py` and `checks/chain.py` (is it whole and genuine), then for each privacy day
the RULES below (is it anonymous), then `report.py` (how it is told). Nothing here trusts what wrote the release.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymization.checks import (
    chain,
    disjointness,
    homogeneity,
    intervals,
    keys,
    movements,
    nesting,
    notes,
    places,
    schema,
    structure,
    threshold,
)
from anonymization.checks.day import Day, read_day
from anonymization.checks.evidence import Evidence, collect
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap, read_zones
from anonymization.entries import ZONES, Entry
from anonymization.signing import load_public
from anonymization.verdict import INTEGRITY, Check, Report, printable

RULES: tuple[Rule, ...] = (
    schema.RULE,
    threshold.RULE,
    disjointness.RULE,
    places.RULE,
    nesting.RULE,
    movements.RULE,
    homogeneity.RULE,
    intervals.RULE,
)
"""What every published privacy day must have: a new rule is added here."""

Seen = TypeVar("Seen")
Else = TypeVar("Else")


def audit(release: Path, public_key: Path | None = None, allow_test: bool = False) -> Report:
    """The report on a release, whatever is in it; damage is a failed check that names the file.

    Raises InputError only for a `public_key` that cannot be read.
    """
    pinned = load_public(public_key) if public_key else None
    evidence = collect(release)
    checks = (*_whole(evidence, pinned), *_rules(evidence), _test(evidence, allow_test))
    told = _whatever(lambda: notes.notes(evidence, pinned=pinned is not None), lambda reason: (reason,))
    name = evidence.entries[0].body.get("release_id") if evidence.entries else None
    release_id = printable(name) if isinstance(name, str) else ""
    return Report(all(check.passed for check in checks), checks, told, release_id)


def _whole(evidence: Evidence, pinned: Ed25519PublicKey | None) -> tuple[Check, ...]:
    """The checks of the release as a whole."""
    return (
        _whatever(lambda: structure.check(evidence), lambda reason: _failed("structure", reason)),
        _whatever(lambda: chain.check(evidence, pinned), lambda reason: _failed("chain", reason)),
        _whatever(lambda: keys.check(evidence), lambda reason: _failed("keys", reason)),
    )


def _rules(evidence: Evidence) -> tuple[Check, ...]:
    """One check per rule, over all days; one day is in memory at a time."""
    findings: dict[str, list[Finding]] = {rule.name: [] for rule in RULES}
    terms: Terms | None = None
    zones = _zones(evidence)
    if isinstance(zones, str):
        findings[places.RULE.name].append(Finding((zones,)))
    for entry in evidence.days:
        day = _day(evidence, entry, zones)
        if isinstance(day, Day):
            terms = day.terms
        for rule in RULES:
            findings[rule.name].append(_finding(rule, day))
    if not evidence.days:
        findings = {rule.name: [Finding(("there is no privacy day to look at",))] for rule in RULES}
    return tuple(rule.check(findings[rule.name], terms) for rule in RULES)


def _day(evidence: Evidence, entry: Entry, zones: ZoneMap | str) -> Day | str:
    """The day of an entry, or why it cannot be looked at."""
    current = entry.body.get("zones_sha256") == evidence.inventory.sha256.get(ZONES)
    known = zones if isinstance(zones, ZoneMap) and current else None
    name = f"privacy day {entry.privacy_day}"
    return _whatever(lambda: read_day(evidence, entry, known), lambda reason: f"{name}: {reason}")


def _finding(rule: Rule, day: Day | str) -> Finding:
    """What a rule finds on a day, and what of the day it could not look at."""
    if isinstance(day, str):
        return Finding((f"not checked: {day}",))
    missing = day.unread if rule is schema.RULE else [*day.unread, *day.unsound]
    unchecked = tuple(f"not checked: {reason}" for reason in missing)
    found = _whatever(lambda: rule.examine(day), lambda reason: Finding((f"{day.terms.day} {reason}",)))
    return Finding((*found.problems, *unchecked), found.figure)


def _zones(evidence: Evidence) -> ZoneMap | str:
    """The zones of the release, or why they cannot be read."""
    if ZONES not in evidence.inventory.sha256:
        return f"{ZONES} is not there"
    path = evidence.inventory.root / ZONES
    return _whatever(lambda: read_zones(path), lambda reason: f"{ZONES} {reason}")


def _test(evidence: Evidence, allow_test: bool) -> Check:
    """Test releases pass only where they are allowed: their keys may be known."""
    tests = [entry.name for entry in evidence.entries if entry.body.get("test") is not False]
    problems = ["this is a test release: its keys may be known; --allow-test accepts it"] if tests else []
    return check_of(
        "test",
        [] if allow_test else problems,
        found="a test release" if tests else "no test release",
        threshold="any release" if allow_test else "no test release",
        criterion=INTEGRITY,
    )


def _failed(name: str, reason: str) -> Check:
    return check_of(name, [reason], found="nothing", threshold="a check carried out", criterion=INTEGRITY)


def _whatever(look: Callable[[], Seen], otherwise: Callable[[str], Else]) -> Seen | Else:
    """The outcome of looking at something that may be damaged in any way."""
    try:
        return look()
    except Unsound as error:
        return otherwise(str(error))
    # Damage can end in any kind of error, and an auditor is owed a verdict all the same.
    except Exception as error:  # noqa: BLE001
        return otherwise(f"could not be looked at ({type(error).__name__})")
