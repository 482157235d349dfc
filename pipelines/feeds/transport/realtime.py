"""GTFS-Realtime: disruptions as the message that trip planners read."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Any, Final

from google.transit import gtfs_realtime_pb2 as realtime

from pipelines.feeds.transport.disruptions import Disruption
from pipelines.feeds.transport.network import Network
from schemas.feeds import Text

VERSION: Final = "2.0"


def message(found: Sequence[Disruption], network: Network, at: datetime, valid_until: datetime | None) -> bytes:
    """The whole feed as of an instant, an alert for each disruption, the same bytes for the same ones.

    What has no end of its own ends with the feed; what begins after the feed has ended is not told.
    """
    feed = realtime.FeedMessage()
    feed.header.gtfs_realtime_version = VERSION
    feed.header.incrementality = realtime.FeedHeader.FULL_DATASET
    feed.header.timestamp = int(at.timestamp())
    for disruption in found:
        if valid_until is not None and disruption.starts >= valid_until:
            continue
        entity = feed.entity.add(id=disruption.id)
        _fill(entity.alert, disruption, network, valid_until)
    data: bytes = feed.SerializeToString(deterministic=True)
    return data


# The classes of the message are made when the module is loaded: nothing says their types.
def _fill(alert: Any, disruption: Disruption, network: Network, valid_until: datetime | None) -> None:
    ends = [end for end in (disruption.ends, valid_until) if end is not None]
    period = alert.active_period.add(start=max(0, int(disruption.starts.timestamp())))
    if ends:
        period.end = int(min(ends).timestamp())
    for selector in _selectors(disruption, network):
        alert.informed_entity.add(**selector)
    alert.cause = realtime.Alert.Cause.Value(disruption.cause.upper())
    alert.effect = realtime.Alert.Effect.Value(disruption.effect.upper())
    _translate(alert.header_text, disruption.header)
    _translate(alert.description_text, disruption.description)
    _translate(alert.url, Text.same(disruption.url))


def _selectors(disruption: Disruption, network: Network) -> Iterator[dict[str, str]]:
    """What is disrupted: routes at stops where both are stated, the agencies where neither is."""
    if disruption.routes and disruption.stops:
        for route, stop in product(disruption.routes, disruption.stops):
            yield {"route_id": route, "stop_id": stop}
    elif disruption.routes or disruption.stops:
        yield from ({"route_id": route} for route in disruption.routes)
        yield from ({"stop_id": stop} for stop in disruption.stops)
    else:
        yield from ({"agency_id": agency} for agency in network.agencies)


def _translate(translated: Any, text: Text) -> None:
    """French first; English where it is another text."""
    if text.fr:
        translated.translation.add(text=text.fr, language="fr")
    if text.en and text.en != text.fr:
        translated.translation.add(text=text.en, language="en")
