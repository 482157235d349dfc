"""The lines of the operator: who of the people has one, further ones, and what the register says of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulator.facts import HOME_MCC
from pipelines.simulator.people import People
from pipelines.simulator.phones import CLASSES, OFF_AT_NIGHT, Phones
from pipelines.simulator.plane import Bools, Floats, Ints, cumulated
from schemas.vocabulary import AGE_BANDS, SPC

MOBILE, SECOND_SIM, SECONDARY, M2M = range(4)
"""A person's line; another SIM of the same holder that is not told apart; one that is; a machine's."""

LINE_TYPE = ("mobile", "mobile", "secondary", "M2M")
_FURTHER = ((SECOND_SIM, 0.015), (SECONDARY, 0.02), (M2M, 0.02))

OPTED_OUT, NOT_LISTED, UNKNOWN_AGE, UNKNOWN_SPC, UNKNOWN_HOME = 0.006, 0.02, 0.04, 0.12, 0.03
"""Shares of the lines; the project's own assumptions, like those of further lines and of use."""

_M2M_USE = 1
_VIGOUR = 3.0


@dataclass(frozen=True)
class Lines:
    """Lines in the order of the people; `kind` is one of the four above."""

    phones: Phones
    kind: npt.NDArray[np.int8]
    subscriber_id: npt.NDArray[np.str_]
    mcc: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.kind)


def subscribers(
    people: People, count: int, ownership: Sequence[float], roaming: Floats, random: np.random.Generator
) -> Ints:
    """The people, ascending, whose phone is on this network: `count` of them.

    `roaming` is the share by person of those from abroad, nan for the others, who are drawn by their age.
    """
    abroad = np.flatnonzero(~np.isnan(roaming) & (random.random(len(people)) < np.nan_to_num(roaming)))[:count]
    domestic = np.flatnonzero(np.isnan(roaming))
    # The smallest of exponential keys are a sample without replacement (source: P. Efraimidis, P. Spirakis, 2006).
    keys = random.exponential(size=len(domestic)) / np.array(ownership)[people.age_band[domestic]]
    own = domestic[np.argsort(keys, kind="stable")[: count - len(abroad)]]
    return np.sort(np.append(own, abroad))


def lines(people: People, mcc: Ints, owners: Ints, random: np.random.Generator) -> Lines:
    """A line for each owner, and further ones for some of those who live in France."""
    domestic = mcc[owners] == HOME_MCC
    extra = [(kind, owners[domestic & (random.random(len(owners)) < share)]) for kind, share in _FURTHER]
    person = np.concatenate([owners, *(rows for _, rows in extra)])
    kind = np.concatenate([np.full(len(owners), MOBILE), *(np.full(len(rows), number) for number, rows in extra)])
    order = np.lexsort((kind, person))
    person, kind, count = person[order], kind[order].astype(np.int8), len(order)
    use = np.searchsorted(cumulated(CLASSES), random.random(count), "right")
    phones = Phones(
        line=np.arange(count),
        person=person,
        use=np.where(kind == M2M, _M2M_USE, use),
        vigour=random.gamma(_VIGOUR, 1 / _VIGOUR, count),
        night_off=random.random(count) < OFF_AT_NIGHT,
        fixed=kind == M2M,
        east=people.home.east[person],
        north=people.home.north[person],
    )
    return Lines(phones, kind, _imsi(mcc[person], random), mcc[person].astype(np.int16))


def _imsi(mcc: Ints, random: np.random.Generator) -> npt.NDArray[np.str_]:
    """Identifiers of 15 digits that do not follow the order of the lines."""
    number = (int(random.integers(10**9)) + np.arange(len(mcc), dtype=np.int64) * 7_368_787) % 10**10
    return np.char.add(np.char.mod("%03d01", mcc), np.char.mod("%010d", number))


def register(found: Lines, people: People, home_zones: Sequence[str], random: np.random.Generator) -> pa.Table:
    """What the operator knows of its own lines: the columns of `subscribers`.

    Roamers are not listed, nor are some others. `home_zones` has the identifier of each origin.
    """
    unlisted = random.random(len(found)) < NOT_LISTED
    rows = np.flatnonzero((found.mcc == HOME_MCC) & ~unlisted)
    person, kind = found.phones.person[rows], found.kind[rows]
    machine = kind == M2M
    return pa.table(
        {
            "subscriber_id": pa.array(found.subscriber_id[rows]),
            "age_band": _texts(AGE_BANDS, people.age_band[person], machine | _some(UNKNOWN_AGE, rows, random)),
            "spc": _texts(SPC, people.spc[person], machine | _some(UNKNOWN_SPC, rows, random)),
            "home_zone": _texts(home_zones, people.origin[person], _some(UNKNOWN_HOME, rows, random)),
            "line_type": _texts(LINE_TYPE, kind, np.zeros(len(rows), np.bool_)),
            "holder": pa.array(np.char.mod("C%08d", person * 37 % 10**8), mask=machine),
            "opted_out": pa.array(_some(OPTED_OUT, rows, random)),
        }
    )


def _some(share: float, rows: Ints, random: np.random.Generator) -> Bools:
    return random.random(len(rows)) < share


def _texts(values: Sequence[str], codes: npt.NDArray[np.integer], missing: Bools) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(codes.astype(np.int64), mask=missing))
