"""Where a radio cell was silent or out: what must be known of the figures of a zone, before they are read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from anonymization.released import Day
from dashboards import formats, queries, slots
from dashboards.store import Store
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone
from schemas.typography import NARROW_SPACE

BETWEEN: Final = Text(
    "**A cell was silent or out between {start} and {end}: people may be missing** from the presence shown here.",
    "**Une cellule est restée muette ou en panne entre {start} et {end} : des personnes peuvent manquer** à la "
    "présence montrée ici.",
)
IN_THE_DAY: Final = Text(
    "**A cell was silent or out for a part of this day: people may be missing** from its total, and from what splits "
    "it.",
    "**Une cellule est restée muette ou en panne une partie de ce jour : des personnes peuvent manquer** à son total "
    "et à ses ventilations.",
)
TRIPS: Final = Text(
    "**A cell was silent or out ({when}): trips that begin or end then may be missing.**",
    "**Une cellule est restée muette ou en panne ({when}) : des déplacements qui commencent ou finissent alors peuvent "
    "manquer.**",
)
ON_DAY: Final = Text("{day}, {start} to {end}", "{day}, de {start} à {end}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def warn(view: View) -> None:
    """Say so where figures of the zone on this day are degraded."""
    if not view.day.degraded:
        return
    if hours := silent(view, view.day):
        st.warning(view.say(BETWEEN, start=hours[0], end=hours[1]), icon=":material/cell_tower:")
    row = view.attendance()
    if row is not None and row["zone_id"] in {zone_id for _, zone_id, _ in flags_of(view.day, "attendance")}:
        st.warning(view.say(IN_THE_DAY), icon=":material/cell_tower:")


def warn_of_trips(view: View, days: Sequence[Day]) -> None:
    """Say so where trips of the zone on some days may be missing."""
    found = [(day, hours) for day in days if (hours := silent(view, day))]
    if found:
        said = [
            view.say(ON_DAY, day=formats.short_date(day.date, view.language), start=start, end=end)
            for day, (start, end) in found
        ]
        st.warning(
            view.say(TRIPS, when=f"{NARROW_SPACE}; ".join(said) if view.language == "fr" else "; ".join(said)),
            icon=":material/cell_tower:",
        )


def silent(view: View, day: Day) -> tuple[str, str] | None:
    """From when until when figures of the zone on a day are degraded, as it is written here; None if they are not."""
    shown = slots_of(view.store, view.zone, day)
    if not shown:
        return None
    moments = {moment.astimezone(UTC): moment for moment in (*slots.starts(day), slots.end(day))}
    later = min(moment for moment in moments if moment > shown[-1])
    return view.clock(moments[shown[0]]), view.clock(moments[later])


def slots_of(store: Store, zone: Zone, day: Day) -> list[datetime]:
    """When the slots begin (UTC), in order, in which a part of presence is degraded that has to do with a zone."""
    flags = flags_of(day, "presence")
    if not flags or zone.sensitive:
        return []
    rows = store.ask(queries.FIRST_CELLS, zone=zone.zone_id, day=day.date.isoformat())
    starts = [moment.to_pydatetime().astimezone(UTC) for moment in rows["window_start"]]
    parts = zip(starts, rows["zone_id"], (f"{cell:x}" for cell in rows["cell"].tolist()), strict=True)
    return sorted({part[0] for part in parts if part in flags})


def flags_of(day: Day, indicator: str) -> set[tuple[datetime, str, str]]:
    """The degraded parts of an indicator: when their window begins, their zone and the first of their cells."""
    of_indicator = [flag for flag in day.degraded if flag.indicator == indicator]
    return {
        (_EPOCH + timedelta(microseconds=flag.start), zone_id, cell)
        for flag in of_indicator
        for zone_id, cell in flag.parts
    }
