"""Waste rounds by sector, as iCalendar files that residents subscribe to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from pipelines.feeds.calendars.ics import Entry, Heading, as_ics, stamp
from pipelines.feeds.calendars.words import clock, day, weekly
from pipelines.feeds.documents import as_bytes
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.rows import Rows
from pipelines.feeds.waste.columns import ROUNDS, SHIFTS, STREAMS, STREETS
from pipelines.feeds.waste.rounds import Round, rounds
from pipelines.feeds.waste.shifts import shifted
from pipelines.feeds.waste.streets import streets
from schemas.configuration import means
from schemas.feeds import FeedSettings, Text

MOST: Final = 10
"""How many next dates of a round are listed."""
ALL_SECTORS: Final = "all_sectors"
"""No sector is called so: its identifier has no underscore."""


@dataclass(frozen=True, kw_only=True)
class WasteSettings(FeedSettings):
    """`[feeds.waste]`."""

    shifts: Path | None = field(default=None, metadata=means("Rounds on other days than usual.", "waste-shifts.csv"))
    streets: Path | None = field(default=None, metadata=means("The streets of each sector.", "waste-streets.csv"))


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The rounds that are not over, by sector and stream, a calendar for each sector, and one for all of them."""
    settings = context.settings
    planned, wrong = rounds(rows[ROUNDS.name], settings.source.name)
    found, unfit = shifted(planned, rows.get(SHIFTS.name, ()), _file(settings, "shifts"), context.zone)
    found = tuple(sorted(found, key=_order))
    listed, unknown = streets(rows.get(STREETS.name, ()), found, _file(settings, "streets"))
    files = _calendars(found, context)
    if listed:
        files["streets.json"] = as_bytes(listed)
    items = [_item(one, context) for one in found]
    return Built(tuple(item for item in items if item.dates), files, (*wrong, *unfit, *unknown))


def _file(settings: FeedSettings, key: str) -> str:
    path = getattr(settings, key, None)
    return path.name if path else key


def _order(one: Round) -> tuple[str, int, datetime]:
    return one.sector, list(STREAMS).index(one.stream), one.series.start


def _calendars(found: Sequence[Round], context: Context) -> dict[str, bytes]:
    """Of each sector and of all, in French and in English."""
    sectors = {one.sector: one.sector_name for one in found}
    names = {ALL_SECTORS: context.town.name} | sectors if sectors else {}
    files: dict[str, bytes] = {}
    for sector, name in names.items():
        mine = [one for one in found if sector in (ALL_SECTORS, one.sector)]
        files[f"{sector}.ics"] = _calendar(mine, name, "fr", context)
        files[f"{sector}.en.ics"] = _calendar(mine, name, "en", context)
    return files


def _calendar(mine: Sequence[Round], name: str, language: str, context: Context) -> bytes:
    title = {"fr": f"Collecte des déchets – {name}", "en": f"Waste collection – {name}"}[language]
    entries = [_entry(one, language, context) for one in mine]
    return as_ics(entries, Heading(title, language, stamp(context)), context.zone)


def _entry(one: Round, language: str, context: Context) -> Entry:
    lines = [text.as_json()[language] for _, text in _facts(one, context, shifts=False)]
    lines = [line[:1].upper() + line[1:] for line in lines]
    return Entry(
        uid=f"{one.sector}.{one.stream}.{one.series.start:%Y%m%d}.waste@{context.town.id}.hexaflux",
        series=one.series,
        summary=STREAMS[one.stream].as_json()[language],
        description="\n".join([*lines, one.note.as_json()[language]]).strip(),
        location=one.sector_name,
        category=STREAMS[one.stream].as_json()[language],
        busy=False,
    )


def _item(one: Round, context: Context) -> Item:
    following = one.series.next(context.at, context.zone, MOST)
    return Item(
        id=f"{one.sector}.{one.stream}.{one.series.start:%Y%m%d}",
        title=STREAMS[one.stream],
        text=one.note,
        category=Text.same(one.sector_name),
        dates=tuple(each.day if one.series.whole_days else each.start for each in following),
        facts=_facts(one, context, shifts=True),
        valid_until=context.end_of(one.until),
    )


def _facts(one: Round, context: Context, *, shifts: bool) -> tuple[tuple[Text, Text], ...]:
    every = one.series.rule.interval if one.series.rule else 1
    facts = [(Text("Rhythm", "Rythme"), weekly(one.weekdays, every))]
    if one.put_out:
        time = clock(datetime.combine(one.series.start, one.put_out))
        told = Text(f"put out the day before from {time.en}", f"à sortir la veille à partir de {time.fr}")
        facts.append((Text("Bins", "Bacs"), told))
    if not one.series.whole_days:
        begins, ends = clock(one.series.start), clock(one.series.start + one.series.lasts)
        told = Text(f"collected from {begins.en} to {ends.en}", f"collecte de {begins.fr} à {ends.fr}")
        facts.append((Text("Collection", "Collecte"), told))
    return (*facts, *(_shifts(one, context) if shifts else ()))


def _shifts(one: Round, context: Context) -> list[tuple[Text, Text]]:
    """What is not as usual, from today on."""
    moved = {start.date(): to.date() for start, to in one.series.moved.items()}
    facts = []
    for date, reason in sorted(one.shifts.items()):
        if max(date, moved.get(date, date)) >= context.at.date():
            why = Text(reason.en and f" ({reason.en})", reason.fr and f" ({reason.fr})")
            was = day(date)
            now = day(moved[date]) if date in moved else Text("no collection", "pas de collecte")
            facts.append((Text(f"Instead of {was.en}", f"Au lieu du {was.fr}"), Text(now.en + why.en, now.fr + why.fr)))
    return facts


FEED: Final = Feed(
    name="waste",
    title=Text("Waste collection", "Collecte des déchets"),
    about=Text(
        "When which waste is collected in each sector.", "Les jours de collecte des déchets dans chaque secteur."
    ),
    standard="iCalendar (RFC 5545)",
    place=30,
    sources=(ROUNDS, SHIFTS, STREETS),
    build=build,
    settings=WasteSettings,
)
