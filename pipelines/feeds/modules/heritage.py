"""Heritage of the town: monuments to look at, and when those that can be visited are open."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pipelines.feeds import premises
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.rows import Row, Rows, both
from schemas.feeds import Column, Source, Text

KINDS: Final[Mapping[str, Text]] = {
    "civil": Text("Palaces and houses", "Palais et demeures"),
    "garden": Text("Parks and gardens", "Parcs et jardins"),
    "industry": Text("Industry and transport", "Industrie et transports"),
    "military": Text("Walls and gates", "Fortifications et portes"),
    "public-art": Text("Statues and fountains", "Statues et fontaines"),
    "religious": Text("Churches and monasteries", "Églises et monastères"),
    "other": Text("Other heritage", "Autre patrimoine"),
}
PROTECTIONS: Final[Mapping[str, Text]] = {
    "listed": Text("Historic monument, listed", "Monument historique classé"),
    "registered": Text("Historic monument, registered", "Monument historique inscrit"),
    "partly": Text("Historic monument in parts", "Monument historique en partie"),
}
NOTICE: Final = "https://pop.culture.gouv.fr/notice/merimee/"
"""Where the Ministry of Culture shows what it has on a monument, by its number in the base Mérimée."""

COLUMNS: Final = (
    Column("id", "Identifier of the monument, which stays the same.", required=True, unique=True, longest=60),
    Column("name_fr", "Name in French.", required=True, longest=140),
    Column("name_en", "Name in English.", longest=140),
    Column("kind", "What it is.", required=True, choices=tuple(KINDS)),
    Column("period_fr", "When it was built, in French.", longest=80),
    Column("period_en", "The same in English.", longest=80),
    Column("text_fr", "What is to be seen, in French.", required=True, longest=600),
    Column("text_en", "The same in English.", longest=600),
    *premises.ADDRESS,
    *premises.POINT,
    Column("hours", "Opening hours; without them it is something to see from outside.", "hours"),
    Column("protection", "Protection as a historic monument.", choices=tuple(PROTECTIONS)),
    Column("merimee", "Number in the base Mérimée of protected buildings.", unique=True, pattern=r"PA\d{8}"),
    *premises.CONTACT,
    Column("updated", "When the row was last known to be right.", "date"),
)


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The monuments by kind and name; those without hours are neither open nor closed."""
    return Built(premises.in_order(_item(row, context) for row in rows["source"]))


def _item(row: Row, context: Context) -> Item:
    name, updated, merimee = str(row["id"]), row["updated"], row["merimee"]
    return Item(
        id=name,
        title=both(row, "name"),
        text=both(row, "text"),
        category=KINDS[str(row["kind"])],
        place=premises.place_of(row),
        hours=premises.hours(name, row["hours"], context) if row["hours"] else None,
        exceptions=premises.exceptions(name, context),
        facts=(*_history(row), *premises.facts(row["phone"])),
        link=str(row["web"] or (f"{NOTICE}{merimee}" if merimee else "")),
        updated=updated if isinstance(updated, date) else None,
    )


def _history(row: Row) -> tuple[tuple[Text, Text], ...]:
    period = both(row, "period")
    built = ((Text("Period", "Époque"), period),) if period.fr or period.en else ()
    protection = PROTECTIONS.get(str(row["protection"]))
    return (*built, *(((Text("Protection", "Protection"), protection),) if protection else ()))


FEED: Final = Feed(
    name="heritage",
    title=Text("Heritage", "Patrimoine"),
    about=Text("Monuments of the town, and what is to be seen.", "Les monuments de la ville et ce qu’il y a à voir."),
    standard="GeoJSON (RFC 7946)",
    place=65,
    sources=(Source("source", "The monuments.", COLUMNS),),
    build=build,
)
