"""What people do on a day: how many of each role go out, when and for how long. The project's own assumptions."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from pipelines.simulator.plane import Bools, Floats, Ints
from schemas.vocabulary import AGE_BANDS

HOUR = 3600.0
DAY_STARTS = 5.0


class DayKind(IntEnum):
    """Kinds of day."""

    WEEKDAY = 0
    SATURDAY = 1
    SUNDAY = 2


class Role(IntEnum):
    """What a person is in the course of a day."""

    WORKER = 0
    PUPIL = 1
    OTHER = 2
    VISITOR = 3


# Share that goes, local hour of arrival and its standard deviation, hours there and their standard deviation; a row for
# each role.
_MAIN = {
    DayKind.WEEKDAY: (
        (0.86, 8.4, 0.8, 8.6, 0.9),
        (0.92, 8.1, 0.3, 8.2, 0.6),
        (0.55, 10.2, 1.1, 1.4, 0.6),
        (1, 10.6, 1.3, 2.8, 1),
    ),
    DayKind.SATURDAY: (
        (0.6, 10.2, 1.3, 2.6, 1.4),
        (0.4, 10.8, 1.2, 1.8, 0.8),
        (0.55, 10, 1.1, 1.5, 0.7),
        (1, 10.9, 1.3, 2.8, 1),
    ),
    DayKind.SUNDAY: (
        (0.35, 10.6, 1.2, 1.8, 1),
        (0.3, 11, 1.2, 1.8, 0.8),
        (0.4, 10.5, 1, 1.4, 0.6),
        (1, 10.9, 1.2, 2.6, 1),
    ),
}
_AFTERNOON = {
    DayKind.WEEKDAY: (
        (0.3, 17.8, 0.7, 0.9, 0.4),
        (0.4, 17.2, 0.7, 1.4, 0.6),
        (0.4, 15.3, 1, 1.3, 0.6),
        (0.8, 14.8, 0.9, 2, 0.8),
    ),
    DayKind.SATURDAY: (
        (0.6, 15.2, 1.1, 2.1, 0.9),
        (0.65, 15, 1.1, 2.3, 0.9),
        (0.45, 15, 0.9, 1.7, 0.7),
        (0.85, 14.9, 1, 2.3, 0.9),
    ),
    DayKind.SUNDAY: (
        (0.5, 15.2, 1, 2.2, 0.9),
        (0.5, 15.2, 1, 2.3, 0.9),
        (0.4, 15.1, 0.8, 1.9, 0.7),
        (0.8, 14.7, 1, 2, 0.8),
    ),
}
_EVENING = {
    DayKind.WEEKDAY: (
        (0.14, 19.9, 0.7, 2.2, 0.8),
        (0.15, 19.8, 0.8, 2.2, 0.9),
        (0.06, 19.6, 0.6, 2, 0.6),
        (0.45, 19.7, 0.6, 2, 0.7),
    ),
    DayKind.SATURDAY: (
        (0.28, 20, 0.8, 2.9, 1),
        (0.28, 20.2, 1, 3, 1.2),
        (0.1, 19.7, 0.6, 2.3, 0.7),
        (0.5, 19.8, 0.7, 2.3, 0.8),
    ),
    DayKind.SUNDAY: (
        (0.1, 19.6, 0.7, 2.1, 0.8),
        (0.1, 19.5, 0.8, 2.1, 0.8),
        (0.05, 19.3, 0.6, 1.9, 0.6),
        (0.35, 19.4, 0.6, 1.8, 0.6),
    ),
}
OUTINGS = (_MAIN, _AFTERNOON, _EVENING)

AT_WORK = {DayKind.WEEKDAY: 1.0, DayKind.SATURDAY: 0.35, DayKind.SUNDAY: 0.25}
"""Share of the workers who go out in the morning that go to work."""

AWAY = {DayKind.WEEKDAY: 0.02, DayKind.SATURDAY: 0.05, DayKind.SUNDAY: 0.05}
"""Share of the residents who leave the area for the day."""

FESTIVAL_BY_AGE = (0.12, 0.24, 0.22, 0.16, 0.13, 0.10, 0.05)
FESTIVAL_OF_VISITORS = 0.35
"""Shares that go to the festival on its day, by age band of the residents, and of the visitors who are there."""


@dataclass(frozen=True)
class Outing:
    """Who goes out, when they arrive and when they leave: seconds since the day began."""

    goes: Bools
    arrive: Floats
    leave: Floats


def roles(spc: npt.NDArray[np.int8], age_band: npt.NDArray[np.int8], resident: Bools) -> Ints:
    """The role of each person."""
    works, young = spc <= 5, age_band <= AGE_BANDS.index("18-24")
    own = np.where(works, Role.WORKER, np.where(young, Role.PUPIL, Role.OTHER))
    return np.where(resident, own, Role.VISITOR)


def outing(number: int, kind: DayKind, role: Ints, random: np.random.Generator) -> Outing:
    """The morning's (0), the afternoon's (1) or the evening's (2) outing of each person."""
    share, at, at_sd, hours, hours_sd = np.array(OUTINGS[number][kind], np.float64).T
    count = len(role)
    arrive = at[role] + at_sd[role] * random.standard_normal(count) - DAY_STARTS
    stays = np.maximum(hours[role] + hours_sd[role] * random.standard_normal(count), 0.3)
    arrive = np.clip(arrive, 0.5, 20)
    return Outing(random.random(count) < share[role], arrive * HOUR, np.minimum(arrive + stays, 22) * HOUR)
