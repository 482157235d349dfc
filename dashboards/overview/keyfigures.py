"""The figures of a summary as cards, each with its interval and with what it is compared with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from typing import Final
from zoneinfo import ZoneInfo

from dashboards import slots, texts
from dashboards.baseline import Difference, Figure, difference
from dashboards.cards import Card
from dashboards.overview.summary import Peak, Summary, summary_of
from dashboards.split.shares import Middle, Share
from dashboards.texts import Text
from dashboards.view import View
from schemas.vocabulary import DWELL_BAND_STARTS_MINUTES, SEPARATOR

PEAK_AT: Final = Text("from {start} to {end}", "de {start} à {end}")
NOT_APART: Final = Text(
    "in {slots} the zone has no figure of its own",
    "la zone n’a pas de chiffre propre dans {slots}",
)
CAME: Final = Text("Came in the day", "Venues dans la journée")
AT_LEAST: Final = Text("for at least 15 minutes", "au moins 15 minutes")
DWELL: Final = Text("Median stay", "Durée médiane")
HALF: Final = Text(
    "half of those who came stayed less long, half longer",
    "la moitié des personnes venues est restée moins longtemps, l’autre plus",
)
BY_INTERVALS: Final = Text(
    "by the {confidence} intervals: {between}", "selon les intervalles à {confidence} : {between}"
)
LONGER: Final = Text("longer", "plus longue")
SHORTER: Final = Text("shorter", "plus courte")
SAME: Final = Text("as long", "aussi longue")
AWAY: Final = Text("Do not live in the zone", "N’habitent pas la zone")
NO_RESIDENTS: Final = Text("no residents are published", "aucun résident n’est publié")
NO_OTHERS: Final = Text("only residents are published", "seuls des résidents sont publiés")
NO_ZERO: Final = Text(
    "those who are not published may be few: it is not zero, and the share has no interval",
    "ceux qui ne sont pas publiés sont peut-être peu nombreux : ce n’est pas zéro, et la part n’a pas d’intervalle",
)
OF_ALL: Final = Text("of those who came", "des personnes venues")
POINT: Final = Text("{points} point", "{points} point")
POINTS: Final = Text("{points} points", "{points} points")
NOT_APART_CLASSES: Final = Text("not told", "non distingué")
UNCERTAIN: Final = Text(
    "a merged class lies on both sides: it cannot be told more closely",
    "une classe réunie est des deux côtés : on ne peut pas dire plus précisément",
)
NO_INTERVAL: Final = Text("a fact of the release, without interval", "un fait de la publication, sans intervalle")
MINUTES: Final = Text("{count} min", "{count} min")
HOURS: Final = Text("{count} h", "{count} h")
OR_MORE: Final = Text("{low} or more", "{low} ou plus")


@dataclass(frozen=True)
class Compared:
    """A summary, and how each of its figures differs from what it is compared with; None where nothing is."""

    now: Summary
    came: Difference | None
    peak: Difference | None
    dwell: Difference | None
    away: Difference | None


def compared(view: View) -> Compared:
    """The summary of what is shown, compared with the baseline."""
    now = summary_of(view.store, view.zone, view.day)
    baseline = view.baseline
    days = [] if baseline is None else [summary_of(view.store, baseline.zone, day) for day in baseline.days]
    return compared_with(now, days)


def compared_with(now: Summary, others: Sequence[Summary]) -> Compared:
    """A summary, compared with others; those who came, with the same zones only."""

    def against(of: Callable[[Summary], Figure | None], whole: bool = True) -> Difference | None:
        same = [each for each in others if not whole or alike(now.part, each.part)]
        figures = [of(each) for each in same]
        return difference(of(now), [figure for figure in figures if figure is not None])

    return Compared(
        now,
        against(lambda each: each.came),
        against(lambda each: each.peak.people if each.peak else None, whole=False),
        against(lambda each: each.dwell.figure if each.dwell else None),
        against(lambda each: each.away.figure if each.away else None),
    )


def figures(view: View, found: Compared) -> Iterator[Card]:
    """The cards of the figures that are published."""
    now = found.now
    if now.peak is not None:
        yield _peak(view, now.peak, found.peak)
    yield from of_day(view, found)
    if now.pooled is not None:
        yield pooled(view, now.pooled, view.say(texts.OVER_DAY))


def of_day(view: View, found: Compared) -> Iterator[Card]:
    """The cards of those who came."""
    now = found.now
    if now.came is not None:
        lines = (_interval(view, now.came), f"{view.say(texts.PEOPLE)}, {view.say(AT_LEAST)}")
        yield Card(view.say(CAME), view.number(now.came.value), lines, _difference(view, found.came))
    if now.dwell is not None:
        yield _dwell(view, now.dwell, found.dwell)
    if now.away is not None:
        yield _away(view, now.away, found.away)


def pooled(view: View, share: float, when: str) -> Card:
    """The card of the pooled share, and the hours that it is of."""
    lines = (view.say(texts.POOLED_MEANS, when=when), view.say(NO_INTERVAL))
    return Card(view.say(texts.POOLED_SHARE), view.percent(share), lines)


def span(view: View, first: float, last: float) -> str:
    """The times that a run of dwell bands covers."""
    low, high = floor(first), ceil(last) + 1
    if high == len(DWELL_BAND_STARTS_MINUTES):
        return view.say(OR_MORE, low=_duration(view, low))
    return view.say(texts.BETWEEN, low=_duration(view, low), high=_duration(view, high))


def clock_of(view: View, peak: Peak) -> tuple[str, str]:
    """When the slot of a peak begins and ends, on the local clock."""
    start = peak.start.astimezone(ZoneInfo(view.day.timezone))
    end = peak.start + timedelta(microseconds=view.day.terms.slot)
    return view.clock(start), view.clock(end.astimezone(ZoneInfo(view.day.timezone)))


def alike(now: str, then: str) -> bool:
    """Whether two figures are of a zone alone, or of the same zones together."""
    return now == then or (SEPARATOR not in now and SEPARATOR not in then)


def _peak(view: View, peak: Peak, difference: Difference | None) -> Card:
    start, end = clock_of(view, peak)
    when = view.say(PEAK_AT, start=start, end=end)
    lines = [_interval(view, peak.people), f"{view.say(texts.PEOPLE)}, {when}"]
    missing = len(slots.starts(view.day)) - peak.slots
    if missing and view.day.over:
        lines.append(view.say(NOT_APART, slots=view.slots(missing, missing + peak.slots)))
    return Card(view.say(texts.MOST_AT_ONCE), view.number(peak.people.value), lines, _difference(view, difference))


def _dwell(view: View, middle: Middle, difference: Difference | None) -> Card:
    by_intervals = view.say(BY_INTERVALS, between=span(view, middle.low, middle.high))
    lines = [by_intervals, view.say(HALF)] + ([] if middle.figure else [view.say(UNCERTAIN)])
    told = () if difference is None else (view.difference(difference, _longer(view, difference), _spans(view)),)
    return Card(view.say(DWELL), span(view, middle.first, middle.last), lines, told)


def _away(view: View, share: Share, difference: Difference | None) -> Card:
    if (share.least, share.most) == (0, 1):
        return Card(view.say(AWAY), view.say(NOT_APART_CLASSES), (view.say(UNCERTAIN),))
    if share.one_sided:
        return Card(view.say(AWAY), "—", (view.say(NO_RESIDENTS if share.least else NO_OTHERS), view.say(NO_ZERO)))
    low, high = view.percent(share.low), view.percent(share.high)
    between = view.say(texts.INTERVAL, between=view.say(texts.BETWEEN, low=low, high=high))
    told = () if difference is None else (view.difference(difference, points(view, difference), percents(view)),)
    if share.figure:
        return Card(view.say(AWAY), view.percent(share.least), (between, view.say(OF_ALL)), told)
    open_share = view.say(texts.BETWEEN, low=view.percent(share.least), high=view.percent(share.most))
    return Card(view.say(AWAY), open_share, (between, view.say(OF_ALL), view.say(UNCERTAIN)))


def points(view: View, found: Difference) -> str:
    """By how many points a share differs."""
    difference = round(found.now.value) - round(found.then.value)
    sign = "+" if difference > 0 else "\u2212" if difference < 0 else "±"
    # Nought is singular in French, and plural in English.
    one = abs(difference) == 1 or (difference == 0 and view.language == "fr")
    return view.say(POINT if one else POINTS, points=f"{sign}{abs(difference)}")


def percents(view: View) -> Callable[[float], str]:
    """How a share in per cent is written."""
    return lambda value: view.percent(value / 100)


def _spans(view: View) -> Callable[[float], str]:
    return lambda place: span(view, place, place)


def _longer(view: View, found: Difference) -> str:
    now, then = found.now.value, found.then.value
    return view.say(SAME if now == then else LONGER if now > then else SHORTER)


def _duration(view: View, place: int) -> str:
    """Where a dwell band begins."""
    minutes = DWELL_BAND_STARTS_MINUTES[place]
    return view.say(MINUTES, count=minutes) if minutes < 60 else view.say(HOURS, count=minutes // 60)


def _interval(view: View, figure: Figure) -> str:
    between = view.say(texts.BETWEEN, low=view.number(figure.low), high=view.number(figure.high))
    return view.say(texts.INTERVAL, between=between)


def _difference(view: View, found: Difference | None) -> tuple[str, ...]:
    return () if found is None else (view.difference(found),)
