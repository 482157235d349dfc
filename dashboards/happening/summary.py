"""The first figures of a period: how many were there at most and on average, and of each of its days, who came."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from anonymization.released import Day
from dashboards import queries, slots, texts
from dashboards.baseline import Figure, difference, figure_of
from dashboards.cards import Card
from dashboards.happening import figures, said, shares
from dashboards.happening.course import Course, same_day
from dashboards.happening.period import days_of
from dashboards.happening.shares import Bands
from dashboards.happening.timeline import DURING
from dashboards.queries import Query
from dashboards.texts import Text
from dashboards.view import View
from dashboards.zones import Zone

CAME: Final = Text("Came in the day", "Venues dans la journée")
AT_LEAST: Final = Text("for at least 15 minutes", "au moins 15 minutes")
FROM_DEVICES: Final = Text("from {devices} devices counted", "d’après {devices} appareils comptés")
PEAK: Final = Text("Most at once", "Au plus fort")
AVERAGE: Final = Text("Present on average", "Présentes en moyenne")
PERSON_DAYS: Final = Text("Person-days", "Personnes-jours")
ONE_A_DAY: Final = Text(
    "one person counts once on each of the {days} days", "une personne compte une fois chacun des {days} jours"
)
DWELL: Final = Text("Median stay", "Durée médiane")
HALF: Final = Text("half of those who came stayed less, half more", "la moitié est restée moins, la moitié plus")
BANDS_BETWEEN: Final = Text("{confidence} interval: {bands}", "intervalle à {confidence} : {bands}")
ELSEWHERE: Final = Text("Live elsewhere", "Habitent ailleurs")
OF_THOSE_WHO_CAME: Final = Text("of those who came in the day", "de celles qui sont venues dans la journée")
POOLED: Final = Text("Counted in pooled areas", "Comptées dans des secteurs regroupés")
POOLED_MEANS: Final = Text(
    "of the people in the figures; for privacy, nothing finer is published of them",
    "des personnes comptées ; pour la vie privée, rien de plus fin n’en est publié",
)
MERGED: Final = Text("merged classes do not tell it more closely", "des classes réunies ne disent pas mieux")
AT_LAST_EDITION: Final = Text("{bands} at the last edition", "{bands} à la dernière édition")


@dataclass(frozen=True)
class OfDay:
    """What was published of a privacy day of a zone: those who came, and what splits them; null where it was not."""

    zone: Zone
    day: Day
    came: pd.Series | None
    dwell: tuple[Bands, Bands] | None
    elsewhere: shares.Share | None

    @property
    def figure(self) -> Figure | None:
        """Those who came to the zone itself; None where it was counted together with others, or not published."""
        alone = self.came is not None and self.came["zone_id"] == self.zone.zone_id
        return figure_of(self.came) if alone and self.came is not None else None


def of_day(view: View, zone: Zone, day: Day) -> OfDay:
    """What was published of a day of a zone."""

    def ask(query: Query) -> pd.DataFrame:
        return view.store.ask(query, zone=zone.zone_id, day=day.date.isoformat())

    came = ask(queries.ATTENDANCE)
    dwell, category = shares.median_dwell(ask(queries.BY_DWELL)), shares.from_elsewhere(ask(queries.BY_CATEGORY))
    return OfDay(zone, day, came.iloc[0] if len(came) else None, dwell, category)


def days(view: View, course: Course) -> list[OfDay]:
    """What was published of each day of the period."""
    return [of_day(view, course.period.zone, day) for day in days_of(view.store, course.period)]


def of_period(view: View, course: Course) -> list[Card]:
    """The cards of presence during the period."""
    return [card for card in (_peak(view, course), _average(view, course), _pooled(view, course)) if card]


def of_days(view: View, course: Course, found: OfDay) -> list[Card]:
    """The cards of one of its days."""
    view, others = replace(view, day=found.day), [of_day(view, *each) for each in same_day(view, course, found.day)]
    all_cards = (_came(view, found, others), _dwell(view, found, others), _elsewhere(view, found, others))
    return [card for card in all_cards if card]


def person_days(view: View, found: list[OfDay]) -> Card | None:
    """The sum over several days; None where one of them has no figure of the zone's own."""
    each = [day.figure for day in found]
    known = [figure for figure in each if figure is not None]
    if len(known) < 2 or len(known) < len(each):
        return None
    return said.card(view, PERSON_DAYS, figures.total(known), None, (view.say(ONE_A_DAY, days=len(known)),), None)


