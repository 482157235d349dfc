"""Figures as HTML that needs no script: cards with one figure each, and bars with their intervals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Final

from dashboards import palette

BLUE: Final = "var(--hx-blue)"
VERMILLION: Final = "var(--hx-vermillion)"
GREY: Final = "var(--hx-grey)"
MERGED: Final = f"repeating-linear-gradient(135deg,{BLUE} 0 6px,var(--hx-light-blue) 6px 10px)"
MOST_ABREAST: Final = 5
"""Cards in a row."""

HATCHED: Final = "repeating-linear-gradient(135deg,#8dd3c0 0 3px,#101828 3px 4px)"
"""Backgrounds of CSS, in the colours of the theme that is shown."""


@dataclass(frozen=True)
class Card:
    """One figure: what it is, the figure, what it is compared with, and lines below it."""

    title: str
    figure: str
    lines: Sequence[str]
    compared: Sequence[str] = ()


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, the count with its interval, and how both are written.

    `style`: `plain`, `merged` (several classes as one) or `apart` (not known, foreign). `compared`: what it is compared
    with, if anything.
    """

    name: str
    value: float
    low: float
    high: float
    written: str
    style: str
    compared: str = ""


def cards(figures: Iterable[Card], *, narrow: bool = False) -> str:
    """Cards side by side in rows of as many, below each other where there is no room; `narrow` ones need less of it."""
    found = list(figures)
    rows = max(ceil(len(found) / MOST_ABREAST), 1)
    abreast = max(ceil(len(found) / rows), 1)
    look = "hx-cards hx-narrow" if narrow else "hx-cards"
    return f'<div class="{look}" style="--hx-abreast:{abreast}">{"".join(map(_card, found))}</div>'


def bars(rows: Sequence[Bar], description: str, longest: float = 0.0) -> str:
    """Horizontal bars on one scale, that of `longest` where it is given; the thin line on each is its interval."""
    longest = longest or max((row.high for row in rows), default=0) or 1
    drawn = "".join(_bar(row, longest) for row in rows)
    return f'<div class="hx-bars" role="list" aria-label="{escape(description)}">{drawn}</div>'


def stack(pieces: Sequence[tuple[str, float, str]], description: str) -> str:
    """One bar of pieces beside each other, each with its name, share and background; they make up 100 %."""
    drawn = "".join(
        f'<div role="listitem" aria-label="{escape(name)}" title="{escape(name)}" '
        f'style="width:{100 * share:.2f}%;background:{background}"></div>'
        for name, share, background in pieces
    )
    return f'<div class="hx-stack" role="list" aria-label="{escape(description)}">{drawn}</div>'


def lines(said: Iterable[str]) -> str:
    """What figures are compared with, one below the other."""
    return "".join(f'<div class="hx-compared">{escape(line)}</div>' for line in said)


def key(colours: Iterable[tuple[str, str]], title: str = "") -> str:
    """What colours stand for, in a row, or below each other under a title."""
    said = "".join(f'<span><i style="background:{colour}"></i>{escape(text)}</span>' for colour, text in colours)
    head = f'<div class="hx-title">{escape(title)}</div>' if title.strip() else ""
    return f'{head}<div class="hx-key{" hx-tall" if title else ""}">{said}</div>'


def ramp(colours: Sequence[str], numbers: Sequence[str], title: str) -> str:
    """Colours that run into each other, with numbers at even distances below them."""
    said = "".join(f"<span>{escape(number)}</span>" for number in numbers)
    return (
        f'<div class="hx-scale"><div class="hx-title">{escape(title)}</div>'
        f'<div class="hx-ramp" style="background:linear-gradient(90deg,{",".join(colours)})"></div>'
        f'<div class="hx-numbers">{said}</div></div>'
    )


def _card(card: Card) -> str:
    compared = "".join(f'<div class="hx-compared">{escape(line)}</div>' for line in card.compared)
    lines = compared + "".join(f'<div class="hx-line">{escape(line)}</div>' for line in card.lines)
    return (
        f'<div class="hx-card"><div class="hx-title">{escape(card.title)}</div>'
        f'<div class="hx-figure">{escape(card.figure)}</div>{lines}</div>'
    )


def _bar(row: Bar, longest: float) -> str:
    width, low, high = (100 * value / longest for value in (row.value, row.low, row.high))
    compared = f'<div class="hx-line">{escape(row.compared)}</div>' if row.compared else ""
    return (
        f'<div class="hx-row" role="listitem"><div class="hx-name">{escape(row.name)}</div>'
        f'<div class="hx-track"><div class="hx-bar hx-{row.style}" style="width:{width:.2f}%"></div>'
        f'<div class="hx-interval" style="left:{low:.2f}%;width:{max(high - low, 0.2):.2f}%"></div></div>'
        f'<div class="hx-written">{escape(row.written)}{compared}</div></div>'
    )


