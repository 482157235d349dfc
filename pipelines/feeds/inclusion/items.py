"""What residents read of a centre, and of a stop of an itinerant one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from pipelines.feeds.calendars.words import day
from pipelines.feeds.feed import Item, Place
from pipelines.feeds.inclusion import lists, tours
from pipelines.feeds.inclusion.columns import pieces
from pipelines.feeds.rows import Row
from schemas.feeds import NO_TEXT, Text

Times = tuple[tuple[datetime, datetime], ...]
_FIXED: Final = Text("Centres", "Centres")
_ITINERANT: Final = Text("Itinerant centres", "Centres itinérants")
_STOPS: Final = Text("Stops of itinerant centres", "Passages des centres itinérants")
_FACTS: Final[tuple[tuple[str, Text, Mapping[str, str]], ...]] = (
    ("services", Text("Services", "Services"), lists.SERVICES),
    ("modalites_accompagnement", Text("How help is given", "Accompagnement"), lists.SUPPORT),
    ("frais_a_charge", Text("Cost", "Tarif"), lists.COST),
    ("modalites_acces", Text("How to come", "Pour venir"), lists.ACCESS),
    ("publics_specifiquement_adresses", Text("For", "Publics"), lists.FOR_WHOM),
    ("prise_en_charge_specifique", Text("Specific needs", "Prise en charge"), lists.NEEDS),
)
_VERBATIM: Final = (
    ("dispositif_programmes_nationaux", Text("Programmes", "Dispositifs")),
    ("telephone", Text("Telephone", "Téléphone")),
    ("courriels", Text("E-mail", "Courriel")),
)


def centre(row: Row, hours: str, times: Sequence[Times], *, stale: bool) -> Item:
    """A centre; `hours` are those in force, and `times` those of each of its stops."""
    itinerant = lists.ITINERANT in pieces(row, "itinerance")
    checked = row["date_maj"]
    starts = sorted(start for stop in times for start, _ in stop)[: tours.AHEAD]
    closed_to_all = lists.NO_PUBLIC in pieces(row, "modalites_acces")
    return Item(
        id=str(row["id"]),
        title=Text.same(str(row["nom"])),
        text=Text.same(str(row["presentation_resume"] or row["presentation_detail"] or "")),
        category=_ITINERANT if itinerant else _FIXED,
        place=where(row, str(row["adresse"]), str(row["complement_adresse"] or "")),
        # A centre that only comes by, or that receives nobody, is neither open nor closed itself.
        hours=None if closed_to_all or (not hours and itinerant) else hours,
        dates=tuple(starts),
        facts=_facts(row, stale=stale),
        tags=tags(row),
        link=(pieces(row, "prise_rdv") or pieces(row, "site_web") or ("",))[0],
        updated=checked if isinstance(checked, date) else None,
    )


def stop(row: Row, of: Row, times: Times) -> Item:
    """A stop: a place that is open at certain times."""
    checked = of["date_maj"]
    return Item(
        id=str(row["id"]),
        title=Text.same(f"{of['nom']}, {row['address']}, {row['commune']}"),
        category=_STOPS,
        place=where(row, str(row["address"])),
        hours=tours.hours(times),
        dates=tuple(start for start, _ in times),
        facts=tuple(fact for fact in _facts(of, stale=False) if fact[0].en in ("Services", "Telephone", "Cost")),
        tags=tags(of),
        link=(pieces(of, "prise_rdv") or pieces(of, "site_web") or ("",))[0],
        updated=checked if isinstance(checked, date) else None,
    )


def where(row: Row, street: str, complement: str = "") -> Place:
    """Where a centre or a stop is."""
    parts = (street, complement, f"{row['code_postal']} {row['commune']}")
    address = ", ".join(part for part in parts if part)
    latitude, longitude = row["latitude"], row["longitude"]
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        return Place(address)
    return Place(address, latitude, longitude)


def tags(row: Row) -> tuple[Text, ...]:
    """The services of a centre."""
    return tuple(Text(lists.SERVICES[piece], _typed(piece)) for piece in pieces(row, "services"))


def _facts(row: Row, *, stale: bool) -> tuple[tuple[Text, Text], ...]:
    found = []
    for column, label, english in _FACTS:
        values = pieces(row, column)
        if values:
            text = Text(", ".join(english[value] for value in values), ", ".join(map(_typed, values)))
            found.append((label, text))
    for column, label in _VERBATIM:
        if row[column]:
            found.append((label, Text.same(", ".join(pieces(row, column)))))
    checked = row["date_maj"]
    if isinstance(checked, date):
        when = day(checked)
        late = Text(" (to be confirmed)", " (à confirmer)") if stale else NO_TEXT
        found.append((Text("Checked on", "Vérifié le"), Text(when.en + late.en, when.fr + late.fr)))
    return tuple(found)


def _typed(french: str) -> str:
    """A value of the standard with the apostrophe of print."""
    return french.replace("'", "’")