def pooled_share(view: View, course: Course) -> float | None:
    """The share of the people counted during the period who are not in single hexagons of the zone."""
    zone = course.period.zone.zone_id
    days = [day.date.isoformat() for day in days_of(view.store, course.period)]
    rows = pd.concat([view.store.ask(queries.POOLED_SHARE, zone=zone, day=day) for day in days])
    starts = {start.timestamp() for start in course.during["start"]}
    inside = rows[[moment.timestamp() in starts for moment in rows["window_start"]]]
    whole = float(inside["people"].sum())
    return 1 - float(inside["single_people"].sum()) / whole if whole else None


def _during(of: Callable[[pd.DataFrame], Figure | None]) -> Callable[[pd.DataFrame], Figure | None]:
    return lambda rows: of(rows[rows["phase"] == DURING])


def _peak(view: View, course: Course) -> Card | None:
    rows = course.during.reset_index(drop=True)
    at = slots.peak(rows)
    if at is None:
        return None
    several = len(days_of(view.store, course.period)) > 1
    start = said.moment(view, rows.loc[at, "start"], weekday=several)
    when = view.say(said.FROM_TO, start=start, end=view.clock(rows.loc[at, "end"]))
    from_devices = view.say(FROM_DEVICES, devices=view.number(rows.loc[at, "devices"]))
    lines = (f"{when}, {from_devices}", *said.gaps(view, figures.told(rows)))
    return said.card(view, PEAK, figures.greatest(rows), course.difference(_during(figures.greatest)), lines)


def _average(view: View, course: Course) -> Card | None:
    rows = course.during
    lines = said.gaps(view, figures.told(rows))
    return said.card(view, AVERAGE, figures.average(rows), course.difference(_during(figures.average)), lines)


def _pooled(view: View, course: Course) -> Card | None:
    share = pooled_share(view, course)
    return None if share is None else Card(view.say(POOLED), view.percent(share), (view.say(POOLED_MEANS),))


def _came(view: View, found: OfDay, others: list[OfDay]) -> Card | None:
    if found.came is None:
        return None
    devices = view.say(FROM_DEVICES, devices=view.number(found.came["devices"]))
    then = [each.figure for each in others]
    change = difference(found.figure, [figure for figure in then if figure is not None])
    return said.card(view, CAME, figure_of(found.came), change, (f"{view.say(AT_LEAST)}, {devices}",))


def _dwell(view: View, found: OfDay, others: list[OfDay]) -> Card | None:
    if found.dwell is None:
        return None
    held, possible = found.dwell
    lines = [view.say(BANDS_BETWEEN, bands=said.bands(view, possible)), view.say(HALF)]
    if held.first != held.last:
        lines.append(view.say(MERGED))
    edition = view.baseline is not None and view.baseline.kind == "edition"
    then = [each.dwell for each in others if edition and each.dwell is not None]
    compared = []
    for held_then, possible_then in then:
        text = view.say(AT_LAST_EDITION, bands=said.bands(view, held_then))
        overlap = possible.meets(possible_then)
        compared.append(f"{text} · {view.say(texts.NOT_SIGNIFICANT)}" if overlap else text)
    return Card(view.say(DWELL), said.bands(view, held), lines, compared)


def _elsewhere(view: View, found: OfDay, others: list[OfDay]) -> Card | None:
    share = found.elsewhere
    if share is None:
        return None
    interval = view.say(said.INTERVAL, between=said.between(view, share.figure, view.percent))
    lines = (interval, view.say(OF_THOSE_WHO_CAME), *(() if share.exact else (view.say(MERGED),)))
    then = [each.elsewhere.figure for each in others if each.elsewhere is not None and each.elsewhere.exact]
    change = difference(share.figure if share.exact else None, then)
    compared = () if change is None else (view.difference(change, view.percent),)
    return Card(view.say(ELSEWHERE), said.share(view, share), lines, compared)
