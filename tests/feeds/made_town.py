"""A small town whose feeds are made here, with all that a page has to show, and with names that mean harm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines.feeds import documents
from pipelines.feeds.build import Build, Module
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context, Feed, Item, Place
from pipelines.feeds.settings import Chosen
from schemas.feeds import FeedSettings, Text, Town

ZONE = ZoneInfo("Europe/Paris")
AT = datetime(2026, 6, 20, 18, tzinfo=ZONE)
"""A Saturday."""
VALID_UNTIL = date(2026, 12, 31)
POLICY = Policy(20, 0.8, 0, test=False)
TOWN = Town(id="dijon", name="Dijon")
CULTURE, SPORT = Text("Culture", "Culture"), Text("Sport and leisure", "Sports et loisirs")
NORTH, SOUTH = Text("Sector North", "Secteur Nord"), Text("Sector South", "Secteur Sud")


def at(text: str) -> datetime:
    """A local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def module(name: str, title: Text, items: Sequence[Item], moment: datetime = AT, **kept: object) -> Module:
    """A feed with items, as the build would have made it; `kept` are files, by name, and `valid_until`."""
    valid_until = kept.pop("valid_until", VALID_UNTIL)
    settings = FeedSettings(source=Path("made.csv"), updated=date(2026, 6, 1), valid_until=valid_until)
    context = Context(TOWN, moment, ZONE, settings, Exceptions(), POLICY)
    about = Text(f"About {title.en.lower()}.", f"À propos\u00a0: {title.fr.lower()}.")
    feed = Feed(name, title, about, "A standard 1.0", 1, (), lambda rows, context: Built(()))
    written = {"index.json": documents.index(feed, title, documents.told_of(items, context), context)} | kept
    return Module(feed, title, context, tuple(items), written, len(items), 0, ())


def built(modules: Sequence[Module], moment: datetime = AT) -> Build:
    """The feeds of the town."""
    chosen = Chosen(Path("town.toml"), TOWN, ZONE, POLICY, ())
    return Build(chosen, moment, tuple(modules), ())


def town(moment: datetime = AT) -> Build:
    """The town with a feed of each sort."""
    made = [
        module("places", Text("Places and opening hours", "Lieux et horaires"), PLACES, moment, **{"places.csv": b"x"}),
        module("waste", Text("Waste collection", "Collecte des déchets"), _rounds(), moment, **ROUNDS_FILES),
        module("events", Text("Events", "Sorties"), EVENTS, moment, **{"events.ics": b"BEGIN:VCALENDAR"}),
        module("alerts", Text("Alerts", "Alertes"), ALERTS, moment),
        module("inclusion", Text("Digital help", "Aide numérique"), CENTRES, moment),
        module("wifi", Text("Public Wi-Fi", "Wi-Fi public"), WIFI, moment, **{"access points.json": b"{}"}),
    ]
    return built(made, moment)


def _place(name: str, hours: str, category: Text = CULTURE, **more: object) -> Item:
    where = Place("3 rue de l’École de droit, 21000 Dijon", 47.32, 5.04)
    return Item(name.lower().replace(" ", "-"), Text.same(name), category=category, place=where, hours=hours, **more)


