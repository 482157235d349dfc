"""The files of the feed: AccessPoint of FIWARE, fault reports of Open311, and the availability."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.documents import as_bytes
from pipelines.feeds.feed import Context
from pipelines.feeds.page.dates import moment
from pipelines.feeds.wifi.availability import Share
from pipelines.feeds.wifi.outages import Outage
from pipelines.feeds.wifi.spans import instant
from pipelines.feeds.wifi.watch import Watched

_LONGEST: Final = 4_000
"""Characters of a description in Open311."""


def access_points(watched: Sequence[Watched], clients: Mapping[str, int], context: Context) -> bytes:
    """access-points.json: key-values of the FIWARE data model; no state where it is unknown, never an IP address.

    `clients`: what may be printed of single access points.
    """
    return as_bytes([_entity(each, clients, context) for each in watched])


def _entity(watched: Watched, clients: Mapping[str, int], context: Context) -> dict[str, object]:
    access_point, state = watched.access_point, watched.status.state
    place, town = access_point.place, context.town.id
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    found: dict[str, object] = {
        "id": f"urn:ngsi-ld:AccessPoint:{town}:{access_point.id}",
        "type": "AccessPoint",
        "name": access_point.name,
        "apState": None if state == "unknown" else state,
        "clientsConnected": clients.get(access_point.id) if state == "up" else None,
        "ssid": list(access_point.ssid) or None,
        "dateLastValueReported": _told(watched.status.heard, context.zone),
        "refPointOfInterest": f"urn:ngsi-ld:PointOfInterest:{town}:{access_point.building_id}",
        "address": {"streetAddress": place.address} if place.address else None,
        "location": None if place.latitude is None else point,
    }
    return {key: value for key, value in found.items() if value is not None}


def faults(watched: Sequence[Watched], code: str, zone: ZoneInfo) -> bytes:
    """faults.json: one Open311 request for each outage that missed enough beats inside opening hours, by its time."""
    found = [report for each in watched for report in _reports(each, code, zone)]
    return as_bytes(sorted(found, key=lambda report: (report["requested_datetime"], report["service_request_id"])))


def _reports(watched: Watched, code: str, zone: ZoneInfo) -> Iterator[dict[str, str | float]]:
    for outage in watched.outages:
        if outage.reported is None:
            continue
        place = watched.access_point.place
        found: dict[str, str | float | None] = {
            "service_request_id": fault_id(watched, outage),
            "status": "open" if outage.over is None else "closed",
            "status_notes": _notes(outage, zone),
            "service_name": "Wi-Fi",
            "service_code": code,
            "description": _description(watched, outage, zone)[:_LONGEST],
            "requested_datetime": _told(outage.reported, zone),
            "updated_datetime": _told(outage.over or outage.reported, zone),
            "address": place.address or None,
            "lat": place.latitude,
            "long": place.longitude,
        }
        yield {key: value for key, value in found.items() if value is not None}


def fault_id(watched: Watched, outage: Outage) -> str:
    """The name of an outage: its access point and the last beat before it, so that every build names it alike."""
    return f"wifi-{watched.access_point.id}-{instant(outage.heard):%Y%m%dT%H%M%SZ}"


def _description(watched: Watched, outage: Outage, zone: ZoneInfo) -> str:
    name, building = watched.access_point.name, watched.access_point.building
    since = instant(outage.heard).astimezone(zone)
    return (
        f"Le point d’accès Wi-Fi «\u00a0{name}\u00a0» ({building}) ne donne plus signe de vie "
        f"depuis le {moment(since, 'fr')}.\n"
        f"The Wi-Fi access point “{name}” ({building}) has not been heard since {moment(since, 'en')}."
    )


def _notes(outage: Outage, zone: ZoneInfo) -> str:
    if outage.again is None:
        return "Toujours muet. / Still silent."
    again = instant(outage.again).astimezone(zone)
    if outage.over is None:
        french, english = "pas encore de façon stable", "not steadily yet"
        return f"De nouveau entendu le {moment(again, 'fr')}, {french}. / Heard again {moment(again, 'en')}, {english}."
    return f"De nouveau entendu depuis le {moment(again, 'fr')}. / Heard again since {moment(again, 'en')}."


def availability(watched: Sequence[Watched], zone: ZoneInfo) -> bytes:
    """availability.json: the state, two months and the outages of each access point."""
    return as_bytes([_available(each, zone) for each in watched])


def _available(watched: Watched, zone: ZoneInfo) -> dict[str, object]:
    return {
        "id": watched.access_point.id,
        "state": watched.status.state,
        "months": [
            {
                "from": month.start.isoformat(timespec="seconds"),
                "to": month.end.isoformat(timespec="seconds"),
                "all_hours": _shared(month.whole),
                "opening_hours": _shared(month.opened),
            }
            for month in watched.months
        ],
        "outages": [
            {
                "last_heard": _told(outage.heard, zone),
                "first_missed": _told(outage.first_missed, zone),
                "heard_again": _told(outage.again, zone),
                "fault": None if outage.reported is None else fault_id(watched, outage),
            }
            for outage in watched.outages
        ],
    }


def _shared(share: Share) -> dict[str, float | None]:
    """Shares of 0 to 1, cut after four places: nothing but all is 1."""
    values = {"available": share.available, "coverage": share.coverage}
    return {key: None if value is None else int(value * 10_000) / 10_000 for key, value in values.items()}


def _told(when: int | None, zone: ZoneInfo) -> str | None:
    return None if when is None else instant(when).astimezone(zone).isoformat(timespec="seconds")
