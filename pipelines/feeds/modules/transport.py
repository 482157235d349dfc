"""Disruptions of public transport, as GTFS-Realtime alerts on the town's GTFS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.feeds.calendars.words import listed
from pipelines.feeds.documents import as_bytes
from pipelines.feeds.feed import Built, Context, Feed, Item, Place
from pipelines.feeds.rows import Rows
from pipelines.feeds.transport.columns import AGENCIES, DISRUPTIONS, ROUTES, STOPS
from pipelines.feeds.transport.disruptions import Disruption, disruptions
from pipelines.feeds.transport.network import Network, network
from pipelines.feeds.transport.realtime import message
from pipelines.feeds.transport.words import CAUSES, EFFECTS
from schemas.configuration import means
from schemas.feeds import FeedSettings, Text


@dataclass(frozen=True, kw_only=True)
class TransportSettings(FeedSettings):
    """`[feeds.transport]`."""

    gtfs: Path = field(metadata=means("The GTFS of the network, a folder or a ZIP archive.", "gtfs.zip"))


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The disruptions that are not over, the first to begin first, their message, and the stops as GeoJSON."""
    there, wrong = network(rows)
    found, unknown = disruptions(rows[DISRUPTIONS.name], there, context.settings.source.name)
    current = [each for each in found if each.ends is None or each.ends > context.at]
    current.sort(key=lambda each: (each.starts, each.id))
    files = {
        "alerts.pb": message(current, there, context.at, context.valid_until),
        "stops.geojson": as_bytes(_stops(there, current)),
    }
    return Built(tuple(_item(each, there) for each in current), files, (*wrong, *unknown))


def _item(disruption: Disruption, there: Network) -> Item:
    routes = [there.route(route) for route in disruption.routes]
    stops = list(dict.fromkeys(there.stop(stop) for stop in disruption.stops))
    facts = [(Text("Effect", "Conséquence"), EFFECTS[disruption.effect])]
    if disruption.cause != "unknown_cause":
        facts.append((Text("Cause", "Cause"), CAUSES[disruption.cause]))
    if routes:
        facts.append((Text("Lines", "Lignes"), listed([Text.same(name) for name in routes])))
    if stops:
        facts.append((Text("Stops", "Arrêts"), listed([Text.same(name) for name in stops])))
    return Item(
        id=disruption.id,
        title=disruption.header,
        text=disruption.description,
        category=EFFECTS[disruption.effect],
        place=_place(disruption, there),
        starts=disruption.starts,
        ends=disruption.ends,
        facts=tuple(facts),
        link=disruption.url,
        valid_until=disruption.ends,
    )


def _place(disruption: Disruption, there: Network) -> Place | None:
    """The first of its stops; all of them are in stops.geojson."""
    if not disruption.stops:
        return None
    stop = there.stops[disruption.stops[0]]
    latitude, longitude = stop["stop_lat"], stop["stop_lon"]
    name = there.stop(disruption.stops[0])
    if isinstance(latitude, float) and isinstance(longitude, float):
        return Place(name, latitude, longitude)
    return Place(name)


def _stops(there: Network, current: list[Disruption]) -> dict[str, object]:
    """The stops with a position, each with the disruptions that name it."""
    features = [
        {
            "type": "Feature",
            "id": stop_id,
            "geometry": {"type": "Point", "coordinates": [row["stop_lon"], row["stop_lat"]]},
            "properties": {
                "name": there.stop(stop_id),
                "disruptions": [each.id for each in current if stop_id in each.stops],
            },
        }
        for stop_id, row in sorted(there.stops.items())
        if row["stop_lat"] is not None and row["stop_lon"] is not None
    ]
    return {"type": "FeatureCollection", "features": features}


FEED: Final = Feed(
    name="transport",
    title=Text("Public transport", "Transports en commun"),
    about=Text("Disruptions of trams and buses.", "Les perturbations des trams et des bus."),
    standard="GTFS-Realtime 2.0",
    place=50,
    sources=(AGENCIES, ROUTES, STOPS, DISRUPTIONS),
    build=build,
    may_be_empty=True,
    settings=TransportSettings,
)
