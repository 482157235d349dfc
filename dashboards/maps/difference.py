"""How many more or fewer people are in each zone at an instant than on other days of the same weekday."""

from datetime import datetime
from typing import Final

import pandas as pd

from dashboards import formats, slots, texts
from dashboards.baseline import Difference, Figure, difference
from dashboards.maps import legend
from dashboards.maps.area import Area
from dashboards.maps.legend import Legend
from dashboards.maps.people import ZoneFigure, zone_figures, zone_sheet
from dashboards.maps.shown import Shown
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Text
from dashboards.view import View

COLOURS: Final = ("#542788", "#998ec3", "#d8daeb", "#fee0b6", "#f1a340", "#b35806")
"""ColorBrewer PuOr, which the colour-blind can read; purple is fewer, orange more."""
STEPS: Final = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Where the colours change; the same on every day."""
PLAIN: Final = "#ffffff"
SAME: Final = "≈"

TITLE: Final = Text("People at {time}, compared, by {kind}", "Personnes à {time}, en comparaison, par {kind}")
KEY: Final = Text("Difference from the same time on the same weekday", "Écart à la même heure du même jour de semaine")
FEWER: Final = Text("fewer by more than {share}", "moins, de plus de {share}")
FEWER_TO: Final = Text("fewer by {low} to {high}", "moins, de {low} à {high}")
MORE_TO: Final = Text("more by {low} to {high}", "plus, de {low} à {high}")
MORE: Final = Text("more by more than {share}", "plus, de plus de {share}")
NOT_MORE_THAN_CHANCE: Final = Text(
    "≈ not significant: the intervals overlap", "≈ non significatif : les intervalles se recouvrent"
)
WHY_ZONES: Final = Text(
    "Areas of hexagons are not the same from day to day, so they cannot be compared; zones can, at the times when all "
    "of their areas lie in them.",
    "Les secteurs d’hexagones changent d’un jour à l’autre : on ne peut pas les comparer. Les zones, si, aux heures où "
    "tous leurs secteurs sont dedans.",
)
NO_BASELINE: Final = Text(
    "The release has no other {weekday}, or none was chosen: there is nothing to compare with.",
    "La publication n’a pas d’autre {weekday}, ou aucun n’a été choisi : il n’y a rien à comparer.",
)
NOTHING_THEN: Final = Text("no figure on the days compared with", "pas de chiffre aux jours de comparaison")
COLUMNS: Final = (
    texts.ZONE,
    texts.OF_PEOPLE,
    texts.OF_INTERVAL,
    Text("Difference", "Écart"),
    texts.OF_STATE,
)


def by_zone(view: View, moment: datetime, kind: str, finest: int) -> Shown:
    """The zones of a kind around the zone."""
    now = zone_figures(view, moment, kind)
    then = _then(view, moment, kind)
    found = [(each, difference(each.figure, then.get(each.zone.zone_id, []))) for each in now]
    areas = [_area(view, each, compared) for each, compared in found]
    title = view.say(TITLE, time=view.clock(moment), kind=texts.kind_name(kind, view.language))
    said = [view.say(WHY_ZONES)] + (
        []
        if view.baseline
        else [view.say(NO_BASELINE, weekday=formats.weekday(view.day.date.weekday(), view.language))]
    )
    sheet = zone_sheet(view, moment, now).assign(
        people_then=[compared.then.value if compared else None for _, compared in found],
        days=[compared.days if compared else None for _, compared in found],
        significant=[compared.significant if compared else None for _, compared in found],
    )
    return Shown(title, areas, _legend(view, areas), _table(view, found), sheet, finest, said)


def _then(view: View, moment: datetime, kind: str) -> dict[str, list[Figure]]:
    """The figures of each zone in the slot of the same clock on the days that are compared with."""
    found: dict[str, list[Figure]] = {}
    for day in view.baseline.days if view.baseline else ():
        starts = slots.starts(day)
        same = dict(zip(slots.names(starts), starts, strict=True)).get(f"{moment:%H:%M}")
        for each in zone_figures(view, same, kind) if same else ():
            if each.figure is not None:
                found.setdefault(each.zone.zone_id, []).append(each.figure)
    return found


def shade(change: float) -> str:
    """The colour of a difference, as a share."""
    return COLOURS[sum(change >= step for step in STEPS)]


def _area(view: View, found: ZoneFigure, compared: Difference | None) -> Area:
    name, cells, state = found.zone.name, tuple(int(cell) for cell in found.zone.cells), found.state
    key = found.zone.zone_id
    if found.figure is None or found.own is None:
        said = state.explained(view.language)
        return Area(key, name, cells, "", state, state is POOLED, (name, said))
    people = view.say(texts.PEOPLE_BETWEEN, people=view.number(found.figure.value), between=view.between(found.own))
    if compared is None or compared.change is None:
        return Area(key, name, cells, "", NO_DATA, False, (name, people, view.say(NOTHING_THEN)))
    lines = (name, people, view.difference(compared))
    if not compared.significant:
        return Area(key, name, cells, PLAIN, PUBLISHED, False, lines, SAME)
    sign = formats.change(compared.change, view.language)
    return Area(key, name, cells, shade(compared.change), PUBLISHED, False, lines, sign)


def _legend(view: View, areas: list[Area]) -> Legend:
    half, quarter, none = (view.percent(share) for share in (0.5, 0.25, 0.0))
    said = [
        view.say(FEWER, share=half),
        view.say(FEWER_TO, low=quarter, high=half),
        view.say(FEWER_TO, low=none, high=quarter),
        view.say(MORE_TO, low=none, high=quarter),
        view.say(MORE_TO, low=quarter, high=half),
        view.say(MORE, share=half),
    ]
    colours = [*list(zip(COLOURS, said, strict=True))[::-1], (PLAIN, view.say(NOT_MORE_THAN_CHANCE))]
    return Legend(view.say(KEY), colours, legend.states_on(view, areas), view.say(legend.THE_ZONE))


def _table(view: View, found: list[tuple[ZoneFigure, Difference | None]]) -> pd.DataFrame:
    rows = []
    for each, compared in sorted(found, key=_significance):
        figure = each.figure
        between = "" if each.own is None or figure is None else view.between(each.own)
        people = "" if figure is None else view.number(figure.value)
        said = "" if figure is None else view.say(NOTHING_THEN) if compared is None else view.difference(compared)
        rows.append((each.zone.name, people, between, said, view.say(each.state.name)))
    zone, *others = (view.say(column) for column in COLUMNS)
    return pd.DataFrame(rows, columns=[zone, *others]).set_index(zone)


def _significance(row: tuple[ZoneFigure, Difference | None]) -> tuple[bool, bool, float]:
    """The greatest differences that are more than chance first."""
    _, compared = row
    if compared is None or compared.change is None:
        return True, True, 0.0
    return False, not compared.significant, -abs(compared.change)
