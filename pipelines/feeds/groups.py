"""Findings of one kind, counted: a file with a thousand rows has a report of some lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipelines.feeds.rows import Finding, Level
from schemas.feeds import Text

SHOWN: Final = 5
"""How many rows of a group are named."""


@dataclass(frozen=True)
class Group:
    """What is wrong in the same way in some rows of a file; `found` is what the first of them says."""

    level: Level
    file: str
    field: str
    expected: Text
    lines: tuple[int, ...]
    found: str

    def told(self) -> str:
        """One line in English; that of the finding where there is one only."""
        if len(self.lines) == 1:
            return Finding(self.file, self.lines[0], self.field, self.level, self.expected, self.found).told()
        named = ", ".join(str(line) for line in self.lines[:SHOWN]) + (", …" if len(self.lines) > SHOWN else "")
        found = f", found {self.found}" if self.found else ""
        return f"{self.file} {self.field}, {len(self.lines):,} rows ({named}): expected {self.expected.en}{found}"


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """The kinds of findings: errors first, then those that most rows have."""
    kinds: dict[tuple[Level, str, str, Text], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.level, finding.file, finding.field, finding.expected), []).append(finding)
    groups = [
        Group(*kind, tuple(sorted({each.line for each in found})), found[0].found) for kind, found in kinds.items()
    ]
    # Sorting is stable: what is found in as many rows stays in the order of the files.
    return tuple(sorted(groups, key=lambda group: (group.level, -len(group.lines))))
