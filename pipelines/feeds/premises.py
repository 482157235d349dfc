"""Premises: what residents can go to, with an address, a point and opening hours, as several feeds have them."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from pipelines.feeds.feed import Context, Item, Place
from pipelines.feeds.rows import Row, Value
from schemas.feeds import Column, Text

ADDRESS: Final = (
    Column("address", "Number and street, or a place.", required=True, longest=140),
    Column("postal_code", "Postal code.", required=True, pattern=r"\d{5}"),
    Column("city", "Commune.", required=True, longest=80),
)
POINT: Final = (
    Column("latitude", "Latitude, degrees, WGS 84.", "number", required=True, low=-90, high=90),
    Column("longitude", "Longitude, degrees, WGS 84.", "number", required=True, low=-180, high=180),
)
HOURS: Final = Column("hours", "Opening hours in an ordinary week; without them the state is unknown.", "hours")
CONTACT: Final = (
    Column("phone", "Telephone.", "phone"),
    Column("web", "Web page.", "url"),
)


def address(street: Value, postal_code: Value, city: Value) -> str:
    """An address in one line; what is not known is left out."""
    town = " ".join(str(part) for part in (postal_code, city) if part)
    return ", ".join(str(part) for part in (street, town) if part)


def place(line: str, latitude: Value, longitude: Value) -> Place:
    """Where it is; without both coordinates it has no point."""
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        return Place(line)
    return Place(line, latitude, longitude)


def place_of(row: Row) -> Place:
    """Where a row with the columns of ADDRESS and POINT is."""
    return place(address(row["address"], row["postal_code"], row["city"]), row["latitude"], row["longitude"])


def hours(place_id: str, weekly: Value, context: Context) -> str:
    """The hours of a place with those of certain days, or "" where no hours are known."""
    return context.exceptions.hours(place_id, str(weekly or ""), context.at.date())


def exceptions(place_id: str, context: Context) -> tuple[tuple[date, date, Text], ...]:
    """The days on which a place keeps other hours, and why."""
    return context.exceptions.reasons(place_id, context.at.date())


def facts(phone: Value, mail: Value = None) -> tuple[tuple[Text, Text], ...]:
    """How to reach a place without going there."""
    asked = ((Text("Telephone", "Téléphone"), phone), (Text("E-mail", "Courriel"), mail))
    return tuple((label, Text.same(str(value))) for label, value in asked if value)


def in_order(items: Iterator[Item]) -> tuple[Item, ...]:
    """Items by category and title, as residents look for them."""
    return tuple(sorted(items, key=lambda item: (alphabetic(item.category.fr), alphabetic(item.title.fr), item.id)))


def alphabetic(text: str) -> str:
    """A key that puts words in the order of a French dictionary, in which É stands with E."""
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
