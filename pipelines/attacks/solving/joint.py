"""T17: what attendance, nights, arrivals, flows and transit of a day tell together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.bounds import intervals
from anonymization.rounding import round_to_base
from anonymization.territory import ZoneArea
from pipelines.arrays import Ints, column
from pipelines.attacks.figures.loose_flows import leaving_a_few
from pipelines.attacks.figures.shown import Shown, shown
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.members import Tables, counts, members
from pipelines.attacks.solving.day_figures import Clock, figures, numbered
from pipelines.attacks.solving.implications import systems
from pipelines.attacks.solving.inner_zones import inner_rows
from pipelines.attacks.target import Target
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS

_LEVEL: Final = "specification T5, as amended: no difference of sets that hold each other is of 1 to k-1 devices"


@dataclass(frozen=True)
class Joint:
    """Published tables with `date`; for each of their rows, int64[rows], what is printed and the devices behind it.

    `base`: of the rounding between the two; `zones`: the public tree; `strays`: trips of devices that are not in the
    attendance of an end.
    """

    tables: Tables
    printed: Mapping[str, Ints]
    exact: Mapping[str, Ints]
    zones: Sequence[ZoneArea]
    base: int
    strays: int = 0


def _measure(subject: Joint, target: Target) -> Measured:
    by_exact = _told(subject, subject.exact, 0, target)
    by_printed = _told(subject, subject.printed, subject.base - 1, target)
    found = {
        "numbers told by exact figures": by_exact.told,
        "numbers told by printed figures": by_printed.told,
        "fewest devices told": by_exact.fewest,
        "strays": subject.strays,
    }
    return Measured(found, {"numbers asked for": by_exact.asked})


@dataclass(frozen=True)
class _Told:
    """How many numbers must lie in 1..k-1, of how many, and the least of what one of these can be at most."""

    told: int
    asked: int
    fewest: int


def _told(subject: Joint, numbers: Mapping[str, Ints], slack: int, target: Target) -> _Told:
    k, calendar = target.policy.k, target.inputs.calendar
    bounds = [np.zeros((0, 2), np.int64)]
    for day in target.days:
        clock = Clock(lambda at: int(calendar.clock(at)[:2]), target.inputs.weighing(day.day).first_hour)
        of_day = figures(numbered(subject.tables, numbers, day.day, slack), subject.zones, clock, k)
        bounds += [intervals(system) for system in systems(of_day)]
    least, most = np.concatenate(bounds).T
    small = (least > 0) & (most < k)
    return _Told(int(small.sum()), least.size, int(most[small].min(initial=k)))


def _joint(target: Target) -> Joint:
    """The release."""
    return joined(shown(target), target)


def joined(subject: Shown, target: Target) -> Joint:
    """Published tables with what they print, and with the devices behind their rows."""
    printed = {name: column(table, "devices").astype(np.int64) for name, table in subject.tables.items()}
    exact = {name: devices for name, (_, devices) in zip(subject.tables, subject.devices(), strict=True)}
    strays = sum(_strays(subject.tables, of_day) for of_day in subject.behind.values())
    zones = target.inputs.territory.zones if subject.zones is None else subject.zones
    return Joint(subject.tables, printed, exact, zones, max(target.policy.rounding, 1), strays)


def _plain(tables: Tables) -> list[str]:
    """The indicators of attendance without attributes."""
    return [name for name in tables if INDICATORS[name].population == "attendance" and not INDICATORS[name].attributes]


def _strays(tables: Tables, behind: Mapping[str, pa.Table]) -> int:
    """Trips from or to a part by devices that are not in its attendance: none, as far as the implication holds."""
    flows = [name for name in tables if INDICATORS[name].population == "flows"]
    ends = ("origin_zone_id", "destination_zone_id")
    return sum(
        _outside(tables[name], end, behind[name], tables[of], behind[of])
        for name in flows
        for end in ends
        for of in _plain(tables)
    )


def _outside(flows: pa.Table, end: str, moving: pa.Table, parts: pa.Table, visiting: pa.Table) -> int:
    numbers = ask(
        """
        WITH pairs AS (SELECT f.row AS flow, p.row AS part FROM flows f JOIN parts p USING (name, date))
        SELECT count(*) AS strays FROM pairs JOIN moving ON moving.row = flow
        ANTI JOIN visiting ON visiting.row = part AND visiting.device = moving.device
        """,
        flows=_named(flows, end),
        parts=_named(parts, "zone_id"),
        moving=moving,
        visiting=visiting,
    )
    return int(numbers["strays"][0].as_py())


def _named(table: pa.Table, name: str) -> pa.Table:
    return pa.table({"row": np.arange(table.num_rows), "name": table[name], "date": table["date"]})


def _every_night(target: Target) -> Joint:
    """The nights of all rows in which k devices slept, whoever is left of the row."""
    joint = _joint(target)
    tables, printed, exact = dict(joint.tables), dict(joint.printed), dict(joint.exact)
    for name in [name for name, each in INDICATORS.items() if each.partial and each.splits in joint.tables]:
        above = joint.tables[INDICATORS[name].splits]
        given = np.zeros(above.num_rows, np.int64)
        for day in target.days:
            given += counts(members(name, {**joint.tables, name: above}, day, target.inputs), given.size)
        kept = given >= target.policy.k
        tables[name], exact[name] = above.filter(pa.array(kept)), given[kept]
        printed[name] = _rounded(given[kept], joint.base, target)
    return replace(joint, tables=tables, printed=printed, exact=exact)


def _every_zone(target: Target) -> Joint:
    """A zone inside each published one, whoever missed it."""
    joint = _joint(target)
    tables, printed, exact, zones = dict(joint.tables), dict(joint.printed), dict(joint.exact), joint.zones
    for name in _plain(joint.tables):
        inner = inner_rows(name, target)
        tables[name] = pa.concat_tables([tables[name], inner.rows])
        printed[name] = np.append(printed[name], _rounded(inner.exact, joint.base, target))
        exact[name], zones = np.append(exact[name], inner.exact), inner.zones
    return replace(joint, tables=tables, printed=printed, exact=exact, zones=zones)


def _rounded(devices: Ints, base: int, target: Target) -> Ints:
    """Devices as rows print them, each drawn for itself as the product does."""
    draws = np.random.default_rng([target.seed, 17]).integers(0, 2**32, devices.size, np.uint32)
    return round_to_base(devices, draws, base)


JOINT: Final = Attack(
    number="T17",
    name=Words("Joint inference", "Inférence conjointe"),
    criterion="singling out",
    what=Words(
        "numbers of 1 to k-1 that follow from several indicators of different devices: of the visitors of a part those "
        "who did not leave by a flow, come by one, spend the night, visit or cross a zone inside",
        "nombres de 1 à k-1 qui découlent de plusieurs indicateurs : parmi les visiteurs d'une partie, ceux qui n'en "
        "sont pas partis par un flux, venus par un flux, restés la nuit, passés par une zone intérieure",
    ),
    knowledge=Words(
        "all figures of a day, printed and as they were before rounding, and how each indicator counts",
        "tous les chiffres d'un jour, publiés et avant arrondi, et la façon de compter de chaque indicateur",
    ),
    control=Words(
        "none: one number known to lie in 1 to k-1 is a failure",
        "aucune : un seul nombre connu entre 1 et k-1 est un échec",
    ),
    levels=(
        Level("numbers told by exact figures", 0, _LEVEL),
        Level("numbers told by printed figures", 0, _LEVEL),
    ),
    subject=_joint,
    measure=_measure,
    weaknesses=(
        Weakness(Words("nights of every row", "nuitées de chaque ligne"), _every_night),
        Weakness(
            Words("zones in others, whoever missed them", "des zones dans d'autres, sans égard à qui les manque"),
            _every_zone,
        ),
        Weakness(
            Words(
                "flows that leave a few visitors of an end, in a town where most leave a place together",
                "des flux qui laissent peu de visiteurs d'une extrémité, dans une ville où l'on part ensemble",
            ),
            lambda target: joined(leaving_a_few(target), target),
        ),
    ),
)
