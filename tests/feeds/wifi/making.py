"""A town with access points, beats that are written down in minutes, and what is built of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from pipelines.feeds import settings
from pipelines.feeds.build import Build, build, files
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.wifi.beats import Beats
from pipelines.feeds.wifi.spans import SECOND, Instants

PARIS = ZoneInfo("Europe/Paris")
MINUTE = 60 * SECOND
BEAT = 5 * MINUTE
HEAD = "id,name,ssid,building_id,building,address,latitude,longitude,hours,beat_seconds\n"
NEF = 'nef,La Nef,Dijon-Public|Nef,b1,Bibliothèque,"1 Place du Théâtre, Dijon",47.3212,5.0436,Tu-Sa 10:00-18:30,300\n'
LAC = "lac,Lac Kir,Dijon-Public,b2,Base nautique,,,,,300\n"
HALL = "hall,Accueil,,b3,Mairie,,47.3217,5.0415,Mo-Fr 08:30-18:00,300\n"
TOWN = """[feeds.town]
id = "dijon"
name = "Dijon"
[feeds.wifi]
source = "wifi.csv"
heartbeats = "heartbeats.csv"
"""
AT = datetime(2026, 6, 20, 18, 0, tzinfo=PARIS)


def minutes(*found: float) -> Instants:
    """Instants from minutes."""
    return np.array([round(minute * MINUTE) for minute in found], np.int64)


def regular(first: float, last: float, step: float = 5) -> list[float]:
    """Minutes of beats from the first to the last one, both there."""
    return [first + step * number for number in range(round((last - first) / step) + 1)]


def beats_of(times: Mapping[str, Sequence[float]], end: float = 10**6) -> Beats:
    """Beats in minutes by access point, without clients."""
    rows = [(name, round(minute * MINUTE), None) for name, found in times.items() for minute in found]
    return Beats.of(table_of(rows), round(end * MINUTE))


def table_of(rows: Sequence[tuple[str, int, int | None]]) -> pa.Table:
    """A table of beats from rows of access point, microseconds and clients."""
    names, times, clients = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "access_point_id": pa.array(names, pa.string()),
            "time": pa.array(times, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "clients": pa.array(clients, pa.int64()),
        }
    )


def write(folder: Path, beats: str, source: str = HEAD + NEF + LAC + HALL, town: str = TOWN) -> Path:
    """The configuration and the sources of the town."""
    for name, text in (("wifi.csv", source), ("heartbeats.csv", beats), ("town.toml", town)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "town.toml"


def built(folder: Path, beats: str, at: datetime = AT, **changed: str) -> Build:
    """The feeds of the town."""
    return build(settings.load(write(folder, beats, **changed), all_feeds()), at, lambda _: None)


def document(build: Build, name: str) -> list:
    """A file of the feed."""
    return json.loads(files(build)[f"dijon/wifi/{name}"])


def lines(times: Mapping[str, Sequence[datetime]], clients: int | str = "") -> str:
    """Heartbeats as CSV."""
    rows = [f"{name},{time.isoformat()},{clients}\n" for name, found in times.items() for time in found]
    return "access_point_id,time,clients\n" + "".join(rows)


def every_five(first: str, last: str) -> list[datetime]:
    """Instants five minutes apart, from one to another."""
    start, stop = (datetime.fromisoformat(each).astimezone(ZoneInfo("UTC")) for each in (first, last))
    count = round((stop - start).total_seconds() / 300)
    return [datetime.fromtimestamp(start.timestamp() + 300 * number, PARIS) for number in range(count + 1)]


STEADY = every_five("2026-06-01T00:00+02:00", "2026-06-20T18:00+02:00")
DOWN = every_five("2026-06-01T00:00+02:00", "2026-06-20T12:00+02:00")
BEATS = lines({"nef": DOWN, "lac": STEADY}, 42)
