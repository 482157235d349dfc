"""The opening times of a desk: ranges of days with two ranges of hours, made into one text of opening hours."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from schemas.feeds import Text
from schemas.typography import NO_BREAK_SPACE

DAYS: Final[Mapping[str, str]] = {
    "lundi": "Mo",
    "mardi": "Tu",
    "mercredi": "We",
    "jeudi": "Th",
    "vendredi": "Fr",
    "samedi": "Sa",
    "dimanche": "Su",
}
MIDNIGHT: Final = 24 * 60
_NAMES: Final = tuple(DAYS)
_TIME: Final = re.compile(r"(\d\d):(\d\d)(?::\d\d)?")

Range = tuple[int, int]
"""Minutes of a day: begins, ends."""


class WeekError(ValueError):
    """Opening times that cannot be read: what was expected, and what was found."""

    def __init__(self, expected: Text, found: str) -> None:
        super().__init__(expected.en)
        self.expected = expected
        self.found = found


@dataclass(frozen=True)
class Week:
    """The hours as OpenStreetMap writes them, "" where none are stated, and remarks by the days that they are on."""

    hours: str
    remarks: tuple[str, ...]


def week(ranges: Iterable[Mapping[str, object]], *, holidays_off: bool) -> Week:
    """The week that ranges of days make; with `holidays_off` closed on public holidays, of which they say nothing.

    Days with the same hours are merged; ranges of one day that touch or overlap become one. Raises WeekError.
    """
    days: dict[str, list[Range]] = {name: [] for name in _NAMES}
    remarks: list[str] = []
    for stated in ranges:
        named = _days(stated)
        times = [time for number in (1, 2) if (time := _range(stated, number))]
        for name in named:
            days[name] += times
        remark = " ".join(_word(stated, "commentaire").split())
        if remark:
            remarks.append(f"{_span_in_words(named)}{NO_BREAK_SPACE}: {remark}")
    merged = {name: _merged(times) for name, times in days.items()}
    return Week(_written(merged, holidays_off=holidays_off), tuple(dict.fromkeys(remarks)))


def _written(days: Mapping[str, tuple[Range, ...]], *, holidays_off: bool) -> str:
    """The days as rules; what never closes does not close on public holidays either."""
    if all(times == ((0, MIDNIGHT),) for times in days.values()):
        return "24/7"
    rules = _rules(days)
    return "; ".join([*rules, "PH off"] if rules and holidays_off else rules)


def _rules(days: Mapping[str, tuple[Range, ...]]) -> list[str]:
    """A rule for each run of days with the same hours."""
    runs = [(times, [name for name, _ in run]) for times, run in groupby(days.items(), key=lambda item: item[1])]
    spans: dict[tuple[Range, ...], list[str]] = {}
    for times, names in runs:
        if times:
            spans.setdefault(times, []).append(_span(names))
    return [f"{','.join(named)} {','.join(map(_hours, times))}" for times, named in spans.items()]


def _span(names: list[str]) -> str:
    first, last = DAYS[names[0]], DAYS[names[-1]]
    return first if first == last else f"{first}-{last}"


def _span_in_words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} à {names[-1]}"


def _hours(time: Range) -> str:
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in time)


def _days(stated: Mapping[str, object]) -> list[str]:
    """The days of a range in their order, over the end of the week if need be."""
    first = _day(stated, "nom_jour_debut")
    last = _day(stated, "nom_jour_fin") if _word(stated, "nom_jour_fin") else first
    return [_NAMES[number % 7] for number in range(first, last + 1 if last >= first else last + 8)]


def _day(stated: Mapping[str, object], field: str) -> int:
    word = _word(stated, field)
    if word.lower() not in DAYS:
        raise WeekError(Text(f"{field}: a day such as Lundi", f"{field}\u202f: un jour, par exemple Lundi"), word)
    return _NAMES.index(word.lower())


def _range(stated: Mapping[str, object], number: int) -> Range | None:
    begins, ends = (f"valeur_heure_{end}_{number}" for end in ("debut", "fin"))
    if not _word(stated, begins) and not _word(stated, ends):
        return None
    first, last = _minutes(stated, begins), _minutes(stated, ends)
    # A desk that is open to the end of its day says 00:00 or 23:59.
    last = MIDNIGHT if last in (0, MIDNIGHT - 1) else last
    if last <= first:
        expected = Text(f"{ends}: a time after {begins}", f"{ends}\u202f: une heure après {begins}")
        raise WeekError(expected, f"{_word(stated, begins)} - {_word(stated, ends)}")
    return first, last


def _minutes(stated: Mapping[str, object], field: str) -> int:
    word = _word(stated, field)
    found = _TIME.fullmatch(word)
    hours, minutes = (int(found[1]), int(found[2])) if found else (MIDNIGHT, 0)
    if minutes >= 60 or hours * 60 + minutes > MIDNIGHT:
        raise WeekError(
            Text(f"{field}: a time such as 09:00:00", f"{field}\u202f: une heure, par exemple 09:00:00"), word
        )
    return hours * 60 + minutes


def _merged(times: Iterable[Range]) -> tuple[Range, ...]:
    merged: list[Range] = []
    for first, last in sorted(times):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _word(stated: Mapping[str, object], field: str) -> str:
    value = stated.get(field)
    return value.strip() if isinstance(value, str) else ""
