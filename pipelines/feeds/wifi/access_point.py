"""Access points: the columns of their source, and what is known of each."""

from dataclasses import dataclass
from typing import Final

from pipelines.feeds.feed import Place
from pipelines.feeds.rows import Row
from pipelines.feeds.wifi.spans import SECOND
from schemas.feeds import Column, Source

_ID: Final = r"[A-Za-z0-9._-]{1,64}"

SOURCE: Final = Source(
    "source",
    "The access points.",
    (
        Column("id", "Identifier, which never changes.", required=True, unique=True, pattern=_ID),
        Column("name", "Name, as residents find it.", required=True, longest=120),
        Column("ssid", "Names of its networks, with | between them.", separator="|", longest=200),
        Column("building_id", "The building, as its hours and exceptions name it.", required=True, pattern=_ID),
        Column("building", "Name of the building.", required=True, longest=120),
        Column("address", "Address, in one line."),
        Column("latitude", "Latitude, degrees, WGS 84.", "number", low=-90, high=90),
        Column("longitude", "Longitude, degrees, WGS 84.", "number", low=-180, high=180),
        Column("hours", "Opening hours of the building in an ordinary week; none: always open.", "hours"),
        Column("beat_seconds", "Seconds from one heartbeat to the next.", "whole", required=True, low=10, high=86_400),
    ),
)
HEARTBEATS: Final = Source(
    "heartbeats",
    "What the collector heard: a row for each beat, in any order.",
    (
        Column("access_point_id", "The access point.", required=True),
        Column("time", "When it was heard: an instant with its offset from UTC.", "instant", required=True),
        Column(
            "clients",
            "Devices connected at that instant, 0 for none; empty only where it is not known.",
            "whole",
            low=0,
        ),
    ),
    needed=False,
)


@dataclass(frozen=True)
class AccessPoint:
    """One access point; `interval` is the time from one beat to the next, in microseconds."""

    id: str
    name: str
    ssid: tuple[str, ...]
    building_id: str
    building: str
    place: Place
    hours: str
    interval: int

    @classmethod
    def of(cls, row: Row) -> "AccessPoint":
        """What an accepted row says."""
        ssid = str(row["ssid"] or "")
        return cls(
            id=str(row["id"]),
            name=str(row["name"]),
            ssid=tuple(name.strip() for name in ssid.split("|")) if ssid else (),
            building_id=str(row["building_id"]),
            building=str(row["building"]),
            place=_place(row),
            hours=str(row["hours"] or ""),
            interval=int(str(row["beat_seconds"])) * SECOND,
        )


def _place(row: Row) -> Place:
    latitude, longitude = row["latitude"], row["longitude"]
    address = str(row["address"] or "")
    if isinstance(latitude, float) and isinstance(longitude, float):
        return Place(address, latitude, longitude)
    return Place(address)
