"""docs/privacy-evidence.md and the decisions state the attacks as they are declared."""

from collections.abc import Iterable, Iterator

import pytest

from pipelines.attacks.battery import ATTACKS
from pipelines.attacks.report.markdown import declared_levels, declared_weaknesses
from tests.paths import ROOT

RECORD = "python -m tests.attacks --record writes the page"
SHORTFALLS = [(attack, level, level.known) for attack in ATTACKS for level in attack.levels if level.known]
DECISIONS = sorted({known.decision for _, _, known in SHORTFALLS})


def tables(text: str) -> Iterator[list[tuple[str, ...]]]:
    """The rows of each table below its head, with a cell for each column."""
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        rows = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
        if rows:
            yield rows[2:]


def firsts(rows: Iterable[tuple[str, ...]], number: int) -> list[tuple[str, ...]]:
    return [row[:number] for row in rows]


def recorded() -> list[list[tuple[str, ...]]]:
    """The tables of what attacks reach."""
    page = (ROOT / "docs/privacy-evidence.md").read_text(encoding="utf-8")
    return list(tables(page.partition("# Evidence: what attacks reach")[2]))


def ceilings(decision: str) -> list[tuple[str, ...]]:
    """The table below the heading, in the page of a decision."""
    page = (ROOT / f"docs/decisions/{decision}.md").read_text(encoding="utf-8")
    section = page.partition("\n## Ceilings\n")[2].partition("\n## ")[0]
    return next(tables(section), [])


def test_every_level_and_ceiling_stands_in_the_recorded_table_as_it_is_declared() -> None:
    assert firsts(recorded()[0], 4) == declared_levels(ATTACKS), RECORD


def test_every_weak_release_stands_in_the_recorded_table_as_it_is_declared() -> None:
    assert [firsts(table, 3) for table in recorded()[1:]] == [declared_weaknesses(ATTACKS)], RECORD


def test_the_recorded_table_has_no_attack_that_is_broken_and_no_weak_release_that_held() -> None:
    assert [row for table in recorded() for row in table if "BROKEN" in str(row) or "NO EVIDENCE" in str(row)] == []


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_states_every_ceiling_that_refers_to_it_and_no_other(decision: str) -> None:
    expected = [
        (attack.number, level.figure, f"{level.most:g}", f"{known.most:g}")
        for attack, level, known in SHORTFALLS
        if known.decision == decision
    ]
    assert ceilings(decision) == expected


def test_only_decisions_that_a_level_refers_to_state_ceilings() -> None:
    stating = [path.stem for path in sorted((ROOT / "docs/decisions").glob("*.md")) if ceilings(path.stem)]
    assert stating == DECISIONS
