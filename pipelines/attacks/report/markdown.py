"""The reports on several releases as tables of Markdown, for the page of evidence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import BROKEN, HELD, NOT_ATTACKED, AnyAttack, Finding, Level, Weakness
from pipelines.attacks.report.attacked import CHECK, CRITERIA, outcome
from pipelines.attacks.report.text import allowed
from pipelines.attacks.report.texts import number

_NONE: Final = "-"

Row = tuple[str, ...]
_Found = Sequence[Finding[Any]]


def levels(reports: Mapping[str, Report]) -> str:
    """A row for each level of each attack, by criterion; a column for each release, by its name in `reports`.

    What is beyond a level is bold, and called broken unless it is known. The last two columns: the most that a weak
    release reached, and of how many releases on which the level was attacked a weak one goes beyond it.
    """
    head = ("criterion", "attack", "figure", "level", *reports, "the most on weak releases", "a weak release is beyond")
    return _table([head, *(_of_level(attack, level, reports) for attack, level in _levels(_attacks(reports)))])


def weaknesses(reports: Mapping[str, Report]) -> str:
    """A row for each way to weaken a release: which levels it is made to break, and of how many it broke one."""
    head = ("attack", "weak release", "made to break", "broken")
    pairs = [(attack, weak) for attack in _attacks(reports) for weak in attack.weaknesses]
    return _table([head, *((*declared_weakness(*pair), _broken(*pair, reports)) for pair in pairs)])


def declared_levels(attacks: Sequence[AnyAttack]) -> list[Row]:
    """What stands first in the row of each level, whatever was found."""
    return [declared_level(attack, level) for attack, level in _levels(attacks)]


def declared_weaknesses(attacks: Sequence[AnyAttack]) -> list[Row]:
    """What stands first in the row of each weak release, whatever was found."""
    return [declared_weakness(attack, weak) for attack in _by_criterion(attacks) for weak in attack.weaknesses]


def declared_level(attack: AnyAttack, level: Level) -> Row:
    """What stands for all levels of an attack stands in the row of the first."""
    shared = (attack.criterion, f"{attack.number} {attack.name.en}") if level is attack.levels[0] else ("", "")
    return *shared, level.figure, allowed(level, "en") + (f", {CHECK} of the attack itself" if level.check else "")


def declared_weakness(attack: AnyAttack, weakness: Weakness[Any]) -> Row:
    """By the number of the attack; any level is one that it may break, where it names none."""
    return attack.number, weakness.name.en, ", ".join(weakness.breaks) or "any level"


def _table(rows: Sequence[Row]) -> str:
    """Of which the first is the head."""
    ruled = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in ruled)


def _attacks(reports: Mapping[str, Report]) -> list[AnyAttack]:
    found = {each.attack.number: each.attack for report in reports.values() for each in report.findings}
    return _by_criterion(list(found.values()))


def _by_criterion(attacks: Sequence[AnyAttack]) -> list[AnyAttack]:
    return [each for criterion in CRITERIA for each in attacks if each.criterion == criterion]


def _levels(attacks: Sequence[AnyAttack]) -> Iterator[tuple[AnyAttack, Level]]:
    return ((attack, level) for attack in _by_criterion(attacks) for level in attack.levels)


def _of_level(attack: AnyAttack, level: Level, reports: Mapping[str, Report]) -> Row:
    found = [_of(attack, report) for report in reports.values()]
    carried_out = [each for each in found if each is not None and level in each.attacked]
    cells = (_cell(level, each) for each in found)
    return *declared_level(attack, level), *cells, _most(level, carried_out), _shown(level, carried_out)


def _of(attack: AnyAttack, report: Report) -> Finding[Any] | None:
    """What an attack found; None where it was not carried out."""
    return next((each for each in report.findings if each.attack.number == attack.number), None)


def _cell(level: Level, finding: Finding[Any] | None) -> str:
    if finding is None:
        return _NONE
    found = outcome(level, finding)
    if found == NOT_ATTACKED:
        return "nothing to attack" if finding.found.skipped else NOT_ATTACKED
    written = number(finding.found.figures[level.figure], "en")
    return written if found == HELD else f"**{written} BROKEN**" if found == BROKEN else f"**{written}**"


def _most(level: Level, found: _Found) -> str:
    reached = [value for each in found for value in each.reached(level)]
    return number(max(reached), "en") if reached else _NONE


def _shown(level: Level, found: _Found) -> str:
    if level.check or not found:
        return CHECK if level.check else _NONE
    shown = sum(each.shown(level).beyond for each in found)
    return f"{shown} of {len(found)}" + ("" if shown else " **UNTESTED**")


def _broken(attack: AnyAttack, weakness: Weakness[Any], reports: Mapping[str, Report]) -> str:
    found = [each for report in reports.values() if (each := _of(attack, report)) and each.weakened]
    built = [each for each in found if not each.spared(weakness)]
    held = sum(weakness in each.unbroken for each in built)
    return (f"{len(built) - held} of {len(built)}" if built else _NONE) + (" **NO EVIDENCE**" if held else "")
