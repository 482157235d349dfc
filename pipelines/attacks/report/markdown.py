"""The reports on several releases as one table of Markdown, for the page of evidence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import BROKEN, HELD, AnyAttack, Finding, Level
from pipelines.attacks.report.attacked import CRITERIA, judged
from pipelines.attacks.report.text import allowed
from pipelines.attacks.report.texts import number

_NONE: Final = "-"

_Found = Sequence[Finding[Any]]


def markdown(reports: Mapping[str, Report]) -> str:
    """A row for each level of each attack, by criterion; a column for each release, by its name in `reports`.

    What is beyond a level is bold, and called broken unless it is known. The last two columns: how many weak releases
    were broken, over all releases in which there was something to attack, and the most that they reached.
    """
    head = ("criterion", "attack", "figure", "level", *reports, "weak releases broken", "the most on weak releases")
    rows = [head, tuple("---" for _ in head), *_rows(list(reports.values()))]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _rows(reports: Sequence[Report]) -> Iterator[tuple[str, ...]]:
    attacks = {each.attack.number: each.attack for report in reports for each in report.findings}
    for criterion in CRITERIA:
        for attack in (each for each in attacks.values() if each.criterion == criterion):
            yield from _of_attack(attack, reports)


def _of_attack(attack: AnyAttack, reports: Sequence[Report]) -> Iterator[tuple[str, ...]]:
    """What stands for all of its levels stands in the row of the first."""
    found = [_of(attack, report) for report in reports]
    carried_out = [each for each in found if each is not None]
    shared = (attack.criterion, f"{attack.number} {attack.name.en}", _broken(carried_out))
    for level in attack.levels:
        criterion, name, broken = shared if level is attack.levels[0] else ("", "", "")
        cells = (_cell(level, each) for each in found)
        yield criterion, name, level.figure, allowed(level, "en"), *cells, broken, _most(level, carried_out)


def _of(attack: AnyAttack, report: Report) -> Finding[Any] | None:
    """What an attack found; None where it was not carried out."""
    return next((each for each in report.findings if each.attack.number == attack.number), None)


def _cell(level: Level, finding: Finding[Any] | None) -> str:
    if finding is None:
        return _NONE
    if finding.found.skipped:
        return "nothing to attack"
    value = finding.found.figures[level.figure]
    outcome, written = judged(level, value), number(value, "en")
    return written if outcome == HELD else f"**{written} BROKEN**" if outcome == BROKEN else f"**{written}**"


def _broken(found: _Found) -> str:
    weak, held = sum(len(each.weakened) for each in found), sum(len(each.unbroken) for each in found)
    return (f"{weak - held} of {weak}" if weak else _NONE) + (" **NO EVIDENCE**" if held else "")


def _most(level: Level, found: _Found) -> str:
    weakened = (weak for each in found for weak in each.weakened if not weak.skipped)
    return number(max(values), "en") if (values := [weak.figures[level.figure] for weak in weakened]) else _NONE
