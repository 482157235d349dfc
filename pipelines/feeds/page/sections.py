"""The sections of a page, one for each feed: its items in groups, and what they are narrowed down by."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipelines.feeds.documents import valid_until_of
from pipelines.feeds.page import dates
from pipelines.feeds.page.files import File, calendar, calendars, files
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.page.schedule import Mark, Schedules
from pipelines.feeds.page.shown import Said, Shown, shown
from schemas.feeds import Text

if TYPE_CHECKING:
    from pipelines.feeds.build import Module

ALERTS: Final = "alerts"
"""The feed that stands first; what it says goes when it is over."""
FIRST: Final = 10
"""How many items of a group stand there at once."""
FOLDED: Final = 12
"""A feed of more items has its groups folded."""


@dataclass(frozen=True)
class Group:
    """Items of one category; `key` is its name in addresses, and `name` is empty where it is the only one."""

    key: str
    name: Said
    first: tuple[Shown, ...]
    rest: tuple[Shown, ...]
    opened: int
    has_hours: bool
    calendar: File | None

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.first) + len(self.rest)


@dataclass(frozen=True)
class Section:
    """A feed: what it holds, until when, and its files; `parts` are the keys and names of its categories."""

    key: str
    title: Said
    about: str
    alert: bool
    groups: tuple[Group, ...]
    parts: tuple[tuple[str, Said], ...]
    folded: bool
    tags: tuple[str, ...]
    standard: str
    updated: str
    valid: int | None
    valid_text: str
    stale: str
    files: tuple[File, ...]
    calendars: tuple[File, ...]

    @property
    def count(self) -> int:
        """How many items there are."""
        return sum(group.count for group in self.groups)

    @property
    def long(self) -> bool:
        """Whether one looks for a name in it."""
        return self.count > FOLDED

    @property
    def has_hours(self) -> bool:
        """Whether anything in it opens and closes."""
        return any(group.has_hours for group in self.groups)

    @property
    def empty_from(self) -> int | None:
        """The minute from which on nothing is left; None where something always is."""
        gone = [item.gone for group in self.groups for item in (*group.first, *group.rest)]
        ends = [each for each in gone if each is not None]
        return max(ends, default=0) if len(ends) == len(gone) else None


def sections(modules: tuple["Module", ...], reader: Reader, schedules: Schedules) -> tuple[Section, ...]:
    """The feeds in the town's order, alerts before all others."""
    ordered = sorted(modules, key=lambda module: module.feed.name != ALERTS)
    return tuple(_section(module, reader, schedules) for module in ordered)


def _section(module: "Module", reader: Reader, schedules: Schedules) -> Section:
    context, words = module.context, reader.words
    items = tuple(_items(module, reader, schedules))
    written = files(module.feed.name, module.files, reader.language)
    parts = _parts(items, reader)
    # What happens at a time stands in the order of time, whatever it is about.
    in_time = module.feed.name != ALERTS and any(item.time for item in items)
    groups = _in_one(items, parts, reader) if in_time and items else _by_category(items, parts, written, reader)
    valid = None if context.valid_until is None else reader.minute(context.valid_until)
    updated, last = context.settings.updated, context.settings.valid_until
    used = {group.calendar for group in groups}
    return Section(
        key=module.feed.name,
        title=Said(reader.pick(module.title), reader.foreign(module.title)),
        about=reader.pick(module.feed.about),
        alert=module.feed.name == ALERTS,
        groups=groups,
        parts=tuple(parts.values()) if len(parts) > 1 else (),
        folded=len(items) > FOLDED and len(groups) > 1,
        tags=tuple(dict.fromkeys(tag for item in items for tag in item.tags)),
        standard=module.feed.standard,
        updated="" if updated is None else words["updated"].format(dates.full(updated, reader.language)),
        valid=valid,
        valid_text="" if last is None else words["valid"].format(dates.full(last, reader.language)),
        stale="" if valid is None else words["all_stale"].format(reader.since(valid)),
        files=written,
        calendars=tuple(file for file in calendars(written, reader.language) if file not in used),
    )


def _items(module: "Module", reader: Reader, schedules: Schedules) -> Iterator[Shown]:
    """The items that are not over when today begins, with what is known of their hours."""
    unknown = Mark("unknown", reader.words["unknown"], reader.words["no_hours"])
    for item in module.items:
        valid_until = valid_until_of(item, module.context)
        found = shown(item, valid_until, module.feed.name == ALERTS, reader)
        if found.gone is not None and found.gone <= 0:
            continue
        if item.hours is None:
            yield found
        elif not item.hours:
            yield replace(found, mark=unknown)
        else:
            told = schedules.add(item.hours, valid_until, module.context)
            yield replace(found, mark=told.mark, schedule=told.number, week=told.week)


def _parts(items: tuple[Shown, ...], reader: Reader) -> dict[Text, tuple[str, Said]]:
    """The categories in the order in which they come, with their keys in addresses and their names."""
    found: dict[Text, tuple[str, Said]] = {}
    for item in items:
        if item.category not in found:
            key = _key(item.category.fr, len(found), {key for key, _ in found.values()})
            name = Said(reader.pick(item.category), reader.foreign(item.category))
            found[item.category] = (key, name if name.text else Said(reader.words["others"]))
    return found


def _in_one(items: tuple[Shown, ...], parts: Mapping[Text, tuple[str, Said]], reader: Reader) -> tuple[Group, ...]:
    """All items in one group, each with its category if there are several."""
    if len(parts) > 1:
        named = ((item, *parts[item.category]) for item in items)
        items = tuple(
            replace(item, part=key, label=name if item.category.fr else Said("")) for item, key, name in named
        )
    return (_group("tout", Said(""), items, None),)


def _by_category(
    items: tuple[Shown, ...], parts: Mapping[Text, tuple[str, Said]], written: tuple[File, ...], reader: Reader
) -> tuple[Group, ...]:
    members: dict[Text, list[Shown]] = {category: [] for category in parts}
    for item in items:
        members[item.category].append(item)
    if len(parts) == 1:
        return (_group("tout", Said(""), items, None),)
    found = []
    for category, (key, name) in parts.items():
        # A feed names calendars by category, or by what stands first in the identifiers of its items.
        stems = {item.id.partition(".")[0] for item in members[category] if "." in item.id}
        own = calendar(written, (key, *stems), reader.language) if len(stems) < 2 else None
        found.append(_group(key, name, tuple(members[category]), own))
    return tuple(found)


def _group(key: str, name: Said, members: tuple[Shown, ...], own: File | None) -> Group:
    """Only a group without a name has items that are shown when they are asked for: others fold as a whole."""
    opened = sum(item.mark is not None and item.mark.state == "open" for item in members)
    has_hours = any(item.mark is not None for item in members)
    kept = len(members) if name.text or len(members) <= FOLDED else FIRST
    return Group(key, name, members[:kept], members[kept:], opened, has_hours, own)


def _key(name: str, number: int, taken: set[str]) -> str:
    """A name as it stands in addresses: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "autres"
    return f"{key}-{number + 1}" if key in taken else key
