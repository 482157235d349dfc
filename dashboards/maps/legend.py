"""What the colours and marks of a map stand for, beside it as HTML and inside a picture as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dashboards import cards, texts
from dashboards.maps.area import SAID, Area
from dashboards.maps.mapframe import RAMP
from dashboards.states import STATES, State
from dashboards.texts import Text
from dashboards.view import View

UNDER: Final = Text("under {high}", "moins de {high}")
FROM: Final = Text("{low} and over", "{low} et plus")
THE_ZONE: Final = Text("The zone", "La zone")


@dataclass(frozen=True)
class Legend:
    """What the colours of a map stand for, the most first, and what the states do that are on it."""

    title: str
    colours: Sequence[tuple[str, str]]
    states: Sequence[tuple[State, str]]
    zone: str


def html(legend: Legend) -> str:
    """The key beside a map, in the colours of the theme that is shown."""
    marks = [(state.look, text) for state, text in legend.states]
    marks.append((f"none;outline:3px solid {cards.VERMILLION}", legend.zone))
    colours = [(f"{colour};outline:1px solid var(--hx-line)", text) for colour, text in legend.colours]
    return cards.key(colours, legend.title) + cards.key(marks, " ")


def states_on(view: View, areas: Sequence[Area]) -> list[tuple[State, str]]:
    """The states that are on a map, explained."""
    found = {area.state for area in areas} | {state for state in SAID if state.code == "pooled" and _any_pool(areas)}
    return [(state, view.say(SAID[state])) for state in STATES if state in found and state in SAID]


def density(view: View, title: Text, bounds: Sequence[float], areas: Sequence[Area]) -> Legend:
    """The key of a map coloured by density between fixed bounds."""
    written = [view.number(bound, 0 if bound >= 1 else 1) for bound in bounds]
    said = [
        view.say(UNDER, high=written[0]),
        *(view.say(texts.BETWEEN, low=low, high=high) for low, high in pairwise(written)),
        view.say(FROM, low=written[-1]),
    ]
    colours = list(zip(RAMP, said, strict=False))[::-1]
    return Legend(view.say(title), colours, states_on(view, areas), view.say(THE_ZONE))


def _any_pool(areas: Sequence[Area]) -> bool:
    return any(area.pooled for area in areas)
