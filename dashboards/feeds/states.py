"""How things of the feeds can stand at an instant: one word, one sign and one colour for each, everywhere."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards.feeds.items import Item, Opening
from dashboards.states import State
from dashboards.texts import Text
from schemas.feeds import AHEAD


@dataclass(frozen=True)
class Look:
    """How a state is drawn: its sign on a map, and the name of its colour in the palette."""

    sign: str
    colour: str


OPEN: Final = State(
    "open",
    Text("Open", "Ouvert"),
    Text("within its hours at the chosen instant", "dans ses horaires à l’instant choisi"),
    "var(--hx-green)",
)
CLOSED: Final = State(
    "closed",
    Text("Closed", "Fermé"),
    Text("outside its hours at the chosen instant", "hors de ses horaires à l’instant choisi"),
    "var(--hx-vermillion)",
)
RUNNING: Final = State(
    "in_force",
    Text("Under way", "En cours"),
    Text("begun, and not yet over", "commencé, et pas encore terminé"),
    "var(--hx-blue)",
)
COMING: Final = State(
    "to_come",
    Text("To come", "À venir"),
    Text("it has a date after the chosen instant", "une date vient après l’instant choisi"),
    "var(--hx-known)",
)
OVER: Final = State(
    "over",
    Text("Over", "Terminé"),
    Text("its last date lies before the chosen instant", "sa dernière date est avant l’instant choisi"),
    "var(--hx-muted)",
)
LISTED: Final = State(
    "listed",
    Text("Listed", "Signalé"),
    Text("it holds, and has neither hours nor dates", "valable, sans horaires ni dates"),
    "var(--hx-purple)",
)
UNKNOWN: Final = State(
    "unknown",
    Text("Unknown", "Inconnu"),
    Text(
        "no hours are known, or they no longer hold at the chosen instant",
        "pas d’horaires connus, ou ils ne valent plus à l’instant choisi",
    ),
    "var(--hx-grey)",
)
STATES: Final = (RUNNING, COMING, OPEN, CLOSED, UNKNOWN, LISTED, OVER)
"""In the order in which they are shown."""

LOOKS: Final = {
    OPEN: Look("✓", "green"),
    CLOSED: Look("×", "vermillion"),
    RUNNING: Look("!", "blue"),
    COMING: Look("›", "known"),
    OVER: Look("·", "muted"),
    LISTED: Look("•", "purple"),
    UNKNOWN: Look("?", "grey"),
}


@dataclass(frozen=True)
class Standing:
    """How an item stands at an instant; `until`: when that ends or when it comes, as far as it is known."""

    item: Item
    state: State
    until: date | datetime | None = None


def standing(item: Item, at: datetime, built: datetime, zone: ZoneInfo) -> Standing:
    """How an item stands at an instant, from what a build for another instant spelled out.

    Past its `valid_until` nothing is known of it, nor of opening hours before the build or 14 days after it.
    """
    if item.valid_until is not None and at >= item.valid_until:
        return Standing(item, UNKNOWN)
    if item.opening is not None:
        return _opening(item, item.opening, at, built)
    found = _happening(item, at) if item.starts is not None or item.ends is not None else Standing(item, OVER)
    if found.state is not OVER:
        return found
    coming = [each for each in item.dates if _end(each, zone) > at.timestamp()]
    if coming:
        return Standing(item, COMING, min(coming, key=lambda each: _end(each, zone)))
    return found if item.dates or found.until is not None else Standing(item, LISTED)


def _opening(item: Item, opening: Opening, at: datetime, built: datetime) -> Standing:
    nothing_known = not opening.hours or (opening.state not in ("open", "closed") and not opening.intervals)
    if nothing_known or not built <= at < built + AHEAD:
        return Standing(item, UNKNOWN)
    for start, end in opening.intervals:
        if start <= at < end:
            # What ends with what is spelled out may go on.
            return Standing(item, OPEN, end if end < _known_until(item, built) else None)
        if start > at:
            return Standing(item, CLOSED, start)
    return Standing(item, CLOSED)


def _known_until(item: Item, built: datetime) -> datetime:
    horizon = built + AHEAD
    return horizon if item.valid_until is None else min(horizon, item.valid_until)


def _happening(item: Item, at: datetime) -> Standing:
    if item.starts is not None and at < item.starts:
        return Standing(item, COMING, item.starts)
    if item.ends is not None and at >= item.ends:
        return Standing(item, OVER, item.ends)
    return Standing(item, RUNNING, item.ends)


def _end(day: date | datetime, zone: ZoneInfo) -> float:
    """Until when a date is one to come: an instant up to itself, a day up to its end."""
    if isinstance(day, datetime):
        return day.timestamp()
    return datetime.fromordinal(min(day.toordinal() + 1, date.max.toordinal())).replace(tzinfo=zone).timestamp()
