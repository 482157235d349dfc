"""What a GTFS and the table of disruptions hold."""

from typing import Final

from schemas.feeds import Column, Source

LOCATIONS: Final = ("0", "1", "2", "3", "4")
"""Kinds of location: stop, station, entrance, node, boarding area."""

AGENCIES: Final = Source(
    "gtfs",
    "The agencies of the network.",
    (
        Column("agency_id", "Identifier; needed where there are several.", unique=True),
        Column("agency_name", "Name.", required=True),
        Column("agency_url", "Its page.", "url", required=True),
        Column("agency_timezone", "Its time zone.", required=True, pattern=r"[A-Za-z_+-]+(/[A-Za-z0-9_+-]+)*"),
        Column("agency_lang", "Its language.", pattern=r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
    ),
    member="agency.txt",
)
ROUTES: Final = Source(
    "gtfs",
    "The routes of the network.",
    (
        Column("route_id", "Identifier.", required=True, unique=True),
        Column("agency_id", "Its agency; needed where there are several."),
        Column("route_short_name", "Short name, or none where there is a long one.", longest=60),
        Column("route_long_name", "Long name, or none where there is a short one."),
        Column("route_type", "Kind of vehicle.", "whole", required=True, low=0, high=1799),
        Column("route_color", "Colour.", pattern=r"[0-9A-Fa-f]{6}"),
    ),
    member="routes.txt",
)
STOPS: Final = Source(
    "gtfs",
    "The stops of the network.",
    (
        Column("stop_id", "Identifier.", required=True, unique=True),
        Column("stop_name", "Name; needed for stops, stations and entrances."),
        Column("stop_lat", "Latitude, degrees, WGS 84.", "number", low=-90, high=90),
        Column("stop_lon", "Longitude, degrees, WGS 84.", "number", low=-180, high=180),
        Column("location_type", "Kind of location; a stop where empty.", choices=LOCATIONS),
        Column("parent_station", "The station, or the stop of a boarding area."),
    ),
    member="stops.txt",
)
DISRUPTIONS: Final = Source(
    "source",
    "The disruptions.",
    (
        Column("id", "Identifier; it stays the same.", required=True, unique=True, pattern=r"[A-Za-z0-9._-]{1,60}"),
        Column("routes", "The routes, by route_id; all where neither routes nor stops are stated.", separator="|"),
        Column("stops", "The stops, by stop_id; with routes, these routes at these stops.", separator="|"),
        Column("starts", "When it begins.", "instant", required=True),
        Column("ends", "When it ends; with the feed where empty.", "instant"),
        Column("cause", "Cause of GTFS-Realtime; unknown_cause where empty."),
        Column("effect", "Effect of GTFS-Realtime; unknown_effect where empty."),
        Column("header_fr", "Title in French.", required=True, longest=120),
        Column("header_en", "Title in English.", longest=120),
        Column("description_fr", "What travellers have to know, in French.", longest=4000),
        Column("description_en", "The same in English.", longest=4000),
        Column("url", "Page with more about it.", "url"),
    ),
)
