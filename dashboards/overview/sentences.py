"""What a summary says in plain sentences, made of its numbers alone."""

from typing import Final

from dashboards import formats, texts
from dashboards.baseline import Difference, Figure
from dashboards.overview.keyfigures import Compared, clock_of, percents, span
from dashboards.texts import Text
from dashboards.view import View

CAME: Final = Text(
    "{zone}, {day}: {people} people ({between}) came for at least 15 minutes.",
    "{zone}, {day} : {people} personnes ({between}) sont venues, au moins 15 minutes.",
)
PEAK: Final = Text(
    "From {start} to {end}, {people} people ({between}) were there at once: the most of the day.",
    "De {start} à {end}, {people} personnes ({between}) étaient là en même temps : le plus fort de la journée.",
)
AWAY: Final = Text(
    "{share} ({between}) of those who came do not live in the zone.",
    "{share} ({between}) des personnes venues n’habitent pas la zone.",
)
AWAY_OPEN: Final = Text(
    "Between {low} and {high} of those who came do not live in the zone.",
    "Entre {low} et {high} des personnes venues n’habitent pas la zone.",
)
DWELL: Final = Text("The median stay is {span}.", "La durée médiane de présence est de {span}.")
MORE: Final = Text("That is {percent} more than", "C’est {percent} de plus")
FEWER: Final = Text("That is {percent} fewer than", "C’est {percent} de moins")
THAN_EDITION: Final = Text("{than} at the last edition ({figure}).", "{than} qu’à la dernière édition ({figure}).")
THAN_ONE: Final = Text("{than} on another {weekday} ({figure}).", "{than} qu’un autre {weekday} ({figure}).")
THAN_SOME: Final = Text(
    "{than} the {middle} of {days} other {weekday}s ({figure}).",
    "{than} que la {middle} de {days} autres {weekday}s ({figure}).",
)
NO_MORE: Final = Text(
    "The difference is not significant ({against}): the intervals overlap.",
    "L’écart n’est pas significatif ({against}) : les intervalles se recouvrent.",
)


def sentences(view: View, found: Compared) -> list[str]:
    """How many came, how many were there at once, and who and how long; what is not published is left out."""
    told = [_came(view, found), _at_once(view, found), _who(view, found)]
    return [each for each in told if each]


def _came(view: View, found: Compared) -> str:
    came = found.now.came
    if came is None:
        return ""
    day = formats.long_date(view.day.date, view.language)
    zone = view.area(found.now.part)
    said = view.say(CAME, zone=zone, day=day, people=view.number(came.value), between=_between(view, came))
    return _with(said, _than(view, found.came))


def _at_once(view: View, found: Compared) -> str:
    peak = found.now.peak
    if peak is None:
        return ""
    start, end = clock_of(view, peak)
    people, between = view.number(peak.people.value), _between(view, peak.people)
    return _with(view.say(PEAK, start=start, end=end, people=people, between=between), _than(view, found.peak))


def _who(view: View, found: Compared) -> str:
    away, middle = found.now.away, found.now.dwell
    said = []
    if away is not None and away.figure is not None:
        between = view.say(texts.BETWEEN, low=view.percent(away.low), high=view.percent(away.high))
        said.append(view.say(AWAY, share=view.percent(away.least), between=between))
        if found.away is not None and not found.away.significant:
            said.append(view.say(NO_MORE, against=view.against(found.away, percents(view))))
    elif away is not None and away.least < away.most and (away.least, away.most) != (0, 1):
        said.append(view.say(AWAY_OPEN, low=view.percent(away.low), high=view.percent(away.high)))
    if middle is not None:
        said.append(view.say(DWELL, span=span(view, middle.first, middle.last)))
    return " ".join(said)


def _than(view: View, found: Difference | None) -> str:
    """How people differ in number from what they are compared with."""
    if found is None:
        return ""
    if not found.significant or found.change is None:
        return view.say(NO_MORE, against=view.against(found))
    than = view.say(MORE if found.change > 0 else FEWER, percent=view.percent(abs(found.change)))
    figure = view.people(found.then.value)
    if view.baseline is None or view.baseline.kind == "edition":
        return view.say(THAN_EDITION, than=than, figure=figure)
    weekday = formats.weekday(view.day.date.weekday(), view.language)
    text = THAN_ONE if found.days == 1 else THAN_SOME
    return view.say(text, than=than, figure=figure, middle=view.middle(found.days), days=found.days, weekday=weekday)


def _with(said: str, more: str) -> str:
    return f"{said} {more}" if more else said


def _between(view: View, figure: Figure) -> str:
    return view.say(texts.BETWEEN, low=view.number(figure.low), high=view.number(figure.high))
