"""The audit: is a release what it claims to be? It reads the released files, and nothing else.

Reading order: `checks/structure.py` and `checks/chain.py` (is it whole and genuine), then for each privacy day
the RULES below (is it anonymous), then `report.py` (how it is told). Nothing here trusts what wrote the release.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymization.checks import (
    chain,
    compaction,
    degraded,
    disjointness,
    happenings,
    homogeneity,
    inclusions,
    intervals,
    keys,
    lattice,
    ledger,
    movements,
    nesting,
    notes,
    places,
    schema,
    stated,
    structure,
    threshold,
    widths,
)
from anonymization.checks.day import Day
from anonymization.checks.evidence import Evidence, collect
from anonymization.checks.outcome import Unsound, check_of
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.terms import Terms
from anonymization.checks.windows import DayFiles, files_of_day
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
    inclusions.RULE,
    widths.RULE,
    movements.RULE,
    lattice.RULE,
    homogeneity.RULE,
    intervals.RULE,
)
"""What every published privacy day must have: a new rule is added here."""

Seen = TypeVar("Seen")
Else = TypeVar("Else")


def audit(release: Path, public_key: Path | None = None, allow_test: bool = False, seen: str | None = None) -> Report:
    """The report on a release, whatever is in it; damage is a failed check that names the file.

    `seen`: the SHA-256 of an entry of the chain that was seen before, as an earlier report gave it.
    Raises InputError only for a `public_key` that cannot be read.
    """
    pinned = load_public(public_key) if public_key else None
    evidence = collect(release)
    zones = _zones(evidence)
    checks = (*_whole(evidence, zones, pinned, seen), *_rules(evidence, zones), _test(evidence, allow_test))
    told = _whatever(lambda: notes.notes(evidence, pinned=pinned is not None), lambda reason: (reason,))
    name = evidence.entries[0].body.get("release_id") if evidence.entries else None
    release_id = printable(name) if isinstance(name, str) else ""
    return Report(all(check.passed for check in checks), checks, told, release_id)


def _whole(
    evidence: Evidence, zones: ZoneMap | str, pinned: Ed25519PublicKey | None, seen: str | None
) -> tuple[Check, ...]:
    """The checks of the release as a whole."""
    return (
        _whatever(lambda: structure.check(evidence), lambda reason: _failed("structure", reason)),
        _whatever(lambda: chain.check(evidence, pinned, seen), lambda reason: _failed("chain", reason)),
        _whatever(lambda: keys.check(evidence), lambda reason: _failed("keys", reason)),
        _whatever(lambda: stated.check(evidence), lambda reason: _failed("statement", reason)),
        _whatever(lambda: compaction.check(evidence), lambda reason: _failed("compaction", reason)),
        _whatever(lambda: degraded.check(evidence), lambda reason: _failed("degraded", reason)),
        _whatever(lambda: happenings.check(evidence, zones), lambda reason: _failed("events", reason)),
        _whatever(lambda: ledger.check(evidence), lambda reason: _failed("privacy budget", reason)),
    )


def _rules(evidence: Evidence, zones: ZoneMap | str) -> tuple[Check, ...]:
    """One check per rule, over all days; an hour of a day is in memory at a time."""
    findings: dict[str, list[Finding]] = {rule.name: [] for rule in RULES}
    terms: Terms | None = None
    if isinstance(zones, str):
        findings[places.RULE.name].append(Finding((zones,)))
    for entry in evidence.days:
        files = _files(evidence, entry, zones)
        if isinstance(files, DayFiles):
            terms = files.terms
            _examine(files, findings)
        else:
            _unchecked(findings, [files])
    if not evidence.days:
        findings = {rule.name: [Finding(("there is no privacy day to look at",))] for rule in RULES}
    return tuple(rule.check(findings[rule.name], terms) for rule in RULES)


def _files(evidence: Evidence, entry: Entry, zones: ZoneMap | str) -> DayFiles | str:
    """The files of the day of an entry, or why they cannot be looked at."""
    current = entry.body.get("zones_sha256") == evidence.inventory.sha256.get(ZONES)
    known = zones if isinstance(zones, ZoneMap) and current else None
    name = f"privacy day {entry.privacy_day}"
    return _whatever(lambda: files_of_day(evidence, entry, known), lambda reason: f"{name}: {reason}")


def _examine(files: DayFiles, findings: dict[str, list[Finding]]) -> None:
    """Add what all rules find in the files of a day, and what of them could not be looked at."""
    pieces = files.pieces()
    while isinstance(day := _whatever(lambda: next(pieces, None), _said), Day):
        for rule in RULES:
            if rule.applies(day.terms):
                findings[rule.name].append(_finding(rule, day))
    reasons = [f"privacy day {files.terms.day}: {day}"] if isinstance(day, str) else []
    findings[schema.RULE.name].append(Finding(tuple(files.unsound)))
    _unchecked(findings, [*files.unread, *reasons])
    _unchecked({name: found for name, found in findings.items() if name != schema.RULE.name}, files.unsound)


def _unchecked(findings: dict[str, list[Finding]], reasons: Sequence[str]) -> None:
    for found in findings.values():
        found.append(Finding(tuple(f"not checked: {reason}" for reason in reasons)))


def _finding(rule: Rule, day: Day) -> Finding:
    """What a rule finds on a day, or in an hour of it."""
    return _whatever(lambda: rule.examine(day), lambda reason: Finding((f"{day.terms.day} {reason}",)))


def _said(reason: str) -> str:
    return reason


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
