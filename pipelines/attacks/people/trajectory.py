"""T9: can the way of each person be put together from the counts of slot after slot?

The people are halved. Traces are recovered from the series that would be published of one half, and matched with the
true ones of that half, each with one, so that as much as possible is right. The same is done with the series of the
other half: what is right there is right by chance, since nobody of that half is among the true traces.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from anonymization.policy import Policy
from pipelines.arrays import Ints
from pipelines.attacks.finding import Attack, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.people.halves import Series, Traces, counted, every_count, published, traces
from pipelines.attacks.people.membership import SOURCE
from pipelines.attacks.people.persons import persons
from pipelines.attacks.people.recovered import recover
from pipelines.attacks.target import Target
from pipelines.simulator.area import centres
from pipelines.simulator.plane import Plane

Floats = npt.NDArray[np.float64]

MOST_TARGETS: Final = 3_000
MOST_WEAK: Final = 6_000
MOST_WEAK_DAYS: Final = 2_000
"""People of the weak releases at most; of these many, traces are recovered in seconds.

The more people there are in a hexagon, the less even its exact counts tell: of all 11,253 people of the dense town a
risk of 0.0996 is reached in a minute, of 6,000 one of 0.14. Through several days less is recovered, since the place of
a phone near its cell is drawn anew every day: of all 3,965 people of the town of three days 0.07, of 2,400 0.10.
"""
NINE_TENTHS: Final = 0.9
_ALL_DAYS: Final = "risk over all days"


@dataclass(frozen=True)
class Matched:
    """What is right of each target's trace, float64[targets] each.

    `own`: by the series of its own half, `other`: of the other half, both by the hexagon that is guessed; and
    `own_part`, `other_part` by the part, in which the hexagon has only to lie.
    """

    own: Floats
    own_part: Floats
    other: Floats
    other_part: Floats


@dataclass(frozen=True)
class Days:
    """The traces of each day by itself, and those through all days as one; None of a single day."""

    single: Matched
    whole: Matched | None


def matched(target: Target, policy: Policy | None, most: int | None = None) -> Days:
    """Recover the traces of both halves of at most so many people, and match them with those of the first.

    Without a policy all counts are printed as they are, hexagon by hexagon. Traces are recovered through all days at
    once, and those of a day are their pieces.
    """
    steps = traces(target.days, persons(target))
    random = np.random.default_rng([target.seed, 9])
    steps = steps[random.permutation(len(steps))[:most]]
    half = len(steps) // 2
    inputs, places = target.inputs, _places(target)
    ends = np.cumsum([day.slots for day in target.days]).tolist()
    days = [slice(*day) for day in pairwise([0, *ends])]
    found = []
    for people in (steps[:half], steps[half : 2 * half]):
        counts = counted(people, inputs.territory.hexagons.size)
        series = published(counts, inputs.territory, policy, random) if policy else every_count(counts)
        guesses = recover(series, places, inputs.footprint.prior)
        found.append(
            [_right(series, guesses, steps[:half], day, inputs.footprint.prior) for day in (*days, slice(None))]
        )
    by_days = [Matched(*own, *other) for own, other in zip(*found, strict=True)]
    single = Matched(
        *(np.concatenate(shares) for shares in zip(*(vars(day).values() for day in by_days[:-1]), strict=True))
    )
    return Days(single, by_days[-1] if len(days) > 1 else None)


def _places(target: Target) -> Floats:
    """float64[hexagons, 2]: the middles of the hexagons, in kilometres."""
    latitude, longitude = centres(target.inputs.territory.hexagons)
    plane = Plane(float(latitude.mean()), float(longitude.mean()))
    return np.stack(plane.metres(latitude, longitude), axis=1) / 1_000


def _right(series: Series, parts: Ints, truth: Traces, slots: slice, likely: Floats) -> tuple[Floats, Floats]:
    """The share of each true trace that its match has right in some slots: by hexagon, and by part."""
    true = truth[:, slots].astype(np.int64)
    true = true[(true >= 0).any(axis=1)][:MOST_TARGETS]
    guesses, part = parts[:, slots], series.part[slots]
    hexagon = np.append(series.likeliest(likely), -1)[guesses]
    true_part = np.where(true >= 0, part[np.arange(len(part)), np.maximum(true, 0)], -1).astype(np.int64)
    pairs = ((hexagon, true, part.shape[1]), (guesses, true_part, series.slot.size))
    by_hexagon, by_part = (_best(guess, steps, width, (true >= 0).sum(axis=1)) for guess, steps, width in pairs)
    return by_hexagon, by_part


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
    found = days.single
    figures = {
        "risk": _beyond_chance(found.own.mean(), found.other.mean()),
        "traces nine tenths right": float((found.own >= NINE_TENTHS).mean()),
        "traces nine tenths right, beyond chance": _beyond_chance(
            (found.own >= NINE_TENTHS).mean(), (found.other >= NINE_TENTHS).mean()
        ),
        "risk of parts": _beyond_chance(found.own_part.mean(), found.other_part.mean()),
        "right": float(found.own.mean()),
        "right by chance": float(found.other.mean()),
        "traces nine tenths right by chance": float((found.other >= NINE_TENTHS).mean()),
    }
    tried = {"traces": found.own.size}
    if days.whole is None:
        return Measured(figures, tried, absent={_ALL_DAYS: Words("there is one day", "il n'y a qu'un jour")})
    figures[_ALL_DAYS] = _beyond_chance(days.whole.own.mean(), days.whole.other.mean())
    return Measured(figures, tried)


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
        Level("traces nine tenths right", 0.01, SOURCE, Shortfall(0.04, "0024-what-the-attacks-leave-open")),
        Level("traces nine tenths right, beyond chance", 0.01, SOURCE),
        Level("risk of parts", 0.10, SOURCE),
        Level(_ALL_DAYS, 0.10, SOURCE),
    ),
    subject=lambda target: matched(target, target.policy),
    measure=_risk,
    weaknesses=(
        Weakness(
            Words(
                "every hexagon's count as it is, without threshold, pools and rounding, of 6,000 people at most",
                "le comptage exact de chaque hexagone, sans seuil, regroupement ni arrondi, de 6 000 personnes au plus",
            ),
            lambda target: matched(target, None, MOST_WEAK),
            ("risk",),
        ),
        Weakness(
            Words(
                "the same of 2,000 people at most, through all days",
                "la même chose pour 2 000 personnes au plus, tous les jours ensemble",
            ),
            lambda target: matched(target, None, MOST_WEAK_DAYS),
            (_ALL_DAYS,),
        ),
    ),
)
