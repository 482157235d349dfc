"""What a civic feed is made of: texts in two languages, columns of its sources, and the keys of its table."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal

from schemas.configuration import means

Kind = Literal["text", "whole", "number", "date", "instant", "moment", "hours", "siret", "url", "email", "phone"]
"""What the texts of a column say.

`date` is YYYY-MM-DD; `instant` is ISO 8601, local where it has no offset; `moment` is one or the other;
`hours` are opening hours in the accepted grammar (docs/opening-hours.md); `siret` is a SIRET with a right check digit;
`url` begins with http:// or https://.
"""

AHEAD: Final = timedelta(days=14)
"""For how long after the instant of a build opening hours are spelled out as intervals."""

PERSONAL: Final[tuple[Kind, ...]] = ("email", "phone")
"""Kinds whose values are never quoted in a message."""


@dataclass(frozen=True)
class Text:
    """A text for residents, in English and in French."""

    en: str
    fr: str

    @staticmethod
    def same(text: str) -> "Text":
        """A name or a text that stands in one language only."""
        return Text(text, text)

    def as_json(self) -> dict[str, str]:
        """By language."""
        return {"en": self.en, "fr": self.fr}


NO_TEXT: Final = Text("", "")


@dataclass(frozen=True)
class Column:
    """A column of a source: what its texts say, and which of them are refused.

    An empty text is none. With a `separator` each piece of the text is judged. `pattern` is a regular expression that
    the whole text has to match; `choices` is a closed list; `low` and `high` are limits of a number.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    required: bool = False
    unique: bool = False
    pattern: str = ""
    choices: tuple[str, ...] = ()
    separator: str = ""
    shortest: int = 0
    longest: int = 0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Source:
    """A table that a feed reads: the key of its path in the feed's table, and its columns.

    Other columns of the file are left alone. Without `needed` the key may be absent. A `member` is a file of the folder
    or ZIP archive at the path, as in GTFS. A `reference` is what rows of other sources are compared with: its rows are
    not counted.
    """

    key: str
    meaning: str
    columns: tuple[Column, ...]
    needed: bool = True
    member: str = ""
    reference: bool = False

    @property
    def name(self) -> str:
        """What its rows are known by: the member, or the key."""
        return self.member or self.key


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """What every feed's table may hold."""

    enabled: bool = field(default=True, metadata=means("Whether the feed is built."))
    label: str | dict[str, str] = field(
        default="",
        metadata=means(
            "What residents read above it, one text or one by language.", {"fr": "Horaires", "en": "Opening hours"}
        ),
    )
    source: Path = field(metadata=means("The file that it is made from.", "places.csv"))
    updated: date | None = field(
        default=None, metadata=means("When the source was last known to be right.", date(2026, 5, 1))
    )
    valid_until: date | None = field(
        default=None,
        metadata=means("The last day for which it may be shown; after it everything is unknown.", date(2027, 12, 31)),
    )


@dataclass(frozen=True, kw_only=True)
class Town:
    """`[feeds.town]`: whose feeds they are, and in which order."""

    id: str = field(metadata=means("The town in addresses: small letters, digits and hyphens.", "dijon"))
    name: str = field(metadata=means("The town as residents call it.", "Dijon"))
    address: str = field(default="", metadata=means("Where the feeds will be served.", "https://town.example"))
    modules: tuple[str, ...] = field(
        default=(),
        metadata=means(
            "The feeds in the order in which they are shown; all there are by default.", ("alerts", "places")
        ),
    )
    exceptions: Path | None = field(
        default=None, metadata=means("Closures and other hours on certain days.", "exceptions.csv")
    )
    school_holidays: Path | None = field(
        default=None, metadata=means("The school holidays of the zone.", "school-holidays.csv")
    )
