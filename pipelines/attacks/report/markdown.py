"""The reports on several releases as one table of Markdown, for the page of evidence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import BROKEN, KNOWN, AnyAttack, Finding, Level
from pipelines.attacks.report.attacked import CRITERIA, judged
from pipelines.attacks.report.text import allowed
from pipelines.attacks.report.texts import number

_MARK: Final = {KNOWN: " (known)", BROKEN: " **BROKEN**"}

_Found = Sequence[Finding[Any] | None]
"""What an attack found in each release; None where it was not carried out."""


def markdown(reports: Mapping[str, Report]) -> str:
    """A row for each level of each attack, by criterion; a column for each release, by its name in `reports`.

    The last column says how many of the weak releases were broken, over all releases that the attack could attack.
    """
    head = ("criterion", "attack", "figure", "level", *reports, "weak releases broken")
    rows = [head, tuple("---" for _ in head), *_rows(list(reports.values()))]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _rows(reports: Sequence[Report]) -> Iterator[tuple[str, ...]]:
    attacks = {each.attack.number: each.attack for report in reports for each in report.findings}
    for criterion in CRITERIA:
        for attack in (each for each in attacks.values() if each.criterion == criterion):
            found = [_of(attack, report) for report in reports]
            for level in attack.levels:
                first = level is attack.levels[0]
                name = f"{attack.number} {attack.name.en}" if first else ""
                cells = (_cell(level, each) for each in found)
                yield (
                    criterion if first else "",
                    name,
                    level.figure,
                    allowed(level, "en"),
                    *cells,
                    (_weak(found) if first else ""),
                )


def _of(attack: AnyAttack, report: Report) -> Finding[Any] | None:
    return next((each for each in report.findings if each.attack.number == attack.number), None)


def _cell(level: Level, finding: Finding[Any] | None) -> str:
    """What was measured; a dash where the attack was not carried out."""
    if finding is None:
        return "-"
    if finding.found.skipped:
        return "nothing to attack"
    value = finding.found.figures[level.figure]
    return number(value, "en") + _MARK.get(judged(level, value), "")


def _weak(found: _Found) -> str:
    findings = [each for each in found if each is not None]
    weak, held = (sum(map(len, each)) for each in zip(*((f.weakened, f.unbroken) for f in findings), strict=True))
    return f"{weak - held} of {weak}" + (" **no evidence**" if held else "")
