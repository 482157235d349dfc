"""The festival: who comes through its gates when, and when they leave."""

import numpy as np

from pipelines.simulator.habits import DAY_STARTS, FESTIVAL_BY_AGE, FESTIVAL_OF_VISITORS, HOUR, Outing
from pipelines.simulator.people import People
from pipelines.simulator.plane import Bools, Floats

OPENS, CLOSES = 14.0, 24.5
"""Local hours between which the festival is open."""

_AFTERNOON = 0.3
_GATE_HOURS, _EXIT_HOURS = 3.5, 0.6
_EARLY = 0.3
_LAST_SONG = 23.5


def festival(people: People, there: Bools, random: np.random.Generator, crowd: float = 1.0) -> Outing:
    """The visit of each person to the festival; `there` are those who are in the area on that day.

    `crowd`: how many come, as a share of a usual edition.

    Three in ten come in the afternoon, the others before the concert; most stay until its end. The gates let everybody
    in within three and a half hours and out within about half an hour, first come, first served.
    """
    count = len(people)
    share = np.where(people.resident, np.array(FESTIVAL_BY_AGE)[people.age_band], FESTIVAL_OF_VISITORS)
    goes = there & (random.random(count) < crowd * share)
    afternoon = random.random(count) < _AFTERNOON
    come = np.where(afternoon, random.normal(15.9, 1.0, count), random.normal(19.6, 1.0, count))
    come = np.clip(come, OPENS + 0.1, 22)
    end = _LAST_SONG + random.gamma(2.0, 0.12, count)
    early = np.maximum(come + random.normal(2.6, 0.8, count), come + 0.5)
    leaves_early = random.random(count) < np.where(afternoon, 0.6, _EARLY)
    leave = np.minimum(np.where(leaves_early, early, end), CLOSES)
    number = max(int(goes.sum()), 1)
    enter = _served(goes, (come - DAY_STARTS) * HOUR, _GATE_HOURS * HOUR / number)
    out = _served(goes, np.maximum((leave - DAY_STARTS) * HOUR, enter + 0.4 * HOUR), _EXIT_HOURS * HOUR / number)
    return Outing(goes, enter, out)


def _served(goes: Bools, wish: Floats, each: float) -> Floats:
    """When each is served who comes at a time of one's wish to a queue that takes `each` seconds a person."""
    rows = np.flatnonzero(goes)
    order = rows[np.argsort(wish[rows], kind="stable")]
    before = np.arange(len(order)) * each
    served = wish.copy()
    served[order] = np.maximum.accumulate(wish[order] - before) + before
    return served
