"""Figures, intervals and differences in words, the same on the page and in the report."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from dashboards import formats, texts
from dashboards.baseline import Difference, Figure
from dashboards.cards import Card
from dashboards.happening.figures import Told
from dashboards.texts import Text
from dashboards.view import View

NOT_APART: Final = Text(
    "in {slots} the zone has no figure of its own",
    "la zone n’a pas de chiffre propre dans {slots}",
)
SILENT: Final = Text(
    "in {slots} a cell was silent or out: people may be missing",
    "dans {slots} une cellule était muette ou en panne : des personnes peuvent manquer",
)
FROM_TO: Final = Text("from {start} to {end}", "de {start} à {end}")
ON_DAY: Final = Text("{day}, {clock}", "{day} à {clock}")


def card(
    view: View,
    title: Text,
    figure: Figure | None,
    found: Difference | None,
    lines: Sequence[str] = (),
    note: str = "",
    unit: Text | None = texts.PEOPLE,
) -> Card | None:
    """The card of a number of people, or of another `unit`, with a note of what it is; None of no figure."""
    if figure is None:
        return None
    compared = () if found is None else (view.difference(found),)
    meant = ", ".join(each for each in (view.say(unit) if unit else "", note) if each)
    said = (view.say(texts.INTERVAL, between=between(view, figure)), *([meant] if meant else []), *lines)
    return Card(view.say(title), view.number(figure.value), said, compared)


def between(view: View, figure: Figure, write: Callable[[float], str] | None = None) -> str:
    """The interval of a figure."""
    write = write or view.number
    return view.say(texts.BETWEEN, low=write(figure.low), high=write(figure.high))


def gaps(view: View, found: Told) -> tuple[str, ...]:
    """What figures of some slots do not hold; nothing where they hold all."""
    lines: tuple[str, ...] = ()
    if found.missing and view.day.over:
        lines += (view.say(NOT_APART, slots=view.slots(found.missing, found.all)),)
    if found.degraded:
        lines += (view.say(SILENT, slots=view.slots(found.degraded, found.all)),)
    return lines


def moment(view: View, at: datetime, *, weekday: bool) -> str:
    """A time of day, with the day of the week where there are several."""
    clock = view.clock(at)
    return view.say(ON_DAY, day=formats.weekday(at.weekday(), view.language), clock=clock) if weekday else clock


def short_weekday(view: View, at: datetime) -> str:
    """The first letters of the day of the week."""
    name = formats.weekday(at.weekday(), view.language)[:3]
    return f"{name}." if view.language == "fr" else name
