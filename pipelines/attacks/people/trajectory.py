"""T9: can the way of each person be put together from the counts of slot after slot?

The people are halved. Traces are recovered from the series that would be published of one half, and matched with the
true ones of that half, each with one, so that as much as possible is right. The same is done with the series of the
other half: what is right there is right by chance, since nobody of that half is among the true traces.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from anonymization.policy import Policy
from pipelines.arrays import Ints
from pipelines.attacks.finding import Attack, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.people.halves import Series, Traces, counted, published, traces
from pipelines.attacks.people.membership import SOURCE
from pipelines.attacks.people.persons import persons
from pipelines.attacks.people.recovered import recover
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import EXACT, exact
from pipelines.simulator.area import centres
from pipelines.simulator.plane import Plane

Floats = npt.NDArray[np.float64]

MOST_TARGETS: Final = 2_000
MOST_WEAK: Final = 2_400
"""People of the weak release: enough to see that traces are recovered, which takes long of exact counts."""
NINE_TENTHS: Final = 0.9


@dataclass(frozen=True)
class Matched:
    """What is right of each target's trace, float64[targets] each.

    `own`: by the series of its own half, `other`: of the other half, both by the hexagon that is guessed; and
    `own_part`, `other_part` by the part, in which the hexagon has only to lie.
    """

    own: Floats
    other: Floats
    own_part: Floats
    other_part: Floats


@dataclass(frozen=True)
class Days:
    """The traces of each day by itself, all days together, and those through all days as one."""

    single: Matched
    whole: Matched


def matched(target: Target, policy: Policy, most: int | None = None) -> Days:
    """Recover the traces of both halves of at most so many people, and match them with those of the first."""
    steps = traces(target.days, persons(target))
    random = np.random.default_rng([target.seed, 9])
    steps = steps[random.permutation(len(steps))[:most]]
    ends = np.cumsum([day.slots for day in target.days])
    of_days = [_matched(target, policy, day, random) for day in np.split(steps, ends[:-1], axis=1)]
    single = Matched(*(np.concatenate(shares) for shares in zip(*(vars(day).values() for day in of_days), strict=True)))
    return Days(single, _matched(target, policy, steps, random) if len(of_days) > 1 else single)


def _matched(target: Target, policy: Policy, steps: Traces, random: np.random.Generator) -> Matched:
    half = len(steps) // 2
    inputs, places = target.inputs, _places(target)
    truth = steps[:half][(steps[:half] >= 0).any(axis=1)][:MOST_TARGETS]
    found: list[Floats] = []
    for people in (steps[:half], steps[half : 2 * half]):
        series = published(counted(people, inputs.territory.hexagons.size), inputs.territory, policy, random)
        found += _right(series, recover(series, places), truth, inputs.footprint.prior)
    return Matched(own=found[0], other=found[2], own_part=found[1], other_part=found[3])


def _places(target: Target) -> Floats:
    """float64[hexagons, 2]: the middles of the hexagons, in kilometres."""
    latitude, longitude = centres(target.inputs.territory.hexagons)
    plane = Plane(float(latitude.mean()), float(longitude.mean()))
    return np.stack(plane.metres(latitude, longitude), axis=1) / 1_000


def _right(series: Series, recovered: Ints, truth: Traces, likely: Floats) -> list[Floats]:
    """The share of each true trace that its match has right: by hexagon, and by part."""
    slots = np.arange(len(series.part))
    first = np.searchsorted(series.slot, slots)
    parts = np.diff(np.append(first, series.slot.size))
    part = np.where(recovered < parts, recovered + first, -1)
    hexagon = np.where(part >= 0, _likeliest(series, likely)[part], -1)
    true = truth.astype(np.int64)
    true_part = np.where(true >= 0, series.part[slots, np.maximum(true, 0)], -1).astype(np.int64)
    pairs = ((hexagon, true, series.part.shape[1]), (part, true_part, series.slot.size))
    return [_best(guess, steps, width, (true >= 0).sum(axis=1)) for guess, steps, width in pairs]


def _likeliest(series: Series, likely: Floats) -> Ints:
    """int64[parts]: the hexagon of each part where most people are expected, from public figures."""
    slot, hexagon = np.nonzero(series.part >= 0)
    part = series.part[slot, hexagon]
    order = np.lexsort((hexagon, likely[hexagon], part))
    last = np.append(part[order][1:] != part[order][:-1], True)
    found = np.zeros(max(series.slot.size, 1), np.int64)
    found[part[order][last]] = hexagon[order][last]
    return found


def _best(guess: Ints, true: Ints, width: int, lengths: Ints) -> Floats:
    """The share of each true trace that is right, if each is matched with one guess as well as all can be."""
    right = (_steps(guess, width) @ _steps(true, width).T).toarray()
    rows, columns = linear_sum_assignment(right, maximize=True)
    found = np.zeros(len(true))
    found[columns] = right[rows, columns] / np.maximum(lengths[columns], 1)
    return found


def _steps(some: Ints, width: int) -> sparse.csr_array:
    """[traces, slots x width], 1 where a trace is in a slot."""
    trace, slot = np.nonzero(some >= 0)
    shape = (len(some), some.shape[1] * width)
    return sparse.csr_array((np.ones(trace.size, np.float32), (trace, slot * width + some[trace, slot])), shape=shape)


def _risk(days: Days, target: Target) -> Measured:
    """The share that is right beyond chance, and how many traces are nearly whole."""
    found, whole = days.single, days.whole
    figures = {
        "risk": _beyond_chance(found.own.mean(), found.other.mean()),
        "traces nine tenths right": float((found.own >= NINE_TENTHS).mean()),
        "traces nine tenths right, beyond chance": _beyond_chance(
            (found.own >= NINE_TENTHS).mean(), (found.other >= NINE_TENTHS).mean()
        ),
        "risk of parts": _beyond_chance(found.own_part.mean(), found.other_part.mean()),
        "risk over all days": _beyond_chance(whole.own.mean(), whole.other.mean()),
        "right": float(found.own.mean()),
        "right by chance": float(found.other.mean()),
        "traces nine tenths right by chance": float((found.other >= NINE_TENTHS).mean()),
    }
    return Measured(figures, {"traces": found.own.size})


def _beyond_chance(right: float, chance: float) -> float:
    return float((right - chance) / (1 - chance)) if chance < 1 else 0.0


TRAJECTORY: Final = Attack(
    number="T9",
    name=Words("Trajectories", "Trajectoires"),
    criterion="linkability",
    what=Words(
        "the way of each person through the slots of a day, and through all days, put together from counts",
        "le chemin de chaque personne à travers les créneaux d'un jour, et tous les jours, reconstitué des comptages",
    ),
    knowledge=Words(
        "what is printed, distances, and where people live in general",
        "ce qui est publié, les distances, et où les gens habitent en général",
    ),
    control=Words(
        "the same from the counts of other people: what is right there is chance",
        "la même attaque sur les comptages d'autres personnes : ce qui y est juste l'est par hasard",
    ),
    levels=(
        Level("risk", 0.10, SOURCE),
        Level("traces nine tenths right", 0.01, SOURCE, Shortfall(0.02, "0024-what-the-attacks-leave-open")),
        Level("traces nine tenths right, beyond chance", 0.01, SOURCE),
        Level("risk of parts", 0.10, SOURCE),
        Level("risk over all days", 0.10, SOURCE),
    ),
    subject=lambda target: matched(target, target.policy),
    measure=_risk,
    weaknesses=(
        Weakness(
            EXACT,
            lambda target: matched(target, exact(target.policy), MOST_WEAK),
        ),
    ),
)
