"""The lines as cells: for a terminal and for a page."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from pipelines.score.bound import Bound
from tests.accuracy.coverage import CONFIDENCE, LEAST, MOST
from tests.accuracy.verdict import Line


def columns(seeds: Sequence[int]) -> list[str]:
    """What the cells of a row are."""
    return ["figure", "target", *(f"seed {seed}" for seed in seeds), "median", "recorded bound", ""]


def cells(line: Line) -> list[str]:
    """A row: the key, the target, a value for each seed, the median, the bound, and whether they are met."""
    return [
        line.headline.key,
        sides(line.headline.target),
        *(number(value) for value in line.values),
        number(line.median),
        sides(line.bound),
        verdict(line),
    ]


def verdict(line: Line) -> str:
    """Whether the target is met, in a word; and whether the recorded bound is broken."""
    target = {True: "met", False: "missed", None: ""}[line.reached]
    if line.headline.target is not None and line.median is None:
        target = "not measured"
    return ", ".join(word for word in (target, "WORSE" if line.kept is False else "") if word)


def sides(bound: Bound | None) -> str:
    """A bound as a comparison."""
    if bound is None:
        return ""
    found = [("≥", bound.least), ("≤", bound.most)]
    return " ".join(f"{sign} {number(value)}" for sign, value in found if value is not None)


def number(value: float | None) -> str:
    """A value to four digits behind the point."""
    return "" if value is None else f"{value:.4f}"


def table(lines: Sequence[Line], seeds: Sequence[int]) -> Table:
    """The lines for a terminal."""
    shown = Table(*columns(seeds), title="Accuracy over simulated towns")
    shown.columns[0].no_wrap = True
    for column in shown.columns[2:-1]:
        column.justify = "right"
    for line in lines:
        shown.add_row(*cells(line))
    return shown


def coverage(found: Mapping[str, float], replicates: int) -> Table:
    """The coverage of the intervals for a terminal."""
    shown = Table("family", "covered", "", title=f"Intervals of {CONFIDENCE:.0%} over {replicates:,} simulated towns")
    shown.columns[1].justify = "right"
    for name, share in found.items():
        shown.add_row(name, number(share), "met" if LEAST <= share <= MOST else "missed")
    return shown
