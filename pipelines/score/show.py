"""The score sheet for people and for programs, and its last line."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from pipelines.score.bound import Judged
from pipelines.score.sheet import Sheet


def as_values(sheet: Sheet, judged: Sequence[Judged]) -> dict[str, object]:
    """One object: by key `figures`, `scored` and `bounds`; by reason `left_out`; names of indicators; `summary`."""
    return {
        "figures": {figure.key: figure.value for figure in sheet.scored.figures},
        "scored": {figure.key: figure.scored for figure in sheet.scored.figures},
        "bounds": {
            each.bound.key: {"max": each.bound.most, "min": each.bound.least, "verdict": each.verdict}
            for each in judged
        },
        "left_out": sheet.scored.left_out,
        "not_in_this_release": list(sheet.absent),
        "without_truth": list(sheet.without_truth),
        "met": all(each.met is not False for each in judged),
        "summary": summary(sheet, judged),
    }


def show(console: Console, sheet: Sheet, judged: Sequence[Judged]) -> None:
    """The figures, those with a bound once more beside it, and what was left out."""
    figures = Table("figure", "value", "scored over", title="Accuracy against the simulated truth")
    bounds = Table("figure", "bound", "value", "verdict", title="Bounds")
    for column in (*figures.columns[1:], bounds.columns[2]):
        column.justify = "right"
    for figure in sheet.scored.figures:
        figures.add_row(figure.key, f"{figure.value:.4f}", f"{figure.scored:,}")
    for each in judged:
        value = "" if each.value is None else f"{each.value:.4f}"
        bounds.add_row(each.bound.key, str(each.bound), value, each.verdict)
    console.print(figures)
    console.print(bounds)
    for reason, number in sheet.scored.left_out.items():
        console.print(f"Not compared: {number:,} x {reason}", soft_wrap=True)
    for name in sheet.absent:
        console.print(f"{name}: not in this release", soft_wrap=True)
    for name in sheet.without_truth:
        console.print(f"{name}: the simulation has no truth for it", soft_wrap=True)


def summary(sheet: Sheet, judged: Sequence[Judged]) -> str:
    """The last line: how much was measured, and which bounds are missed."""
    start = f"score: {len(sheet.scored.figures)} figures, {len(judged)} bounds"
    missed = [each.bound.key for each in judged if each.met is False]
    unmeasured = sum(each.met is None for each in judged)
    verdict = f"{len(missed)} missed: {', '.join(missed)}" if missed else "all met"
    if unmeasured and not missed:
        verdict = "none missed"
    return f"{start}, {verdict}" + (f" ({unmeasured} not measured)" if unmeasured else "")
