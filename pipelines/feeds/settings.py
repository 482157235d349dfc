"""The `[feeds]` of a configuration: the town, and the settings of each feed, checked key by key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines import declared_table
from pipelines.configuration import load_shared
from pipelines.configuration_errors import refusal, shown, unknown
from pipelines.feeds.feed import Feed
from schemas.configuration import Configuration
from schemas.dates import LATEST
from schemas.errors import UsageError
from schemas.feeds import FeedSettings, Text, Town

TOWN: Final = "town"
FIRST_YEAR: Final = 1971
"""Of the instants that feeds are built for: GTFS-Realtime counts seconds from 1970 on."""
_ADDRESS: Final = re.compile(r"https?://[^\s/<>\"]+(/[^\s<>\"]*)?")
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Chosen:
    """What a configuration asks for: the town, its zone, the policy, and the feeds that are on, in the town's order."""

    path: Path
    town: Town
    zone: ZoneInfo
    policy: Policy
    feeds: tuple[tuple[Feed, FeedSettings], ...]


def load(path: Path, known: Mapping[str, Feed]) -> Chosen:
    """Read `[feeds]`, `[area]` and `[policy]` of a configuration; the tables that mobility needs may be absent.

    Raises UsageError, which names the key, what was expected, what was found and what to write instead, and
    PrivacyRefusal for a k that is too small.
    """
    configuration = load_shared(path)
    tables = configuration.feeds
    if TOWN not in tables:
        raise refusal(("feeds",), "a table [feeds.town]", "none", 'write [feeds.town], and id = "dijon" below it')
    for name in tables:
        if name not in (TOWN, *known):
            raise unknown(("feeds", name), (TOWN, *known), "feed")
    folder = configuration.path.parent
    whose = declared_table.read(tables[TOWN], ("feeds", TOWN), Town, folder)
    order = _order(whose, tuple(name for name in known if name in tables))
    chosen = [
        (known[name], declared_table.read(tables[name], ("feeds", name), known[name].settings, folder))
        for name in order
    ]
    for feed, settings in chosen:
        label(feed, settings)
    policy = Policy.of(configuration.policy, configuration.test)
    on = tuple((feed, settings) for feed, settings in chosen if settings.enabled)
    return Chosen(configuration.path, whose, ZoneInfo(configuration.area.timezone), policy, on)


def town(configuration: Configuration) -> Town | None:
    """The town of a configuration, or None where it has none; raises UsageError for one that is not as declared."""
    table = configuration.feeds.get(TOWN)
    if table is None:
        return None
    found = declared_table.read(table, ("feeds", TOWN), Town, configuration.path.parent)
    _check_town(found)
    return found


def _check_town(town: Town) -> None:
    if not _ID.fullmatch(town.id):
        raise refusal(("feeds", TOWN, "id"), "small letters, digits and hyphens", shown(town.id), 'write id = "dijon"')
    if not town.name.strip():
        raise refusal(("feeds", TOWN, "name"), "a name", shown(town.name), 'write name = "Dijon"')
    if town.address and not _ADDRESS.fullmatch(town.address):
        hint = 'write address = "https://town.example"'
        raise refusal(("feeds", TOWN, "address"), "an address that begins with https://", shown(town.address), hint)


def label(feed: Feed, settings: FeedSettings) -> Text:
    """What residents read above a feed; raises UsageError for a label in another form than a text or two."""
    written = settings.label
    if written == "":
        return feed.title
    texts = {"fr": written, "en": written} if isinstance(written, str) else written
    if set(texts) != {"fr", "en"} or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        hint = 'write label = "Horaires", or label = { fr = "Horaires", en = "Opening hours" }'
        raise refusal(("feeds", feed.name, "label"), "a text, or one for fr and one for en", shown(written), hint)
    return Text(texts["en"], texts["fr"])


def _order(town: Town, there: tuple[str, ...]) -> tuple[str, ...]:
    """The feeds in the town's order; those that it does not list are off."""
    _check_town(town)
    if not town.modules:
        return there
    for name in town.modules:
        if name not in there:
            close = get_close_matches(name, there, n=1)
            hint = f"did you mean {close[0]}?" if close else f"write [feeds.{name}], or remove {name} from modules"
            raise refusal(("feeds", TOWN, "modules"), f"feeds of this file ({', '.join(there)})", shown(name), hint)
    if len(set(town.modules)) < len(town.modules):
        raise refusal(("feeds", TOWN, "modules"), "each feed once", shown(town.modules), "remove the second one")
    return town.modules


def instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant as it is written on the command line, local where it has no offset; raises UsageError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--at: expected an instant such as 2026-06-20T18:00, found {text!r}", "write a date, T, and a time of day"
        ) from None
    if not FIRST_YEAR <= at.year < LATEST:
        raise UsageError(
            f"--at: expected an instant of the years {FIRST_YEAR} to {LATEST - 1}, found {text!r}",
            "write the instant that residents read the feeds at",
        )
    return at if at.tzinfo else at.replace(tzinfo=zone)
