"""Shops of the town: what they sell, where they are, when they are open."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pipelines.feeds import premises
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.rows import Row, Rows, both
from schemas.feeds import Column, Source, Text

CATEGORIES: Final[Mapping[str, Text]] = {
    "bakery": Text("Bakeries", "Boulangeries et pâtisseries"),
    "bicycles": Text("Bicycles", "Vélos"),
    "books": Text("Books, music, games", "Livres, disques, jeux"),
    "butcher": Text("Butchers and delicatessens", "Boucheries et traiteurs"),
    "cafe": Text("Cafés and bars", "Cafés et bars"),
    "clothes": Text("Clothes and shoes", "Vêtements et chaussures"),
    "crafts": Text("Arts and crafts", "Artisanat d’art"),
    "flowers": Text("Flowers", "Fleurs"),
    "greengrocer": Text("Fruit and vegetables", "Primeurs"),
    "grocery": Text("Groceries", "Épiceries"),
    "hairdresser": Text("Hairdressers", "Coiffure"),
    "household": Text("House and repairs", "Maison et réparation"),
    "market": Text("Markets", "Marchés"),
    "optician": Text("Opticians", "Optique"),
    "pharmacy": Text("Pharmacies", "Pharmacies"),
    "restaurant": Text("Restaurants", "Restaurants"),
    "services": Text("Services", "Services"),
    "tobacco": Text("Newspapers and tobacco", "Presse et tabac"),
    "wine": Text("Wine", "Cavistes"),
    "other": Text("Other shops", "Autres commerces"),
}
ACCESS: Final[Mapping[str, Text]] = {
    "yes": Text("yes", "oui"),
    "limited": Text("with help", "avec une aide"),
    "no": Text("no", "non"),
}
"""As `wheelchair` of OpenStreetMap."""

COLUMNS: Final = (
    Column("id", "Identifier of the shop, which stays the same.", required=True, unique=True, longest=60),
    Column("name", "Name on the front.", required=True, longest=140),
    Column("category", "What it sells.", required=True, choices=tuple(CATEGORIES)),
    *premises.ADDRESS,
    *premises.POINT,
    premises.HOURS,
    *premises.CONTACT,
    Column("delivery", "Whether it delivers.", choices=("yes", "no")),
    Column("accessible", "Whether a wheelchair can get in.", choices=tuple(ACCESS)),
    Column("text_fr", "A sentence in French.", longest=280),
    Column("text_en", "The same in English.", longest=280),
    Column("updated", "When the row was last known to be right.", "date"),
)


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The shops by category and name."""
    return Built(premises.in_order(_item(row, context) for row in rows["source"]))


def _item(row: Row, context: Context) -> Item:
    name, updated = str(row["id"]), row["updated"]
    return Item(
        id=name,
        title=Text.same(str(row["name"])),
        text=both(row, "text"),
        category=CATEGORIES[str(row["category"])],
        place=premises.place_of(row),
        hours=premises.hours(name, row["hours"], context),
        exceptions=premises.exceptions(name, context),
        facts=(*premises.facts(row["phone"]), *_offers(row)),
        link=str(row["web"] or ""),
        updated=updated if isinstance(updated, date) else None,
    )


def _offers(row: Row) -> tuple[tuple[Text, Text], ...]:
    """What it says of delivery and access; nothing where the file says nothing."""
    asked = (
        (Text("Delivers", "Livre à domicile"), row["delivery"]),
        (Text("Wheelchair access", "Accessible en fauteuil roulant"), row["accessible"]),
    )
    return tuple((label, ACCESS[str(answer)]) for label, answer in asked if answer)


FEED: Final = Feed(
    name="shops",
    title=Text("Shops", "Commerces"),
    about=Text("Shops of the town, and when they are open.", "Les commerces de la ville et leurs horaires."),
    standard="GeoJSON (RFC 7946)",
    place=60,
    sources=(Source("source", "The shops.", COLUMNS),),
    build=build,
)
