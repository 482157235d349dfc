"""What a feed is; every module of `pipelines.feeds.modules` declares one as FEED."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from anonymization.policy import Policy
from pipelines.feeds import modules
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.reading import Located, read_table
from pipelines.feeds.rows import Finding, Rows
from schemas.feeds import NO_TEXT, FeedSettings, Source, Text, Town


@dataclass(frozen=True)
class Place:
    """Where something is; an address is one line, coordinates are degrees in WGS 84, or none."""

    address: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Item:
    """What a resident reads of one thing: a place, a round, an alert, an access point.

    `hours` are the opening hours in force, with the rules of certain days, or "" where none are known; None stands for
    something that is neither open nor closed. `exceptions` are first and last day of other hours, and why. `starts` and
    `ends` bound what happens once; `dates` are the next times of what comes again. After `valid_until` nothing holds.
    `facts` are further lines, each a label and a value. `category` groups items on the page, `tags` are what they are
    chosen by, and `mark` is a word that stands out, such as cancelled.
    """

    id: str
    title: Text
    text: Text = NO_TEXT
    category: Text = NO_TEXT
    place: Place | None = None
    hours: str | None = None
    exceptions: tuple[tuple[date, date, Text], ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    dates: tuple[date | datetime, ...] = ()
    facts: tuple[tuple[Text, Text], ...] = ()
    tags: tuple[Text, ...] = ()
    mark: Text = NO_TEXT
    link: str = ""
    updated: date | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Context:
    """What a feed is made with, beside its sources: the town, the instant that it is made for, and its own settings.

    `tables` are the accepted rows of its large sources, by name.
    """

    town: Town
    at: datetime
    zone: ZoneInfo
    settings: FeedSettings
    exceptions: Exceptions
    policy: Policy
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    @property
    def valid_until(self) -> datetime | None:
        """The first instant for which the feed says nothing any more."""
        return self.end_of(self.settings.valid_until)

    def end_of(self, day: date | None) -> datetime | None:
        """The midnight at the end of a local day."""
        return None if day is None else midnight_after(day, self.zone)


@dataclass(frozen=True)
class Built:
    """What a feed publishes: its items, in the order in which they are shown, and its files in a standard's format.

    `findings` are those that only the whole shows, such as two rows that contradict each other. `places` are the
    identifiers of what it keeps hours of, where these are not its items.
    """

    items: tuple[Item, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Large:
    """A source of so many rows that whole columns are judged at once.

    `table` has the accepted rows; `rows` says how many there were, `refused` how many are left out: `findings` may name
    the first of them only.
    """

    table: pa.Table
    rows: int
    refused: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Feed:
    """A feed: the key of its table and its folder, its title, the standard it follows, and how it is made.

    `build` is pure: it takes the rows that were accepted, by the name of their source, and what they are made with.
    `read` is another than the reader of CSV and JSON where a feed takes what others publish in a form of their own.
    `large` are the readers of the sources that are too large for rows: they get the path, the source, the rows of the
    sources before it, and the context. `may_be_empty` is said of what there is none of at times, such as alerts.
    `choose` says which of the sources are read where that depends on the settings.
    """

    name: str
    title: Text
    about: Text
    standard: str
    place: int
    sources: tuple[Source, ...]
    build: Callable[[Mapping[str, Rows], Context], Built]
    settings: type[FeedSettings] = FeedSettings
    read: Callable[[Path, Source, FeedSettings], Located] = read_table
    large: Mapping[str, Callable[[Path, Source, Mapping[str, Rows], Context], Large]] = field(default_factory=dict)
    may_be_empty: bool = False
    choose: Callable[[FeedSettings], tuple[Source, ...]] | None = None

    def chosen(self, settings: FeedSettings) -> tuple[Source, ...]:
        """The sources that are read with these settings."""
        return self.sources if self.choose is None else self.choose(settings)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day ends."""
    return datetime.fromordinal(day.toordinal() + 1).replace(tzinfo=zone)


def all_feeds() -> dict[str, Feed]:
    """The feeds by name, in the order of their places."""
    names = sorted(each.name for each in pkgutil.iter_modules(modules.__path__))
    found = [importlib.import_module(f"{modules.__name__}.{name}").FEED for name in names]
    return {feed.name: feed for feed in sorted(found, key=lambda feed: feed.place)}
