"""The key figures of the report as sentences, each with its interval and with what it is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from anonymization.released import Day
from dashboards import formats, slots, texts
from dashboards.baseline import Difference
from dashboards.happening import figures, said, summary
from dashboards.happening.course import Course, phase
from dashboards.happening.timeline import DURING
from dashboards.overview import keyfigures
from dashboards.overview.keyfigures import Compared
from dashboards.texts import Text
from dashboards.view import View
from schemas.vocabulary import SEPARATOR

MOST_DAYS: Final = 4
"""Days that have a line of their own; tables that are taken away have all."""

OTHER_DAYS: Final = Text(
    "{days} other days with fewer people stand in the tables that can be taken away with this report",
    "{days} autres jours, de moindre affluence, sont dans les tableaux qui accompagnent ce rapport",
)
PEAK: Final = Text(
    "At most **{people} people** ({between}) were there at once: {day}, from {start} to {end}",
    "Au plus fort, **{people} personnes** ({between}) étaient là à la fois : {day}, de {start} à {end}",
)
AVERAGE: Final = Text(
    "On average, **{people} people** ({between}) were there during {what}",
    "En moyenne, **{people} personnes** ({between}) étaient là pendant {what}",
)
EVENT: Final = Text("the event", "l’événement")
DAY: Final = Text("the day", "la journée")
CAME: Final = Text(
    "On {day}, **{people} different people** ({between}) came for at least 15 minutes, over the whole day",
    "Le {day}, **{people} personnes différentes** ({between}) sont venues au moins 15 minutes, sur toute la journée",
)
CAME_TOGETHER: Final = Text(
    "On {day}, **{people} different people** ({between}) came to these zones, counted together for privacy: {zones}",
    "Le {day}, **{people} personnes différentes** ({between}) sont venues dans ces zones, comptées ensemble pour la "
    "vie privée : {zones}",
)
NOT_PUBLISHED: Final = Text(
    "How many people came on {day} is not published: fewer than {k} {unit}, or too few to be told apart. It is not "
    "zero",
    "Le nombre de personnes venues le {day} n’est pas publié : moins de {k} {unit}, ou trop peu pour les distinguer. "
    "Ce n’est pas zéro",
)
STILL_OPEN: Final = Text(
    "How many people came on {day} is published when the day is over",
    "Le nombre de personnes venues le {day} sera publié à la fin de cette journée",
)
STAY: Final = Text(
    "Half of them stayed less, half longer than something between **{between}**",
    "La moitié est restée moins, la moitié plus qu’une durée comprise dans **{between}**",
)
AWAY: Final = Text(
    "**{share}** of them ({between}) do not live in the zone",
    "**{share}** d’entre elles ({between}) n’habitent pas la zone",
)
COMPARED: Final = Text("{sentence}; {difference}", "{sentence} ; {difference}")
PERSON_DAYS: Final = Text(
    "That makes **{people} person-days** ({between}) over {days} days; how many different people came over all days is "
    "not published, since nothing links a phone of one day with one of another",
    "Cela fait **{people} personnes-jours** ({between}) sur {days} jours ; le nombre de personnes différentes sur "
    "l’ensemble n’est pas publié, car rien ne relie un téléphone d’un jour à celui d’un autre",
)


def key_figures(view: View, course: Course, days: Sequence[tuple[Day, Compared]]) -> list[str]:
    """The sentences, with `**` around what is bold; names in them are not yet escaped."""
    most = sorted(range(len(days)), key=lambda place: _came(days[place]), reverse=True)[:MOST_DAYS]
    found = [*_presence(view, course), *(_day(view, *days[place]) for place in sorted(most))]
    if len(days) > MOST_DAYS:
        found.append(view.say(OTHER_DAYS, days=len(days) - MOST_DAYS))
    total = summary.total_of_days(view.zone.zone_id, days) if len(days) > 1 else None
    if total is not None:
        people, between = view.number(total.value), said.between(view, total)
        found.append(view.say(PERSON_DAYS, people=people, between=between, days=len(days)))
    return [f"{line}." for line in found]


def _presence(view: View, course: Course) -> Iterator[str]:
    rows = course.during.reset_index(drop=True)
    at = slots.peak(rows)
    most, average = figures.greatest(rows), figures.average(rows)
    if at is None or most is None or average is None:
        return
    start, end = rows.loc[at, "start"], rows.loc[at, "end"]
    peak = view.say(
        PEAK,
        people=view.number(most.value),
        between=said.between(view, most),
        day=formats.long_date(start.date(), view.language),
        start=view.clock(start),
        end=view.clock(end),
    )
    yield _compared(view, peak, course.difference(phase(DURING), figures.greatest))
    what = view.say(DAY if view.event is None else EVENT)
    mean = view.say(AVERAGE, people=view.number(average.value), between=said.between(view, average), what=what)
    yield _compared(view, mean, course.difference(phase(DURING), figures.average))


def _day(view: View, day: Day, found: Compared) -> str:
    """Those who came on a day, how long they stayed and how many live elsewhere, as one line."""
    view, now = replace(view, day=day), found.now
    date = formats.long_date(day.date, view.language)
    if now.came is None:
        return view.say(NOT_PUBLISHED if day.over else STILL_OPEN, day=date)
    text = CAME_TOGETHER if SEPARATOR in now.part else CAME
    people, between = view.number(now.came.value), said.between(view, now.came)
    came = view.say(text, day=date, people=people, between=between, zones=view.area(now.part))
    lines = [_compared(view, came, found.came)]
    if now.dwell is not None:
        lines.append(view.say(STAY, between=keyfigures.span(view, now.dwell.first, now.dwell.last)))
    if now.away is not None and not now.away.one_sided and (now.away.least, now.away.most) != (0, 1):
        share = _shares(view, now.away.least, now.away.most)
        lines.append(view.say(AWAY, share=share, between=_shares(view, now.away.low, now.away.high)))
    return ". ".join(lines)


def _came(each: tuple[Day, Compared]) -> float:
    came = each[1].now.came
    return 0 if came is None else came.value


def _shares(view: View, low: float, high: float) -> str:
    """A share, or the two that one lies between."""
    first, last = view.percent(low), view.percent(high)
    return first if first == last else view.say(texts.BETWEEN, low=first, high=last)


def _compared(view: View, sentence: str, found: Difference | None) -> str:
    return sentence if found is None else view.say(COMPARED, sentence=sentence, difference=view.difference(found))
