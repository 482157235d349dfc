"""The items of a feed as its index states them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from dashboards.feeds import document
from dashboards.feeds.document import Fields, wrong
from schemas.feeds import Text

MOST_ITEMS: Final = 20_000
"""Of one feed."""


@dataclass(frozen=True)
class Opening:
    """When something is open: its state at the build's instant, and the intervals that were spelled out from it on."""

    hours: str
    state: str
    intervals: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Item:
    """What a resident reads of one thing; `key` names it among all feeds, positions are in degrees (WGS 84).

    `exceptions`: the first and the last day on which its hours are others, and why.
    """

    feed: str
    key: str
    title: Text
    text: Text
    category: Text
    address: str
    position: tuple[float, float] | None
    opening: Opening | None
    starts: datetime | None
    ends: datetime | None
    dates: tuple[date | datetime, ...]
    facts: tuple[tuple[Text, Text], ...]
    tags: tuple[Text, ...]
    mark: Text
    exceptions: tuple[tuple[date, date, Text], ...]
    link: str
    valid_until: datetime | None


def read_items(data: bytes, feed: str, where: str) -> tuple[Item, ...]:
    """The items in the order of the feed; raises InputError for what is no index."""
    found = document.fields(document.parsed(data, where), where)
    rows = document.listed(found, "items", where)
    if len(rows) > MOST_ITEMS:
        raise wrong(where, f"at most {MOST_ITEMS} items")
    end = document.instant(found.get("valid_until"), f"{where} valid_until")
    return tuple(_item(document.fields(row, where), feed, number, where, end) for number, row in enumerate(rows))


def _item(found: Fields, feed: str, number: int, where: str, feed_ends: datetime | None) -> Item:
    place = found.get("place")
    placed = place if isinstance(place, dict) else {}
    facts = [document.fields(each, where) for each in document.listed(found, "facts", where)]
    ends = [document.instant(found.get("valid_until"), where), feed_ends]
    return Item(
        feed,
        f"{feed}/{document.text(found, 'id') or number}",
        document.named(found, "title"),
        document.named(found, "text"),
        document.named(found, "category"),
        document.text(placed, "address"),
        _position(placed),
        _opening(found.get("opening"), where),
        document.instant(found.get("starts"), where),
        document.instant(found.get("ends"), where),
        tuple(_date(each, where) for each in document.listed(found, "dates", where)),
        tuple((document.named(fact, "label"), document.named(fact, "value")) for fact in facts),
        _tags(found, where),
        document.named(found, "mark"),
        tuple(_exception(document.fields(each, where), where) for each in document.listed(found, "exceptions", where)),
        _link(document.text(found, "link")),
        min((end for end in ends if end is not None), default=None),
    )


def _tags(found: Fields, where: str) -> tuple[Text, ...]:
    return tuple(document.named({"tag": each}, "tag") for each in document.listed(found, "tags", where))


def _position(place: Fields) -> tuple[float, float] | None:
    """Longitude and latitude."""
    latitude, longitude = document.degrees(place, "latitude", 90), document.degrees(place, "longitude", 180)
    return None if latitude is None or longitude is None else (longitude, latitude)


def _opening(value: object, where: str) -> Opening | None:
    if value is None:
        return None
    found = document.fields(value, f"{where} opening")
    intervals = [_interval(each, f"{where} intervals") for each in document.listed(found, "intervals", where)]
    return Opening(document.text(found, "hours"), document.text(found, "state"), tuple(sorted(intervals)))


def _interval(value: object, where: str) -> tuple[datetime, datetime]:
    if not isinstance(value, list) or len(value) != 2:
        raise wrong(where, "pairs of instants")
    start, end = (document.instant(each, where) for each in value)
    if start is None or end is None:
        raise wrong(where, "pairs of instants")
    return start, end


def _exception(found: Fields, where: str) -> tuple[date, date, Text]:
    first, last = (document.day(found.get(key), f"{where} exceptions") for key in ("first", "last"))
    if first is None or last is None:
        raise wrong(f"{where} exceptions", "a first and a last day")
    return first, last, document.named(found, "reason")


def _date(value: object, where: str) -> date | datetime:
    written = str(value)
    found = document.instant(value, where) if "T" in written else document.day(value, where)
    if found is None:
        raise wrong(where, "dates")
    return found


def _link(address: str) -> str:
    """An address of the web; any other scheme could run something."""
    return address if address.startswith(("https://", "http://")) and not set(address) & set(" \"'<>`\\") else ""
