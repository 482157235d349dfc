"""The charts and the map of the report, drawn in the light theme, each with its title and what it stands for."""

from collections.abc import Sequence
from html import escape
from typing import Final

from anonymization.released import Day
from dashboards import charts, formats, slots, texts
from dashboards.happening import curves, phase_bars
from dashboards.happening.course import Course
from dashboards.happening.phases import Phase, phases
from dashboards.maps.place import standing
from dashboards.moment import at_slot
from dashboards.overview.keyfigures import Compared
from dashboards.palette import LIGHT
from dashboards.report import bars
from dashboards.report.classes import Origin, Split, origins, splits
from dashboards.report.inline import inline
from dashboards.texts import Text
from dashboards.view import View

CURVE: Final = Text("People present, by slot", "Personnes présentes, par créneau")
PHASES: Final = Text("Before, during, after: people on average", "Avant, pendant, après : personnes en moyenne")
MOST: Final = Text("At most", "Au plus fort")
MAP: Final = Text("Where people were at {time}", "Où étaient les personnes à {time}")
WHO: Final = Text("Who came on {day}", "Qui est venu le {day}")
ORIGINS: Final = Text("Where they live", "Où elles habitent")
ORIGIN: Final = Text("Place", "Lieu")
INTERVAL: Final = Text("{confidence} interval", "Intervalle à {confidence}")
NOT_SPLIT: Final = Text(
    "Not published, or not split: one class would tell too much of those who were there.",
    "Non publié, ou non ventilé : une classe en dirait trop sur ceux qui étaient là.",
)
_WIDTH: Final = 695
"""Pixels of a sheet, of which there are 96 in an inch."""

_TALLEST, _LOWEST, _LINE, _PHASES = 760, 170, 16, 115
"""Pixels of height: of the curve at most and at least, of a line of words, of the phases."""


def has_presence(view: View, course: Course) -> bool:
    """Whether the zone by itself has a figure of presence."""
    return not view.zone.sensitive and bool(course.slots["people"].notna().any())


def first_page(view: View, course: Course, lines: int) -> str:
    """The curve, and before, during and after, below some lines of key figures."""
    if not has_presence(view, course):
        return ""
    key = curves.key(view, course)
    height = max(_TALLEST - _LINE * (lines + len(key)) - (_PHASES if view.event is not None else 0), _LOWEST)
    drawn = charts.svg(curves.chart(view, course, None, LIGHT), _WIDTH, height, fit=True)
    curve = _figure("curve", view.say(CURVE), drawn, _key(key), grow=True)
    if view.event is None:
        return curve
    found = phases(course)
    return f"{curve}{_titled(view.say(PHASES), bars.table(phase_bars.averages(view, found)))}{_most(view, found)}"


def second_page(view: View, course: Course, days: Sequence[tuple[Day, Compared]]) -> str:
    """The map at the peak beside where people live, and the classes of the day on which the most came."""
    day = _busiest(days)
    left = _map(view, course)
    right = _origins(view, origins(view, day))
    title = view.say(WHO, day=formats.long_date(day.date, view.language))
    found = splits(view, day)
    age, spc, dwell = ("".join(_split(view, each)) for each in found)
    return (
        f'<div class="two grow"><div>{left}</div><div>{dwell}{right}</div></div>'
        f"<h2>{escape(title)}</h2>"
        f'<div class="two"><div>{age}</div><div>{spc}</div></div>'
    )


def _busiest(days: Sequence[tuple[Day, Compared]]) -> Day:
    """The day on which the most people came, the first of several."""
    came = [found.now.came.value if found.now.came else 0 for _, found in days]
    return days[came.index(max(came))][0]


def _map(view: View, course: Course) -> str:
    rows = course.during.reset_index(drop=True)
    at = slots.peak(rows) if has_presence(view, course) else None
    if at is None:
        return ""
    start = rows.loc[at, "start"]
    title = view.say(MAP, time=view.clock(start))
    return _figure("map", title, standing(at_slot(view, start), start), "", grow=True)


def _split(view: View, found: Split) -> str:
    body = bars.table(found.bars) if found.bars else f"<p>{escape(view.say(NOT_SPLIT))}</p>"
    return _titled(view.say(found.title), body)


def _origins(view: View, found: Sequence[Origin]) -> str:
    if not found:
        return ""
    head = "".join(
        f'<th class="{css}">{escape(view.say(text))}</th>'
        for text, css in ((ORIGIN, ""), (texts.OF_PEOPLE, "number"), (INTERVAL, "number"))
    )
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="number">{escape(each.people)}</td>'
        f'<td class="number">{escape(each.between)}</td></tr>'
        for each in found
    )
    return _titled(view.say(ORIGINS), f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _most(view: View, found: list[Phase]) -> str:
    """The most people at once before, during and after, as a line."""
    lines = [view.say(phase_bars.NAMED, name=bar.name, told=bar.written) for bar in phase_bars.greatest(view, found)]
    return f'<p class="note">{escape(view.say(MOST))} — {escape(" · ".join(lines))}</p>'


def _titled(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _figure(name: str, title: str, drawn: str, below: str, *, grow: bool = False) -> str:
    picture = f'<div class="picture{" grow" if grow else ""}">{inline(drawn, name, title)}</div>'
    return _titled(title, f"{picture}{below}")


def _key(found: Sequence[tuple[str, str]]) -> str:
    said = (f'<span><i style="background:{escape(_light(look))}"></i>{escape(text)}</span>' for look, text in found)
    return f'<div class="key">{"".join(said)}</div>'


def _light(look: str) -> str:
    """A background in the colours of the light theme, which the pages name and the report has not."""
    for name, value in vars(LIGHT).items():
        look = look.replace(f"var(--hx-{name.replace('_', '-')})", value)
    return look
