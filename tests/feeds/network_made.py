"""A small network of transport and its disruptions, as a feed makes them."""

import zipfile
from datetime import date, datetime
from pathlib import Path

from pipelines.feeds.feed import Built
from pipelines.feeds.modules.transport import FEED
from pipelines.feeds.rows import Finding
from tests.feeds.making import NOON, made

AGENCY = "agency_id,agency_name,agency_url,agency_timezone\nr,Réseau,https://reseau.example,Europe/Paris\n"
ROUTES = "route_id,agency_id,route_short_name,route_long_name,route_type\nT1,r,T1,,0\nL3,r,,Ligne 3,3\n"
STOPS = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
    "g,Gare,47.32,5.02,1,\ng1,Gare,47.321,5.021,0,g\nlac,Lac,47.33,5.00,,\n"
)
HEAD = "id,routes,stops,starts,ends,cause,effect,header_fr,header_en,description_fr,description_en,url"
RIGHT = {
    "id": "a",
    "routes": "T1",
    "starts": "2026-06-20T10:00",
    "ends": "2026-06-21T10:00",
    "cause": "strike",
    "effect": "no_service",
    "header_fr": "Grève",
    "header_en": "Strike",
}


def transport(
    folder: Path,
    *rows: dict[str, str],
    at: datetime = NOON,
    valid_until: date | None = None,
    packed: bool = False,
    **changed: str,
) -> tuple[Built, tuple[Finding, ...]]:
    members = {"agency": AGENCY, "routes": ROUTES, "stops": STOPS} | changed
    gtfs = folder / ("gtfs.zip" if packed else "gtfs")
    if packed:
        with zipfile.ZipFile(gtfs, "w") as archive:
            for name, text in members.items():
                archive.writestr(f"{name}.txt", text)
    else:
        gtfs.mkdir(exist_ok=True)
        for name, text in members.items():
            (gtfs / f"{name}.txt").write_text(text, encoding="utf-8")
    lines = [",".join(f'"{(RIGHT | row).get(name, "")}"' for name in HEAD.split(",")) for row in rows or ({},)]
    sources = {"source": "\n".join([HEAD, *lines]) + "\n"}
    return made(FEED, folder, sources, at, valid_until=valid_until, gtfs=gtfs)