PLACES = (
    replace(
        _place("Bibliothèque", "Tu-Sa 09:30-12:30,13:30-18:30; PH off"),
        id="library",
        text=Text("Library", "Bibliothèque"),
        exceptions=((date(2026, 6, 24), date(2026, 6, 26), Text("stocktaking", "inventaire")),),
        link="https://www.bibliotheque.example/horaires",
        facts=((Text("Telephone", "Téléphone"), Text.same("+33380000001")),),
    ),
    _place("Musée des Beaux-Arts", "We-Mo 10:00-18:30"),
    _place("Piscine du Carrousel", "Mo-Fr 12:00-20:00; Sa,Su 09:00-18:00", SPORT),
    _place("Stade nautique", "Mo-Su 00:00-24:00; PH off", SPORT),
    _place("Café de la gare", "Sa 20:00-24:00; Su 00:00-02:00", SPORT),
    _place("Gymnase Epirey", "", SPORT),
    replace(
        _place("Patinoire", "Mo-Su 10:00-23:00", SPORT), valid_until=at("2026-06-22T12:00"), updated=date(2026, 5, 2)
    ),
)
ROUNDS_FILES = {"secteur-nord.ics": b"BEGIN:VCALENDAR", "secteur-sud.ics": b"BEGIN:VCALENDAR"}
EVENTS = (
    Item(
        "festival",
        Text("Lake festival", "Festival du lac"),
        Text("Music by the lake.", "De la musique au bord du lac."),
        CULTURE,
        place=Place("Lac Kir, Dijon"),
        starts=at("2026-06-20T14:00"),
        ends=at("2026-06-21T02:00"),
        link="https://festival.example",
    ),
    Item(
        "market",
        Text("Night market", "Marché de nuit"),
        mark=Text("Cancelled", "Annulé"),
        starts=at("2026-06-26T19:00"),
        ends=at("2026-06-26T23:30"),
    ),
    Item(
        "walk", Text.same("Visite guidée"), category=SPORT, starts=at("2026-06-20T10:00"), ends=at("2026-06-20T11:30")
    ),
)
ALERTS = (
    Item(
        "heat",
        Text("Heat wave: keep cool", "Canicule : restez au frais"),
        Text("Cool rooms are open in all town halls.", "Des salles fraîches sont ouvertes dans toutes les mairies."),
        starts=at("2026-06-19T12:00"),
        ends=at("2026-06-20T20:00"),
    ),
    Item(
        "tram",
        Text("Tram line T1 is cut at Darcy", "Tram T1 interrompu à Darcy"),
        valid_until=at("2026-06-21T06:00"),
    ),
)
HELP, PAPERS = (
    Text("Help with online forms", "Aide aux démarches administratives sur Internet et par téléphone"),
    Text("First steps", "Prise en main"),
)
CENTRES = (
    Item("c1", Text.same("Espace Darcy"), hours="Mo-Fr 09:00-17:00", tags=(HELP, PAPERS)),
    Item("c2", Text.same("Maison des Grésilles"), hours="Sa 14:00-19:00", tags=(PAPERS,)),
)
WIFI = (
    Item("w1", Text.same("Place de la Libération"), mark=Text("Up", "En service"), valid_until=at("2026-06-20T19:00")),
    Item("w2", Text.same("Gare"), facts=((Text("State", "État"), Text("Down", "En panne")),)),
)


def _rounds() -> tuple[Item, ...]:
    mondays = tuple(date(2026, 6, 15) + timedelta(weeks=week) for week in range(10))
    glass = tuple(at("2026-06-24T06:00") + timedelta(weeks=4 * month) for month in range(3))
    return (
        Item("n1", Text("Household waste", "Ordures ménagères"), category=NORTH, dates=mondays),
        Item("n2", Text("Glass", "Verre"), category=NORTH, dates=glass),
        Item("s1", Text("Household waste", "Ordures ménagères"), category=SOUTH, dates=mondays[:2]),
    )


HOSTILE = (
    Item(
        "</script><script>alert(1)</script>",
        Text.same("<script>document.title='harmed'</script>"),
        Text.same("\u202egnirts desrever \"onload='x'"),
        category=Text.same("<img src=x onerror=alert(1)>"),
        place=Place("</bdi></ul><h1>harm</h1>"),
        hours="Mo-Su 09:00-19:00",
        link="javascript:alert(1)",
        facts=((Text.same("</dl>"), Text.same("{{ 7 * 7 }}")),),
        tags=(Text.same('"><script>alert(2)</script>'),),
        mark=Text.same("<b>"),
    ),
    Item("2", Text.same("data:"), category=Text.same("…"), hours="", link="data:text/html,<script>alert(3)</script>"),
)
"""Names, texts and links that would do harm if a page took them for more than text."""
