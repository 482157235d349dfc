"""The figures of those that are compared, and how each differs from the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboards import arithmetic, queries, slots, texts
from dashboards.baseline import Difference, Figure, figure_of
from dashboards.comparing.subjects import Subject
from dashboards.states import NO_DATA, POOLED, PUBLISHED, State
from dashboards.texts import Text, value_name
from dashboards.view import View
from schemas.vocabulary import DWELL_BANDS, SEPARATOR

RESIDENT: Final = "resident"
ATTENDANCE: Final = Text("Came in the day", "Venues dans la journée")
NON_RESIDENTS: Final = Text("Not residents", "Non-résidents")
AT: Final = Text("at {time}", "à {time}")
OF_CLASSES: Final = Text(
    "sum of {count} published classes, each rounded", "somme de {count} classes publiées, chacune arrondie"
)
ALL_WHO_CAME: Final = Text("as many as came, within rounding", "autant que de venues, à l’arrondi près")
STAYED: Final = Text("Stayed {band}", "Restées {band}")


@dataclass(frozen=True)
class Compared:
    """A figure of one of those that are compared: `state` says of what it is, or why there is none."""

    name: str
    subject: Subject
    figure: Figure | None
    state: State
    note: str = ""

    @property
    def comparable(self) -> bool:
        """Whether it is a figure of its own."""
        return self.figure is not None and self.state == PUBLISHED


@dataclass(frozen=True)
class Distance:
    """How one figure differs from that of the first: by how many people, and as an index; None where it cannot."""

    one: Compared
    difference: Figure | None
    index: Figure | None
    significant: bool


def figures(view: View, subject: Subject) -> list[Compared]:
    """All figures of one of those that are compared, in the order in which they are shown."""
    own = subject.view(view)
    row = own.attendance()
    pooled = row is not None and SEPARATOR in str(row["zone_id"])
    came = None if row is None else figure_of(row)
    found = [
        _stated(view.say(ATTENDANCE), subject, came, pooled),
        _peak(own, subject),
        _non_residents(own, subject, pooled, came),
    ]
    return found + _dwell(own, subject, pooled)


def distances(first: Sequence[Compared], others: Sequence[Sequence[Compared]]) -> list[Distance]:
    """How the figures of the others differ from those of the first, figure by figure."""
    return [_distance(base, each) for base, *rest in zip(first, *others, strict=True) for each in rest]


def of_classes(own: View, figure: Figure | None, came: Figure | None, classes: int) -> str:
    """What a sum of classes is: where rounding makes it no less than those who came, it says so."""
    note = own.say(OF_CLASSES, count=classes)
    if figure is None or came is None or figure.value < came.value:
        return note
    return f"{own.say(ALL_WHO_CAME)} · {note}"


def people_by_slot(view: View, subject: Subject) -> pd.DataFrame:
    """Presence over the day of one of those that are compared, as `slots.by_slot` has it."""
    own = subject.view(view)
    return slots.by_slot(own.day, own.ask(queries.PRESENCE))


def _distance(base: Compared, one: Compared) -> Distance:
    if not (base.comparable and one.comparable) or base.figure is None or one.figure is None:
        return Distance(one, None, None, False)
    return Distance(
        one,
        arithmetic.minus(one.figure, base.figure),
        arithmetic.index(one.figure, base.figure),
        Difference(one.figure, base.figure, 1).significant,
    )


def _stated(name: str, subject: Subject, figure: Figure | None, pooled: bool, note: str = "") -> Compared:
    state = NO_DATA if figure is None else POOLED if pooled else PUBLISHED
    return Compared(name, subject, figure, state, note)


def _peak(own: View, subject: Subject) -> Compared:
    day = people_by_slot(own, subject)
    at = slots.peak(day)
    if at is None:
        state = NO_DATA if day["shared_people"].isna().all() else POOLED
        return Compared(own.say(texts.MOST_AT_ONCE), subject, None, state)
    time = own.say(AT, time=own.clock(day.loc[at, "start"]))
    return Compared(own.say(texts.MOST_AT_ONCE), subject, figure_of(day.loc[at]), PUBLISHED, time)


def _non_residents(own: View, subject: Subject, pooled: bool, came: Figure | None) -> Compared:
    """Those of other classes than residents, beside those who came; None where these are merged."""
    rows = own.ask(queries.BY_CATEGORY)
    members = [set(value.split(SEPARATOR)) for value in rows["value"]]
    mixed = any(RESIDENT in each and len(each) > 1 for each in members) or list(rows["value"]) == ["all"]
    if mixed:
        return Compared(own.say(NON_RESIDENTS), subject, None, POOLED)
    others = rows[[RESIDENT not in each for each in members]]
    figure = arithmetic.summed(others)
    note = of_classes(own, figure, came, len(others))
    return _stated(own.say(NON_RESIDENTS), subject, figure, pooled, note)


def _dwell(own: View, subject: Subject, pooled: bool) -> list[Compared]:
    """A figure for each band; a band that was merged with another has none."""
    rows = own.ask(queries.BY_DWELL)
    single = {row["value"]: figure_of(row) for _, row in rows.iterrows()}
    merged = {band for value in single if SEPARATOR in value or value == "all" for band in _bands(value)}
    found = []
    for band in DWELL_BANDS:
        name = own.say(STAYED, band=value_name("dwell_band", band, own.language))
        if band in merged:
            found.append(Compared(name, subject, None, POOLED))
        else:
            found.append(_stated(name, subject, single.get(band), pooled))
    return found


def _bands(value: str) -> Sequence[str]:
    return DWELL_BANDS if value == "all" else value.split(SEPARATOR)


def between(view: View, figure: Figure, decimals: int = 0) -> str:
    """The interval of a figure."""
    low, high = view.number(figure.low, decimals), view.number(figure.high, decimals)
    return view.say(texts.BETWEEN, low=low, high=high)
