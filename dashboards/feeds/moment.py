"""The instant that the page of the feeds is about: that of the build, or another one in the days after it."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import formats, slots, texts
from dashboards.choices import choice, chosen
from dashboards.texts import Language
from schemas.feeds import AHEAD

DAY: Final = "feedday"
TIME: Final = "feedtime"
STEP: Final = timedelta(minutes=30)


def instants(built: datetime, day: str, zone: ZoneInfo) -> dict[str, datetime]:
    """The instants that can be chosen on a local day, by their name in the address: every half hour, and the build's.

    Days are `YYYY-MM-DD`; instants are local. Before the build nothing is known.
    """
    first = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    found = {built.astimezone(UTC)} if built.astimezone(zone).date().isoformat() == day else set()
    moment = first
    while moment.astimezone(zone).date().isoformat() == day:
        if moment >= built:
            found.add(moment)
        moment += STEP
    local = [each.astimezone(zone) for each in sorted(found)]
    return dict(zip(slots.names(local), local, strict=True))


def days(built: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The local days for which a build says something, as `YYYY-MM-DD`."""
    first = built.astimezone(zone).date()
    return tuple((first + timedelta(days=number)).isoformat() for number in range(AHEAD.days))


def choose_day(spoken: Language, built: datetime, zone: ZoneInfo) -> str:
    """The list of days; that of the build at first."""
    options = days(built, zone)
    return choice(
        st.selectbox,
        DAY,
        texts.DAY.say(spoken),
        options,
        options[0],
        lambda each: formats.long_date(datetime.fromisoformat(each).date(), spoken),
    )


def choose_time(spoken: Language, built: datetime, day: str, zone: ZoneInfo) -> datetime:
    """The slider of times; the build's own at first, or the same time on another day as near as there is one."""
    found = instants(built, day, zone)
    local = built.astimezone(zone)
    default = next((name for name in found if name >= f"{local:%H:%M}"), next(reversed(found)))
    options, title = tuple(found), texts.TIME.say(spoken)
    if len(found) > 1:
        choice(st.select_slider, TIME, title, options, default, lambda each: formats.clock(found[each], spoken))
    else:
        # A slider needs two places at least; a build at the end of a day leaves one.
        choice(st.selectbox, TIME, title, options, default, lambda each: formats.clock(found[each], spoken))
    return found[chosen(TIME, tuple(found), default)]
