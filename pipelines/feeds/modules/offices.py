"""Offices of the administration in the town, from the national directory of the DILA."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from pipelines.feeds import premises
from pipelines.feeds.checking import shown
from pipelines.feeds.feed import Built, Context, Feed, Item, Place
from pipelines.feeds.offices.directory import PartError, first_text, parts, read
from pipelines.feeds.offices.kinds import OTHER, kind
from pipelines.feeds.offices.settings import OfficeSettings
from pipelines.feeds.offices.week import Week, WeekError, week
from pipelines.feeds.rows import Finding, Row, Rows
from schemas.feeds import Column, Source, Text

COLUMNS: Final = (
    Column("id", "Identifier of the desk in the directory.", required=True, unique=True),
    Column("nom", "Its name.", required=True),
    Column("pivot", "What kind of service it is, and the INSEE codes of the communes it is in."),
    Column("code_insee_commune", "The INSEE code of its commune."),
    Column("adresse", "Its addresses, with coordinates; the one of the kind `Adresse` is shown.", required=True),
    Column("plage_ouverture", "Days and hours, with remarks; without them the state is unknown."),
    Column("telephone", "Telephones; the first is shown."),
    Column("adresse_courriel", "E-mail addresses; the first is shown."),
    Column("site_internet", "Web pages; the first is shown."),
    Column("url_service_public", "Its page in the directory, shown where it has none of its own.", "url"),
    Column("date_modification", "When it was last changed, DD/MM/YYYY HH:MM:SS."),
    Column("statut_de_diffusion", "Whether it may be shown; false leaves it out."),
)


class _Refused(Exception):
    """A field that cannot be read."""

    def __init__(self, field: str, expected: Text, found: str = "") -> None:
        super().__init__(field)
        self.field, self.expected, self.found = field, expected, found


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The desks by kind and name; one with a field that cannot be read is left out, and that is told."""
    items: list[Item] = []
    findings: list[Finding] = []
    file = context.settings.source.name
    for row in rows["source"]:
        try:
            items.append(_item(row, context))
        except _Refused as refused:
            line = row["line"] if isinstance(row["line"], int) else 0
            findings.append(Finding(file, line, refused.field, "error", refused.expected, refused.found))
    return Built(premises.in_order(iter(items)), findings=tuple(findings))


def _item(row: Row, context: Context) -> Item:
    name, opened = str(row["id"]), _week(row, context)
    phone = next(iter(_values(row, "telephone")), "")
    mail = first_text(str(row["adresse_courriel"] or ""))
    return Item(
        id=name,
        title=Text.same(str(row["nom"])),
        category=_kind(row),
        place=_place(row),
        hours=premises.hours(name, opened.hours, context),
        exceptions=premises.exceptions(name, context),
        facts=(*_remarks(opened), *premises.facts(phone, mail)),
        link=_link(row),
        updated=_changed(row),
    )


def _kind(row: Row) -> Text:
    named = [kind(str(part.get("type_service_local", ""))) for part in _parts(row, "pivot")]
    return next((each for each in named if each != OTHER), OTHER)


def _place(row: Row) -> Place:
    """Where residents go, which may be another place than where they write to."""
    addresses = _parts(row, "adresse")
    if not addresses:
        raise _Refused("adresse", Text("at least one address", "au moins une adresse"), "nothing")
    visited = next((each for each in addresses if each.get("type_adresse") == "Adresse"), addresses[0])
    words = {key: value.strip() for key, value in visited.items() if isinstance(value, str)}
    street = ", ".join(word for key in ("complement1", "complement2", "numero_voie") if (word := words.get(key)))
    line = premises.address(street, words.get("code_postal"), words.get("nom_commune"))
    return premises.place(line, _degrees(visited, "latitude", 90), _degrees(visited, "longitude", 180))


def _degrees(address: Mapping[str, object], field: str, most: int) -> float | None:
    value = address.get(field)
    if value in (None, ""):
        return None
    try:
        found = float(str(value))
    except ValueError:
        found = float("nan")
    if not -most <= found <= most:
        expected = Text(f"{field}: degrees from -{most} to {most}", f"{field}\u202f: des degrés de -{most} à {most}")
        raise _Refused("adresse", expected, shown(str(value)))
    return found


def _week(row: Row, context: Context) -> Week:
    settings = context.settings
    off = settings.closed_on_public_holidays if isinstance(settings, OfficeSettings) else True
    try:
        return week(_parts(row, "plage_ouverture"), holidays_off=off)
    except WeekError as error:
        raise _Refused("plage_ouverture", error.expected, shown(error.found)) from None


def _remarks(opened: Week) -> tuple[tuple[Text, Text], ...]:
    """What the directory says of the hours in words, which may be a condition of them."""
    return tuple(
        (Text("About the hours", "Précision sur les horaires"), Text.same(remark)) for remark in opened.remarks
    )


def _link(row: Row) -> str:
    own = (value for value in _values(row, "site_internet") if value.startswith(("http://", "https://")))
    return next(own, str(row["url_service_public"] or ""))


def _changed(row: Row) -> date | None:
    text = str(row["date_modification"] or "")
    try:
        return _day(text) if text else None
    except ValueError:
        expected = Text("a date such as 22/12/2025 10:38:56", "une date, par exemple 22/12/2025 10:38:56")
        raise _Refused("date_modification", expected, shown(text)) from None


def _day(text: str) -> date:
    """The day of a change, as the directory writes it or as ISO 8601 has it."""
    day, _, _ = text.partition(" ")
    if day.count("/") == 2:
        number, month, year = (int(part) for part in day.split("/"))
        return date(year, month, number)
    return datetime.fromisoformat(text).date()


def _values(row: Row, field: str) -> list[str]:
    found = (part.get("valeur") for part in _parts(row, field))
    return [value.strip() for value in found if isinstance(value, str) and value.strip()]


def _parts(row: Row, field: str) -> tuple[Mapping[str, object], ...]:
    try:
        return parts(str(row[field] or ""))
    except PartError:
        raise _Refused(field, Text("a list of objects", "une liste d’objets")) from None


FEED: Final = Feed(
    name="offices",
    title=Text("Public services", "Services publics"),
    about=Text(
        "Offices of the administration, and when they are open.",
        "Les guichets de l’administration et leurs horaires.",
    ),
    standard="Annuaire de l’administration (DILA)",
    place=25,
    sources=(Source("source", "The desks, as the directory gives them.", COLUMNS),),
    build=build,
    settings=OfficeSettings,
    read=read,
)