STYLE: Final = f"""<style>
{palette.variables()}
.hx-cards {{display:grid;gap:.8rem;margin:.25rem 0;--hx-share:calc((100% + .8rem) / var(--hx-abreast,1) - .8rem);
  grid-template-columns:repeat(auto-fit,minmax(max(min(var(--hx-least,12.5rem),100%),var(--hx-share)),1fr))}}
.hx-narrow {{--hx-least:9.5rem}}
.hx-narrow .hx-card {{padding:.9rem .8rem}}
.hx-card {{border:1px solid var(--hx-line);border-radius:.75rem;padding:.9rem 1.1rem;background:var(--hx-raised)}}
.hx-title {{font-size:.95rem;color:var(--hx-muted)}}
.hx-figure {{font-size:2.1rem;line-height:1.3;font-weight:650;color:var(--hx-ink)}}
.hx-line {{font-size:.9rem;color:var(--hx-muted)}}
.hx-compared {{font-size:.95rem;font-weight:600;color:var(--hx-text)}}
.hx-bars {{container-type:inline-size;display:grid;gap:.65rem;margin:.25rem 0 .75rem}}
.hx-row {{display:grid;grid-template-columns:minmax(9rem,17rem) 1fr minmax(12rem,15rem);gap:.25rem .9rem;
  align-items:center}}
.hx-name {{font-size:.95rem;text-align:right;color:var(--hx-text)}}
.hx-track {{position:relative;height:1.35rem;background:var(--hx-sunk);border-radius:.2rem}}
.hx-bar {{height:100%;border-radius:.2rem;background:{BLUE}}}
.hx-merged {{background:{MERGED}}}
.hx-apart {{background:{GREY}}}
.hx-row:has(.hx-apart) {{background:var(--hx-sunk);padding:.15rem 0}}
:not(:has(.hx-apart)) + .hx-row:has(.hx-apart) {{margin-top:.9rem}}
.hx-interval {{position:absolute;top:calc(50% - 1.5px);height:3px;background:var(--hx-text);
  box-shadow:0 0 0 1px var(--hx-ground)}}
.hx-stack {{display:flex;height:2.1rem;border-radius:.25rem;overflow:hidden;margin:.4rem 0 .6rem;gap:2px}}
.hx-written {{font-size:.95rem;color:var(--hx-text);font-variant-numeric:tabular-nums}}
.hx-key {{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;font-size:.9rem;color:var(--hx-muted);align-items:center}}
.hx-key span {{display:flex;align-items:baseline}}
.hx-key i {{flex:none;width:1.1rem;height:.8rem;margin-right:.4rem;border-radius:.15rem}}
.hx-tall {{flex-direction:column;align-items:flex-start;margin:.35rem 0 1rem}}
.hx-scale {{max-width:22rem}}
.hx-ramp {{height:.9rem;border-radius:.15rem;margin:.2rem 0}}
.hx-numbers {{display:flex;justify-content:space-between;font-size:.9rem;color:var(--hx-muted);
  font-variant-numeric:tabular-nums}}
.hx-zone {{margin:.2rem 0 0;font-size:clamp(1.5rem,5vw,2.2rem);font-weight:680;line-height:1.2;color:var(--hx-ink)}}
.hx-when {{color:var(--hx-muted);margin-bottom:.4rem}}
.hx-when a {{color:inherit;text-decoration:underline}}
.hx-when b {{color:var(--hx-known)}}
.hx-said {{color:var(--hx-text);font-size:1.05rem;line-height:1.55;margin:.4rem 0;max-width:60rem}}
.hx-foot {{color:var(--hx-muted);font-size:.88rem;border-top:1px solid var(--hx-line);padding-top:.75rem;
  overflow-wrap:anywhere}}
@container (max-width: 42rem) {{
  .hx-row {{grid-template-columns:1fr auto}}
  .hx-name {{text-align:left;grid-column:1 / -1}}
  .hx-track {{grid-column:1 / -1}}
  .hx-written {{grid-column:1 / -1;margin-bottom:.35rem}}
  .hx-row:has(.hx-apart) {{box-shadow:0 0 0 .3rem var(--hx-sunk)}}
}}
.st-key-matrix {{overflow-x:auto}}
.st-key-matrix > * {{min-width:40rem}}
[data-testid="stBaseButton-primary"] {{color:light-dark(#ffffff,var(--hx-ground))}}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * {{color:var(--hx-muted) !important;opacity:1}}
</style>"""
"""The look of what is written as HTML, for every page."""
