"""The documents that every feed has: its items as JSON and as GeoJSON, ordered as the feed orders them."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pipelines.feeds.feed import Context, Feed, Item, Place
from pipelines.feeds.hours.hours import Hours
from pipelines.feeds.hours.status import status
from schemas.feeds import AHEAD, Text


def index(feed: Feed, title: Text, told: Sequence[dict[str, object]], context: Context) -> bytes:
    """The feed as a program or the page of residents reads it."""
    head: dict[str, object] = {
        "town": context.town.id,
        "module": feed.name,
        "title": title.as_json(),
        "at": _instant(context.at, context),
        "updated": _date(context.settings.updated),
        "valid_until": _instant(context.valid_until, context),
    }
    return _lines(head, "items", told)


def told_of(items: Sequence[Item], context: Context) -> list[dict[str, object]]:
    """Each item as JSON has it, in their order."""
    openings = Openings(context)
    return [as_json(item, context, openings) for item in items]


class Openings:
    """Opening hours told for a build's instant, once for all items that have the same."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[tuple[str, datetime | None], dict[str, object]] = {}

    def of(self, hours: str, valid_until: datetime | None) -> dict[str, object]:
        """See `opening`."""
        key = (hours, valid_until)
        if key not in self._told:
            self._told[key] = opening(hours, valid_until, self._context)
        return self._told[key]


def as_json(item: Item, context: Context, openings: Openings) -> dict[str, object]:
    """An item; what it has not is left out."""
    valid_until = valid_until_of(item, context)
    found: dict[str, object] = {
        "id": item.id,
        "title": item.title.as_json(),
        "text": item.text.as_json() if item.text.en or item.text.fr else None,
        "mark": item.mark.as_json() if item.mark.en or item.mark.fr else None,
        "category": item.category.as_json() if item.category.en or item.category.fr else None,
        "place": None if item.place is None else _place(item.place),
        "opening": None if item.hours is None else openings.of(item.hours, valid_until),
        "exceptions": [
            {"first": first.isoformat(), "last": last.isoformat(), "reason": reason.as_json()}
            for first, last, reason in item.exceptions
        ],
        "starts": _instant(item.starts, context),
        "ends": _instant(item.ends, context),
        "dates": [_instant(each, context) if isinstance(each, datetime) else each.isoformat() for each in item.dates],
        "facts": [{"label": label.as_json(), "value": value.as_json()} for label, value in item.facts],
        "tags": [tag.as_json() for tag in item.tags],
        "link": item.link or None,
        "updated": _date(item.updated or context.settings.updated),
        "valid_until": _instant(valid_until, context),
    }
    return {key: value for key, value in found.items() if value is not None and value != []}


def valid_until_of(item: Item, context: Context) -> datetime | None:
    """When an item stops to hold: its own end or its feed's, whichever is first."""
    ends = [end for end in (item.valid_until, context.valid_until) if end is not None]
    return min(ends, default=None)


def opening(hours: str, valid_until: datetime | None, context: Context) -> dict[str, object]:
    """Whether something is open at the build's instant, until when, and when it opens today and in the next 14 days.

    Without hours, or past `valid_until`, the state is unknown; no interval goes beyond it.
    """
    parsed = Hours.parse(hours, context.zone) if hours else None
    now = status(parsed, context.at, valid_until)
    start = midnight(context.at)
    end = min([each for each in (valid_until, context.at + AHEAD) if each is not None])
    # From midnight on: who opens at nine and closes at seven does so for readers of the afternoon, too.
    intervals = parsed.intervals(start, end) if parsed and end > context.at else []
    found: dict[str, object] = {
        "hours": hours or None,
        "state": now.state,
        "until": _instant(now.until, context),
        "intervals": [[_instant(opens, context), _instant(closes, context)] for opens, closes in intervals],
    }
    return {key: value for key, value in found.items() if value is not None}


def midnight(at: datetime) -> datetime:
    """The instant at which the local day of an instant begins."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def geojson(items: Sequence[Item], told: Sequence[dict[str, object]]) -> bytes:
    """The items that have a position, `told` by `told_of`, as GeoJSON points (RFC 7946); the others have none.

    Opening hours are told without their intervals, which stand in the index.
    """
    features = (
        _feature(each, item.place)
        for item, each in zip(items, told, strict=True)
        if item.place is not None and item.place.latitude is not None and item.place.longitude is not None
    )
    return _lines({"type": "FeatureCollection"}, "features", features)


def _feature(item: dict[str, object], place: Place) -> dict[str, object]:
    opening = item.get("opening")
    told = (
        {"opening": {key: value for key, value in opening.items() if key != "intervals"}}
        if isinstance(opening, dict)
        else {}
    )
    properties = {key: value for key, value in item.items() if key not in ("id", "place", "opening")} | told
    return {
        "type": "Feature",
        "id": item["id"],
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": properties | ({"address": place.address} if place.address else {}),
    }


def _lines(head: dict[str, object], name: str, items: Iterable[dict[str, object]]) -> bytes:
    """JSON in UTF-8, each item on a line of its own.

    Without an indent the encoder is the one in C: 5,000 places in 0.2 s and not in 2.
    """
    first = json.dumps(head, ensure_ascii=False)[:-1]
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, allow_nan=False) for item in items)
    return f'{first}, "{name}": [\n{lines}\n]}}\n'.encode()


def as_bytes(document: object) -> bytes:
    """JSON in UTF-8, one member a line."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _place(place: Place) -> dict[str, object]:
    found = {"address": place.address or None, "latitude": place.latitude, "longitude": place.longitude}
    return {key: value for key, value in found.items() if value is not None}


def _instant(instant: datetime | None, context: Context) -> str | None:
    return None if instant is None else instant.astimezone(context.zone).isoformat(timespec="seconds")


def _date(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
