"""Events of the town, as iCalendar and by their next dates."""

from collections.abc import Mapping, Sequence
from typing import Final

from pipelines.feeds.calendars.ics import Entry, Heading, as_ics, stamp
from pipelines.feeds.events.columns import CATEGORIES, EVENTS
from pipelines.feeds.events.event import Event, events
from pipelines.feeds.feed import Built, Context, Feed, Item, Place
from pipelines.feeds.rows import Rows
from schemas.feeds import NO_TEXT, Text

MOST: Final = 10
"""How many next dates of what comes again are listed."""
MARKS: Final = {"cancelled": Text("Cancelled", "Annulé"), "postponed": Text("Postponed", "Reporté")}
_FREE: Final = {"yes": Text("Free", "Gratuit"), "no": Text("Paid", "Payant")}


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The events that are not over, the next one first, and calendars of all of them in French and in English."""
    found, findings = events(rows[EVENTS.name], context.settings.source.name, context.zone)
    found = tuple(sorted(found, key=lambda event: (event.series.start, event.text("id"))))
    items = [item for item in (_item(event, context) for event in found) if item is not None]
    items.sort(key=lambda item: (item.starts or context.at, item.id))
    files = {"events.ics": _calendar(found, "fr", context), "events.en.ics": _calendar(found, "en", context)}
    return Built(tuple(items), files if found else {}, findings)


def _item(event: Event, context: Context) -> Item | None:
    following = event.series.next(context.at, context.zone, MOST)
    if not following:
        return None
    whole_days, rule = event.series.whole_days, event.series.rule
    return Item(
        id=event.text("id"),
        title=event.both("title"),
        mark=MARKS.get(event.text("status"), NO_TEXT),
        text=event.both("description"),
        category=CATEGORIES[event.text("category") or "other"],
        place=_place(event),
        starts=following[0].start,
        ends=following[0].end,
        dates=tuple(each.day if whole_days else each.start for each in following) if rule else (),
        facts=(*_facts(event), *_organiser(event)),
        link=event.text("url"),
        valid_until=None if rule else following[0].end,
    )


def _title(event: Event) -> Text:
    """The title in a calendar, behind what has become of it."""
    title, mark = event.both("title"), MARKS.get(event.text("status"))
    return Text(f"{mark.en}: {title.en}", f"{mark.fr}\u00a0: {title.fr}") if mark else title


def _place(event: Event) -> Place | None:
    place, address = event.text("place"), event.text("address")
    # A square is its own address.
    named = address == place or address.startswith(f"{place},")
    where = address if named else ", ".join(text for text in (place, address) if text)
    latitude, longitude = event.row["latitude"], event.row["longitude"]
    if isinstance(latitude, float) and isinstance(longitude, float):
        return Place(where, latitude, longitude)
    return Place(where) if where else None


def _facts(event: Event) -> tuple[tuple[Text, Text], ...]:
    price = event.both("price")
    free = _FREE.get(event.text("free"), NO_TEXT)
    told = Text(", ".join(filter(None, (free.en, price.en))), ", ".join(filter(None, (free.fr, price.fr))))
    return ((Text("Price", "Tarif"), told),) if told.fr else ()


def _organiser(event: Event) -> tuple[tuple[Text, Text], ...]:
    name = event.text("organiser")
    return ((Text("Organiser", "Organisateur"), Text.same(name)),) if name else ()


def _calendar(found: Sequence[Event], language: str, context: Context) -> bytes:
    town = context.town.name
    name = {"fr": f"Agenda – {town}", "en": f"Events – {town}"}[language]
    entries = [_entry(event, language, context) for event in found]
    return as_ics(entries, Heading(name, language, stamp(context)), context.zone)


def _entry(event: Event, language: str, context: Context) -> Entry:
    place = _place(event)
    facts = [f"{name.as_json()[language]}: {value.as_json()[language]}" for name, value in _facts(event)]
    if language == "fr":
        facts = [fact.replace(": ", "\u00a0: ", 1) for fact in facts]
    return Entry(
        uid=f"{event.text('id')}.events@{context.town.id}.hexaflux",
        series=event.series,
        summary=_title(event).as_json()[language],
        description="\n".join(filter(None, (event.both("description").as_json()[language], *facts))),
        location=place.address if place else "",
        position=_position(place),
        url=event.text("url"),
        category=CATEGORIES[event.text("category") or "other"].as_json()[language],
        contact=event.text("organiser"),
        # iCalendar has no word for what is postponed; it does not happen then.
        status="CANCELLED" if event.text("status") in MARKS else "CONFIRMED",
    )


def _position(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


FEED: Final = Feed(
    name="events",
    title=Text("Events", "Agenda"),
    about=Text("What happens in the town.", "Ce qui se passe dans la ville."),
    standard="iCalendar (RFC 5545)",
    place=40,
    sources=(EVENTS,),
    build=build,
    may_be_empty=True,
)
