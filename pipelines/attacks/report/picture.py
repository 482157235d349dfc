"""A small picture of one level: how far what was measured is from it, and how far the weak releases are."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from pipelines.attacks.finding import BROKEN, KNOWN
from schemas.attack_report import Outcome

_WIDTH: Final = 240
_HEIGHT: Final = 26
_EDGE: Final = 6
_LEAST: Final = 2
"""What is not nothing is seen, however small."""
_COLOUR: Final = {BROKEN: "#a3001b", KNOWN: "#b26a00"}
_HELD: Final = "#0a5c2b"


def picture(measured: float, most: float, weak: Sequence[float], outcome: Outcome, description: str) -> str:
    """An SVG: a bar for what was measured, a line for the level, a triangle for each weak release that has a number.

    All begin at zero and share one scale; `description` is what a screen reader says.
    """
    longest = max((value for value in (measured, most, *weak) if math.isfinite(value)), default=0) or 1
    scale = (_WIDTH - 2 * _EDGE) / longest
    bar = max(_along(measured, scale), _LEAST if measured > 0 else 0)
    level = _EDGE + _along(most, scale)
    triangles = "".join(_triangle(_EDGE + _along(value, scale)) for value in weak if math.isfinite(value))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(description)}"><title>{escape(description)}</title>'
        f'<rect x="{_EDGE}" y="10" width="{_WIDTH - 2 * _EDGE}" height="8" fill="#eceff3"/>'
        f'<rect x="{_EDGE}" y="10" width="{bar:.1f}" height="8" fill="{_COLOUR.get(outcome, _HELD)}"/>'
        f'{triangles}<path d="M{level:.1f} 4V24" stroke="#1b1b1b" stroke-width="2"/></svg>'
    )


def _along(value: float, scale: float) -> float:
    """Where a value stands; what is below zero or no number stands at the beginning."""
    return value * scale if math.isfinite(value) and value > 0 else 0.0


def _triangle(x: float) -> str:
    return f'<path d="M{x:.1f} 9l-4 -7h8z" fill="#5b3a8e"/>'
