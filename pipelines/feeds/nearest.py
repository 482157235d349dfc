"""Which place is the nearest one that is open, and which one opens next where none is."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.feeds.documents import valid_until_of
from pipelines.feeds.feed import Context, Item
from pipelines.feeds.hours.hours import Hours
from pipelines.feeds.hours.status import Status, status
from schemas.great_circle import metres


@dataclass(frozen=True)
class Near:
    """A place, how far it is, whether it is open, and the next instant at which that changes, if it is known."""

    item: Item
    metres: float
    status: Status

    @property
    def opens(self) -> datetime | None:
        """When it opens, where it is closed."""
        return self.status.until if self.status.state == "closed" else None


def nearest(items: Iterable[Item], latitude: float, longitude: float, context: Context, tag: str = "") -> Near | None:
    """The nearest place that is open at the instant of the context, or else the one that opens next.

    Only items with a position and, where one is given, with the tag are looked at. A place of which it is not known
    whether it is open, or that has no hours at all, never counts as open, nor as one that opens. What opens at the same
    time is ordered by distance, and what is equally near, to a millimetre, by identifier. None where nothing is open,
    and nothing is known to open.
    """
    found = sorted(_located(items, latitude, longitude, tag), key=lambda pair: (round(pair[0], 3), pair[1].id))
    closed: list[Near] = []
    for far, item in found:
        hours = Hours.parse(item.hours, context.zone) if item.hours else None
        near = Near(item, far, status(hours, context.at, valid_until_of(item, context)))
        if near.status.state == "open":
            return near
        closed.append(near)
    opening = [(near.opens, near) for near in closed if near.opens is not None]
    return min(opening, key=lambda pair: pair[0], default=(None, None))[1]


def tags(items: Iterable[Item]) -> tuple[str, ...]:
    """The French tags of items, each once, ordered."""
    return tuple(sorted({tag.fr for item in items for tag in item.tags}))


def matching(items: Sequence[Item], asked: str) -> tuple[str, ...]:
    """The French tags of items that hold a text, in either language, whatever its capitals and accents."""
    wanted = _plain(asked)
    pairs = {tag.fr: tag for item in items for tag in item.tags}
    exact = [fr for fr, tag in pairs.items() if wanted in (_plain(tag.fr), _plain(tag.en))]
    return tuple(sorted(exact or [fr for fr, tag in pairs.items() if wanted in f"{_plain(fr)}\n{_plain(tag.en)}"]))


def _located(items: Iterable[Item], latitude: float, longitude: float, tag: str) -> Iterable[tuple[float, Item]]:
    for item in items:
        place = item.place
        if place is None or place.latitude is None or place.longitude is None:
            continue
        if not tag or tag in (each.fr for each in item.tags):
            yield metres(latitude, longitude, place.latitude, place.longitude), item


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(sign for sign in parts if not unicodedata.combining(sign)).casefold().split())
