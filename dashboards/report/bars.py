"""Bars of the report: a row each, with its name, its bar and interval as a picture, and what is written of it."""

from collections.abc import Sequence
from html import escape
from typing import Final

from dashboards.cards import Bar
from dashboards.palette import LIGHT

_FILLS: Final = {"plain": LIGHT.blue, "merged": LIGHT.light_blue, "apart": LIGHT.grey}


def table(bars: Sequence[Bar]) -> str:
    """The rows, all on one scale."""
    longest = max((bar.high for bar in bars), default=0) or 1
    return f'<table class="bars">{"".join(_row(bar, longest) for bar in bars)}</table>'


def _row(bar: Bar, longest: float) -> str:
    return (
        f'<tr><th scope="row">{escape(bar.name)}</th><td class="bar">{_picture(bar, longest)}</td>'
        f'<td class="number">{escape(bar.written)}</td></tr>'
    )


def _picture(bar: Bar, longest: float) -> str:
    value, low, high = (100 * number / longest for number in (bar.value, bar.low, bar.high))
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{value:.2f}" height="10" fill="{_FILLS[bar.style]}"/>'
        f'<rect x="{low:.2f}" y="4" width="{max(high - low, 0.2):.2f}" height="2" fill="{LIGHT.ink}"/></svg>'
    )
