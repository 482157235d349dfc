"""Places of the town with their opening hours, as SCDL Équipements 0.1.5 has them."""

from collections.abc import Mapping
from typing import Final

from pipelines.feeds import premises
from pipelines.feeds.csv import as_csv
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.rows import Row, Rows
from schemas.feeds import Column, Source, Text

THEMES: Final = (
    "Equipement administratif",
    "Equipement de justice",
    "Equipement sanitaire",
    "Equipement social et d'animation",
    "Equipement sportif et de loisirs",
    "Equipement d'enseignement",
    "Equipement cultuel",
    "Equipement culturel",
    "Equipement de mobilité",
    "Autre équipement",
)
ENGLISH: Final = dict(
    zip(
        THEMES,
        (
            "Public offices",
            "Justice",
            "Health",
            "Social life",
            "Sport and leisure",
            "Education",
            "Worship",
            "Culture",
            "Mobility",
            "Other places",
        ),
        strict=True,
    )
)

NO_NUMBER: Final = "99999"

COLUMNS: Final = (
    Column("COLL_NOM", "Name of the local authority.", required=True),
    Column("COLL_SIRET", "Its SIRET.", "siret", required=True),
    Column(
        "EQUIP_UID",
        "Identifier: INSEE commune code, code of the place, number.",
        required=True,
        unique=True,
        pattern=r"[0-9A-B]{5}-[0-9]{8}-[0-9]{3}",
    ),
    Column("EQUIP_THEME", "Theme of the nomenclature.", required=True, choices=THEMES),
    Column("EQUIP_CODE", "Code of the nomenclature and number.", required=True, longest=12),
    Column("EQUIP_TYPE", "Kind of place.", required=True),
    Column("EQUIP_NOM", "Name of the place.", required=True),
    Column("ADR_NUMERO", "Number in the street, with its suffix.", required=True),
    Column("ADR_NOMVOIE", "Street.", required=True, shortest=3, pattern=r"[a-zA-Z0-9\-'\s\u00C0-\u00FF]+"),
    Column("ADR_CODEPOSTAL", "Postal code.", required=True, pattern=r"\d{5}"),
    Column("ADR_COMMUNE", "Commune.", required=True, pattern=r"[A-Za-z\s\-\u00C0-\u00FF]+"),
    Column("ADR_CLE_INTEROP", "Key of the national address base.", shortest=16, pattern=r"[A-Za-z0-9_]+"),
    Column("ERP_ID", "Identifier as an establishment open to the public."),
    Column("ERP_TYPE", "Types as such an establishment.", longest=10),
    Column("ERP_CATEGORIE", "Category as such an establishment.", "whole", low=1, high=5),
    Column("EQUIP_LAT", "Latitude, degrees, WGS 84.", "number", required=True, low=-90, high=90),
    Column("EQUIP_LONG", "Longitude, degrees, WGS 84.", "number", required=True, low=-180, high=180),
    Column("EQUIP_OUVERTURE", "Opening hours in an ordinary week.", "hours"),
    Column("EQUIP_TEL", "Telephone.", "phone", longest=13),
    Column("EQUIP_EMAIL", "E-mail address.", "email"),
    Column("EQUIP_WEB", "Web page.", "url"),
)


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The places in the order of their names, and the file of the standard with the hours of certain days."""
    places = sorted(rows["source"], key=_order)
    written = [row | {"EQUIP_OUVERTURE": _hours(row, context) or None} for row in places]
    return Built(tuple(_item(row, context) for row in written), {"equipements.csv": as_csv(COLUMNS, written)})


def _order(row: Row) -> tuple[str, str]:
    return premises.alphabetic(str(row["EQUIP_NOM"])), str(row["EQUIP_UID"])


def _hours(row: Row, context: Context) -> str:
    return premises.hours(str(row["EQUIP_UID"]), row["EQUIP_OUVERTURE"], context)


def _item(row: Row, context: Context) -> Item:
    theme, uid = str(row["EQUIP_THEME"]), str(row["EQUIP_UID"])
    return Item(
        id=uid,
        title=Text.same(str(row["EQUIP_NOM"])),
        text=Text.same(str(row["EQUIP_TYPE"])),
        category=Text(ENGLISH[theme], theme.replace("Equipement", "Équipement").replace("'", "’")),
        place=premises.place(_address(row), row["EQUIP_LAT"], row["EQUIP_LONG"]),
        hours=str(row["EQUIP_OUVERTURE"] or ""),
        exceptions=premises.exceptions(uid, context),
        facts=premises.facts(row["EQUIP_TEL"], row["EQUIP_EMAIL"]),
        link=str(row["EQUIP_WEB"] or ""),
    )


def _address(row: Row) -> str:
    """The standard has 99999 for a place without a number in its street."""
    number = "" if row["ADR_NUMERO"] == NO_NUMBER else f"{row['ADR_NUMERO']} "
    return premises.address(f"{number}{row['ADR_NOMVOIE']}", row["ADR_CODEPOSTAL"], row["ADR_COMMUNE"])


FEED: Final = Feed(
    name="places",
    title=Text("Places and opening hours", "Lieux et horaires"),
    about=Text(
        "Public places of the town, and when they are open.", "Les lieux publics de la ville et leurs horaires."
    ),
    standard="SCDL Équipements 0.1.5",
    place=20,
    sources=(Source("source", "The places, in the columns of the standard.", COLUMNS),),
    build=build,
)
