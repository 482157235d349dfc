"""What the source of events holds."""

from typing import Final

from schemas.feeds import Column, Source, Text

CATEGORIES: Final = {
    "culture": Text("Culture", "Culture"),
    "family": Text("Families", "Familles"),
    "festival": Text("Festivals", "Festivals"),
    "market": Text("Markets", "Marchés"),
    "meeting": Text("Public meetings", "Réunions publiques"),
    "sport": Text("Sport", "Sport"),
    "other": Text("Other events", "Autres événements"),
}
STATUSES: Final = ("confirmed", "cancelled", "postponed")

EVENTS: Final = Source(
    "source",
    "The events.",
    (
        Column("id", "Identifier; it stays the same.", required=True, unique=True, pattern=r"[A-Za-z0-9._-]{1,60}"),
        Column("title_fr", "Title in French.", required=True, longest=120),
        Column("title_en", "Title in English; the French one where empty.", longest=120),
        Column("starts", "When it begins; a date for whole days.", "moment", required=True),
        Column("ends", "When it ends; the last day for whole days.", "moment", required=True),
        Column("place", "Name of the place.", longest=120),
        Column("address", "Address of the place.", longest=200),
        Column("latitude", "Latitude, degrees, WGS 84.", "number", low=-90, high=90),
        Column("longitude", "Longitude, degrees, WGS 84.", "number", low=-180, high=180),
        Column("category", "What kind of event; other where empty.", choices=tuple(CATEGORIES)),
        Column("free", "Whether it costs nothing.", choices=("yes", "no")),
        Column("price_fr", "Price in French.", longest=120),
        Column("price_en", "Price in English.", longest=120),
        Column("description_fr", "Description in French.", longest=4000),
        Column("description_en", "Description in English.", longest=4000),
        Column("url", "Page of the event.", "url"),
        Column("organiser", "Who organises it: an association or an office, not a person.", longest=120),
        Column("rrule", "How it comes again: FREQ, INTERVAL, BYDAY, and UNTIL or COUNT of RFC 5545.", longest=200),
        Column("exdates", "Days on which it does not happen.", "date", separator="|"),
        Column("status", "confirmed, cancelled or postponed; confirmed where empty.", choices=STATUSES),
    ),
)
