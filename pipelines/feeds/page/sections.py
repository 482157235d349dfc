"""The sections of a page, one for each feed: its items in groups, and what they are narrowed down by."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipelines.feeds.documents import valid_until_of
from pipelines.feeds.page import dates
from pipelines.feeds.page.files import File, calendar, calendars, files
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.page.schedule import Mark, Schedules
from pipelines.feeds.page.shown import Said, Shown, shown

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
    """A feed: what it holds, until when, and its files."""

    key: str
    title: Said
    about: str
    alert: bool
    groups: tuple[Group, ...]
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
    groups = _groups(items, written, reader)
    valid = None if context.valid_until is None else reader.minute(context.valid_until)
    updated, last = context.settings.updated, context.settings.valid_until
    used = {group.calendar for group in groups}
    return Section(
        key=module.feed.name,
        title=Said(reader.pick(module.title), reader.foreign(module.title)),
        about=reader.pick(module.feed.about),
        alert=module.feed.name == ALERTS,
        groups=groups,
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


def _groups(items: tuple[Shown, ...], written: tuple[File, ...], reader: Reader) -> tuple[Group, ...]:
    by_category: dict[tuple[str, str], list[Shown]] = {}
    for item in items:
        by_category.setdefault((item.category.fr, item.category.en), []).append(item)
    found: list[Group] = []
    for (french, _), members in by_category.items():
        key = _key(french, len(found), {group.key for group in found})
        category = members[0].category
        name = Said(reader.pick(category), reader.foreign(category)) if len(by_category) > 1 else Said("")
        # A feed names calendars by category, or by what stands first in the identifiers of its items.
        stems = (key, *sorted({item.id.partition(".")[0] for item in members if "." in item.id})[:2])
        own = calendar(written, stems, reader.language) if name.text and len(stems) < 3 else None
        opened = sum(item.mark is not None and item.mark.state == "open" for item in members)
        has_hours = any(item.mark is not None for item in members)
        kept = len(members) if len(members) <= FOLDED else FIRST
        found.append(Group(key, name, tuple(members[:kept]), tuple(members[kept:]), opened, has_hours, own))
    return tuple(found)


def _key(name: str, number: int, taken: set[str]) -> str:
    """A name as it stands in addresses: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "autres"
    return f"{key}-{number + 1}" if key in taken else key
