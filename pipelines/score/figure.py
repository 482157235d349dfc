"""A measured figure: its key, its value, and how many comparisons stand behind it."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """`key` is stable, words joined by dots; `scored` counts what the value was taken over."""

    key: str
    value: float
    scored: int


@dataclass(frozen=True)
class Scored:
    """What a comparison found: figures, and how many published things of each kind it could not compare."""

    figures: tuple[Figure, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)


def together(found: Iterable[Scored]) -> Scored:
    """Several findings as one; what was left out is only told where there is something."""
    figures: list[Figure] = []
    left_out: dict[str, int] = {}
    for each in found:
        figures += each.figures
        left_out |= {reason: number for reason, number in each.left_out.items() if number}
    return Scored(tuple(figures), left_out)
