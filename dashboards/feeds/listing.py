"""The items of feeds at an instant: how many stand how, and each of them as a row."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from html import escape
from typing import Final

import pandas as pd

from dashboards.cards import Card
from dashboards.feeds import wording
from dashboards.feeds.published import Published
from dashboards.feeds.states import COMING, RUNNING, STATES, Standing, standing
from dashboards.texts import OF_STATE, Text
from dashboards.view import View

MOST_ROWS: Final = 300
"""Rows of a table on the page; files have all of them."""
THING: Final = Text("What", "Quoi")
FEED: Final = Text("Feed", "Flux")
WHEN: Final = Text("When", "Quand")
WHERE: Final = Text("Where", "Où")
MORE: Final = Text("More", "En plus")
SHORT: Final = 5
"""Lines of what is under way, and of what comes next."""
UNDER_WAY: Final = Text("Under way now", "En ce moment")
NEXT: Final = Text("Coming next", "À venir ensuite")
AND_MORE: Final = Text("and {count} more in the table", "et {count} de plus dans le tableau")
FIRST: Final = Text(
    "The first {shown} of {count}; the files have all of them.",
    "Les {shown} premiers sur {count} ; les fichiers les ont tous.",
)


def standings(view: View, found: Published, feed: str, at: datetime) -> list[Standing]:
    """How the items of a feed stand at an instant, or those of all feeds for "": what matters first."""
    zone = wording.zone_of(view)
    names = [feed] if feed else [each.name for each in found.manifest.feeds]
    rows = [standing(item, at, found.manifest.at, zone) for name in names for item in found.items[name]]
    order = {state: place for place, state in enumerate(STATES)}
    return sorted(rows, key=lambda row: (order[row.state], _seconds(row.until)))


def counts(view: View, rows: Sequence[Standing]) -> list[Card]:
    """A card for each state that something has."""
    numbers = {state: sum(row.state is state for row in rows) for state in STATES}
    return [
        Card(view.say(state.name), view.number(count), [view.say(state.meaning)])
        for state, count in numbers.items()
        if count
    ]


def now_and_next(view: View, rows: Sequence[Standing], at: datetime) -> list[str]:
    """As HTML: what is under way, and what comes next, SHORT of each with when; none of what there is not."""
    lists = ((UNDER_WAY, RUNNING), (NEXT, COMING))
    return [
        _list(view, view.say(title), those, at)
        for title, state in lists
        if (those := [row for row in rows if row.state is state])
    ]


def _list(view: View, title: str, rows: Sequence[Standing], at: datetime) -> str:
    said = [
        (wording.named(row.item.title, view), wording.when(view, row, at), _where(view, row)) for row in rows[:SHORT]
    ]
    lines = "".join(
        f"<li><b>{escape(name)}</b> {escape(' · '.join(part for part in parts if part))}</li>" for name, *parts in said
    )
    rest = len(rows) - len(said)
    more = f'<div class="hx-line">{escape(view.say(AND_MORE, count=view.number(rest)))}</div>' if rest else ""
    return f'<div class="hx-title">{escape(title)}</div><ul class="hx-list">{lines}</ul>{more}'


def _where(view: View, row: Standing) -> str:
    """Where something is, or what it is of: rounds of waste have no place but a sector."""
    return row.item.address or wording.named(row.item.category, view)


def table(view: View, found: Published, rows: Sequence[Standing], at: datetime) -> pd.DataFrame:
    """A row for each item, as texts; MOST_ROWS at most."""
    titles = {feed.name: wording.named(feed.title, view) for feed in found.manifest.feeds}
    written = [
        (
            wording.named(row.item.title, view),
            wording.state(view, row),
            wording.when(view, row, at),
            row.item.address,
            titles[row.item.feed],
            _more(view, row),
        )
        for row in rows[:MOST_ROWS]
    ]
    first, *others = (view.say(column) for column in (THING, OF_STATE, WHEN, WHERE, FEED, MORE))
    return pd.DataFrame(written, columns=[first, *others]).set_index(first)


def sheet(view: View, rows: Iterable[Standing], at: datetime) -> pd.DataFrame:
    """A row for each item, as plain values; `longitude` and `latitude` are in degrees (WGS 84), empty without."""
    return pd.DataFrame(
        [
            {
                "at": at.isoformat(timespec="seconds"),
                "feed": row.item.feed,
                "item": row.item.key.partition("/")[2],
                "title": wording.named(row.item.title, view),
                "status": row.state.code,
                "until": "" if row.until is None else row.until.isoformat(),
                "address": row.item.address,
                "longitude": None if row.item.position is None else row.item.position[0],
                "latitude": None if row.item.position is None else row.item.position[1],
                "more": _more(view, row),
                "link": row.item.link,
            }
            for row in rows
        ]
    )


def _more(view: View, row: Standing) -> str:
    item = row.item
    said = [
        wording.named(item.mark, view),
        wording.named(item.text, view),
        wording.named(item.category, view),
        *wording.facts(view, row),
        wording.tags(view, row),
    ]
    return " · ".join(part for part in said if part)


def _seconds(until: date | datetime | None) -> float:
    """For the order only: without an end comes last."""
    if until is None:
        return float("inf")
    return until.timestamp() if isinstance(until, datetime) else datetime(*until.timetuple()[:3]).timestamp()
