"""Several reports of the battery as one table, for people who read the evidence of the project."""

from collections.abc import Mapping
from typing import Any

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import KNOWN, Finding, Level


def markdown(reports: Mapping[str, Report]) -> str:
    """A line for each level of each attack, a column for each release by its name."""
    head = ["attack", "criterion", "figure", "level", *reports, "weak releases, most"]
    lines = [_line(head), _line(["---"] * 4 + ["--:"] * (len(reports) + 1))]
    for findings in zip(*(report.findings for report in reports.values()), strict=True):
        lines += [_line(_cells(findings, level)) for level in findings[0].attack.levels]
    return "\n".join([*lines, ""])


def _cells(findings: tuple[Finding[Any], ...], level: Level) -> list[str]:
    attack = findings[0].attack
    known = f" ({KNOWN}: {level.known.most:g})" if level.known else ""
    weak = [measured.figures.get(level.figure) for found in findings for measured in found.weakened]
    reached = [value for value in weak if value is not None]
    return [
        f"{attack.number} {attack.name.en}",
        attack.criterion,
        level.figure,
        f"at most {level.most:g}{known}",
        *(_value(found, level) for found in findings),
        f"{max(reached):.4g}" if reached else "",
    ]


def _value(found: Finding[Any], level: Level) -> str:
    if found.found.skipped:
        return found.found.skipped.en
    value = found.found.figures[level.figure]
    return f"{value:.4g}" if level.holds(value) else f"**{value:.4g}**"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
