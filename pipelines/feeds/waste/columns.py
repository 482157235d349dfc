"""What the sources of waste rounds hold."""

from typing import Final

from schemas.feeds import Column, Source, Text

STREAMS: Final = {
    "household": Text("Household waste", "Ordures ménagères"),
    "recyclables": Text("Recyclables", "Emballages et papiers recyclables"),
    "glass": Text("Glass", "Verre"),
    "bio-waste": Text("Food waste", "Biodéchets"),
    "garden": Text("Garden waste", "Déchets verts"),
    "bulky": Text("Bulky items", "Encombrants"),
    "textiles": Text("Textiles", "Textiles"),
}
"""The streams that can be collected, in the order in which they are shown."""
WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")
ALL: Final = "*"
ID: Final = r"[a-z0-9]+(-[a-z0-9]+)*"
_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d"

ROUNDS: Final = Source(
    "source",
    "The rounds: which stream is collected in which sector, on which days.",
    (
        Column("sector", "The sector in file names.", required=True, pattern=ID, longest=40),
        Column("sector_name", "The sector as residents call it.", required=True, longest=80),
        Column("stream", "What is collected.", required=True, choices=tuple(STREAMS)),
        Column("weekdays", "Weekdays, from mo to su.", required=True, choices=WEEKDAYS, separator="|"),
        Column("every_weeks", "Every how many weeks; each week where empty.", "whole", low=1, high=52),
        Column("first", "A day of the first round: every how many weeks is counted from it.", "date", required=True),
        Column("until", "The last day on which it can be.", "date"),
        Column("put_out", "From when bins may stand in the street on the day before.", pattern=_TIME),
        Column("collected_from", "When the collection begins.", pattern=_TIME),
        Column("collected_to", "When it ends, on the next day where it is before it begins.", pattern=_TIME),
        Column("note_fr", "A note in French.", longest=300),
        Column("note_en", "The note in English.", longest=300),
    ),
)
SHIFTS: Final = Source(
    "shifts",
    "Rounds that are on another day, or that are not, such as after public holidays.",
    (
        Column("sector", "The sector, or * for all.", required=True),
        Column("stream", "The stream, or * for all.", required=True, choices=(ALL, *STREAMS)),
        Column("date", "The day on which the round would be.", "date", required=True),
        Column("moved_to", "The day on which it is instead; none where empty.", "date"),
        Column("reason_fr", "Why, in French.", longest=120),
        Column("reason_en", "Why, in English.", longest=120),
    ),
    needed=False,
)
STREETS: Final = Source(
    "streets",
    "The streets of each sector.",
    (
        Column("street", "The street.", required=True, longest=120),
        Column("numbers", "Which numbers of it; all where empty.", longest=60),
        Column("sector", "The sector.", required=True),
    ),
    needed=False,
)
