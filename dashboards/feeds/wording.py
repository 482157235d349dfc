"""How things of the feeds are written: texts of the town in the reader's language, instants, sizes and distances."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards import formats
from dashboards.feeds.states import CLOSED, COMING, LOOKS, OPEN, OVER, RUNNING, Standing
from dashboards.texts import Text
from dashboards.view import View
from schemas.feeds import Text as Named

ON: Final = Text("{day}, {time}", "{day} à {time}")
WHEN: Final = {
    OPEN: Text("until {when}", "jusqu’à {when}"),
    CLOSED: Text("opens: {when}", "ouvre : {when}"),
    RUNNING: Text("until {when}", "jusqu’à {when}"),
    COMING: Text("{when}", "{when}"),
    OVER: Text("since {when}", "depuis {when}"),
}
KIB: Final = Text("{size} kB", "{size} ko")
METRES: Final = Text("{length} m", "{length} m")
KILOMETRES: Final = Text("{length} km", "{length} km")
STATE: Final = Text("{sign} {name}", "{sign} {name}")
FACT: Final = Text("{label}: {value}", "{label} : {value}")


def named(text: Named, view: View) -> str:
    """A text of the town; braces in it are nothing but themselves."""
    return text.fr if view.language == "fr" else text.en


def zone_of(view: View) -> ZoneInfo:
    """The zone in which instants are told."""
    return ZoneInfo(view.day.timezone)


def moment(view: View, instant: date | datetime, beside: date | None = None) -> str:
    """A day, or an instant with its day unless that is the one it stands beside."""
    if not isinstance(instant, datetime):
        return formats.long_date(instant, view.language)
    local = instant.astimezone(zone_of(view))
    if local.date() == beside:
        return view.clock(local)
    return view.say(ON, day=formats.long_date(local.date(), view.language), time=view.clock(local))


def state(view: View, found: Standing) -> str:
    """The state with its sign."""
    return view.say(STATE, sign=LOOKS[found.state].sign, name=view.say(found.state.name))


def when(view: View, found: Standing, at: datetime) -> str:
    """Until when the state holds, or when it changes; "" where that is not known."""
    if found.until is None or found.state not in WHEN:
        return ""
    return view.say(WHEN[found.state], when=moment(view, found.until, at.date()))


def facts(view: View, found: Standing) -> list[str]:
    """What else is said of an item, a line each."""
    said = [(named(label, view), named(value, view)) for label, value in found.item.facts]
    return [view.say(FACT, label=label, value=value) if label else value for label, value in said]


def tags(view: View, found: Standing) -> str:
    """What an item is chosen by, as far as its facts do not say so already."""
    said = " ".join(facts(view, found))
    return " · ".join(text for tag in found.item.tags if (text := named(tag, view)) and text not in said)


def distance(view: View, km: float) -> str:
    """A distance: in tens of metres below a kilometre."""
    if km < 0.995:
        return view.say(METRES, length=view.number(round(km * 100) * 10))
    return view.say(KILOMETRES, length=view.number(km, 1))


def size(view: View, count: int) -> str:
    """The size of a file in thousands of bytes, at least one."""
    return view.say(KIB, size=view.number(max(round(count / 1000), 1)))
