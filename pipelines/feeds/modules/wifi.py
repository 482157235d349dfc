"""Continuity of the public Wi-Fi: access points, their state and availability, and reports of their faults."""

from collections.abc import Mapping
from typing import Final

from pipelines.feeds.feed import Built, Context, Feed
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.wifi import documents, heartbeats
from pipelines.feeds.wifi.access_point import HEARTBEATS, SOURCE, AccessPoint
from pipelines.feeds.wifi.beats import Beats
from pipelines.feeds.wifi.clients import alone, connected, document, hour_of
from pipelines.feeds.wifi.settings import WifiSettings
from pipelines.feeds.wifi.spans import SECOND, micros
from pipelines.feeds.wifi.watch import end_of, holds, watch
from pipelines.feeds.wifi.words import item
from schemas.feeds import Text


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The access points by building and name, and the files; without heartbeats every state is unknown."""
    settings = context.settings
    if not isinstance(settings, WifiSettings):
        raise TypeError(f"expected the settings of this feed, got {type(settings).__name__}")
    points = [AccessPoint.of(row) for row in rows[SOURCE.name]]
    points.sort(key=lambda each: (each.building, each.name, each.id))
    table = context.tables.get(HEARTBEATS.name)
    beats = Beats.none() if table is None else Beats.of(table, micros(end_of(context)))
    watched = watch(points, beats, context, settings.rule)
    hour = hour_of(context.at, context.policy)
    crowds = connected(points, beats, hour, context.policy) if holds(context) else ()
    single = {crowd.places[0]: crowd for crowd in crowds if len(crowd.places) == 1}
    files = {
        "access-points.json": documents.access_points(watched, alone(crowds), context),
        "availability.json": documents.availability(watched, context.zone),
        "clients.json": document(crowds, hour, context.policy),
        "faults.json": documents.faults(watched, settings.service_code, context.zone),
    }
    items = tuple(item(each, single.get(each.access_point.id), hour, context) for each in watched)
    findings = (*_contradictions(rows[SOURCE.name], context), *_rhythms(rows[SOURCE.name], beats, context))
    return Built(items, files, findings, frozenset(point.building_id for point in points))


def _contradictions(rows: Rows, context: Context) -> tuple[Finding, ...]:
    """Buildings of which two rows state different names or hours."""
    expected = Text(
        "the same as in the first row of this building", "la même valeur qu’à la première ligne du bâtiment"
    )
    first: dict[object, Mapping[str, object]] = {}
    found = []
    for row in rows:
        before = first.setdefault(row["building_id"], row)
        found += [
            Finding(context.settings.source.name, int(str(row["line"])), name, "warning", expected, repr(row[name]))
            for name in ("building", "hours")
            if row[name] != before[name]
        ]
    return tuple(found)


def _rhythms(rows: Rows, beats: Beats, context: Context) -> list[Finding]:
    """Access points that usually beat much more or less often than their row says: their figures would be wrong."""
    found = []
    for row in rows:
        usual = beats.usual_gap(str(row["id"]))
        stated = AccessPoint.of(row).interval
        if usual is not None and not stated <= 2 * usual <= 3 * stated:
            seconds = usual // SECOND
            expected = Text(f"about {seconds}, as it beats", f"environ {seconds}, comme il bat")
            file, line = context.settings.source.name, int(str(row["line"]))
            found.append(Finding(file, line, "beat_seconds", "warning", expected, repr(row["beat_seconds"])))
    return found


FEED: Final = Feed(
    name="wifi",
    title=Text("Public Wi-Fi", "Wi-Fi public"),
    about=Text(
        "Whether the public Wi-Fi of the town’s buildings works, and how reliably it does.",
        "Si le Wi-Fi public des bâtiments de la ville fonctionne, et avec quelle continuité.",
    ),
    standard="FIWARE AccessPoint 0.1.1, Open311 GeoReport v2",
    place=70,
    sources=(SOURCE, HEARTBEATS),
    build=build,
    settings=WifiSettings,
    large={HEARTBEATS.name: heartbeats.read},
)
