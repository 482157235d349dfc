"""T15: which devices a row is composed of, from the mean weight that its people and devices tell."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints
from pipelines.attacks.finding import Attack, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.solving.weighed_rows import Weighed, weighed_rows
from pipelines.attacks.target import Target

Floats = npt.NDArray[np.float64]

_LEFT: Final = 3
"""Values that decision 0013 says are left at least for the devices of any stratum."""

_NEAR: Final = 1e-9
"""How far a sum of products may be from a whole number."""

_SLACK: Final = 1e-3
"""How far a variance of weights, in thousandths squared, may be off."""

_TOLD: Final = "strata told, share"
_FEW: Final = f"strata left with fewer than {_LEFT} values"


@dataclass(frozen=True)
class Weighings:
    """The rows of all indicators and days, with devices rounded to `base`."""

    rows: tuple[Weighed, ...]
    base: int


def between(rows: Weighed, k: int, base: int) -> tuple[Ints, Ints]:
    """The least and the most devices of each stratum that the figures of a row leave possible: int64[r, s] each.

    Of strata that cannot be there it says nothing. Exact where people may be as far off as two weights are apart, for
    whole devices then reach any such span; else too wide: nothing is said to be told that is not.
    """
    own = rows.weights.astype(np.float64)
    lightest, heaviest = _others(rows)
    low, high = rows.low[:, None], rows.high[:, None]
    # All others are the lightest ones, and the mean is still not too high; or the heaviest ones, and it is not too low.
    over, under = own - lightest, heaviest - own
    most = np.minimum(_share(high - lightest, over, over > 0, 1.0), _share(heaviest - low, under, under > 0, 1.0))
    most = np.minimum(most, _spread(rows))
    least = np.maximum(_share(high - lightest, over, over < 0, 0.0), _share(heaviest - low, under, under < 0, 0.0))
    fewest = np.maximum(rows.printed - base + 1, k)[:, None]
    largest = (rows.printed + base - 1)[:, None]
    return _whole(np.ceil(fewest * least - _NEAR)), _whole(np.floor(largest * most + _NEAR))


def _spread(rows: Weighed) -> Floats:
    """float64[r, s]: the most of a row that can be so far from its mean without more variance.

    A share p at a distance d adds a variance of p d^2 / (1 - p) at least, with all others at one weight.
    """
    own = rows.weights.astype(np.float64)
    nearest = np.clip(own, rows.low[:, None], rows.high[:, None])
    beyond = (own - nearest) ** 2
    variance = rows.variance[:, None]
    return _share(np.broadcast_to(variance, beyond.shape), variance + beyond, np.isfinite(variance) & (beyond > 0), 1.0)


def _share(above: Floats, below: Floats, where: Bools, otherwise: float) -> Floats:
    """float64[r, s]: a ratio from 0 to 1, and what else holds where there is no bound."""
    ratio = np.divide(above, below, out=np.full(where.shape, otherwise), where=where)
    share: Floats = np.clip(ratio, 0.0, 1.0)
    return share


def _whole(devices: Floats) -> Ints:
    return devices.astype(np.int64)


def _others(rows: Weighed) -> tuple[Floats, Floats]:
    """float64[r, s] each: the least and the greatest weight of the other strata of a row; its own without others."""
    ends = []
    for sign in (1.0, -1.0):
        weights = np.where(rows.possible, sign * rows.weights, np.inf)
        first = weights.argmin(axis=1)[:, None]
        least = np.take_along_axis(weights, first, axis=1)
        np.put_along_axis(weights, first, np.inf, axis=1)
        own = np.arange(rows.weights.size) == first
        other = np.where(own, weights.min(axis=1, keepdims=True), least)
        ends.append(np.where(np.isfinite(other), sign * other, rows.weights))
    return ends[0], ends[1]


def _measure(subject: Weighings, target: Target) -> Measured:
    k = target.policy.k
    pairs = told = there = wrong = bare = 0
    narrowest = []
    for rows in subject.rows:
        least, most = between(rows, k, subject.base)
        several = rows.possible & (rows.possible.sum(axis=1, keepdims=True) > 1)
        few = several & (rows.true > 0) & (rows.true < k)
        values = most - least + 1
        narrow = few & (values < k)
        pairs, told = pairs + int(few.sum()), told + int(narrow.sum())
        there += int((narrow & (least > 0)).sum())
        bare += int((few & (values < _LEFT)).sum())
        wrong += int((several & ((rows.true < least) | (rows.true > most))).sum())
        narrowest.append(int(values[few].min(initial=k)))
    figures = {
        _FEW: bare,
        "strata told": told,
        _TOLD: told / max(pairs, 1),
        "strata told to be there": there,
        "fewest values": min(narrowest, default=k),
        "wrong claims": wrong,
    }
    return Measured(figures, {"rows": sum(each.printed.size for each in subject.rows), "strata in rows": pairs})


def _weighed(target: Target) -> Weighings:
    """The rows of a release, people in tens."""
    found = [
        weighed_rows(target, day, measures)
        for day, measures in zip(target.days, target.reproduction.measures, strict=True)
    ]
    return Weighings(tuple(rows for of_day in found for rows in of_day), max(target.policy.rounding, 1))


def _with_variance(target: Target) -> Weighings:
    """The rows with the variance of the weights of their devices, of weights that nothing raises."""
    subject = _weighed(target)
    found = []
    for rows in subject.rows:
        devices = rows.true.sum(axis=1)
        mean = rows.true @ rows.weights / devices
        variance = rows.true @ rows.weights.astype(np.float64) ** 2 / devices - mean**2
        found.append(replace(rows, variance=variance + _SLACK))
    return Weighings(tuple(found), subject.base)


COMPOSITION: Final = Attack(
    number="T15",
    name=Words("Composition from people and devices", "Composition tirée des personnes et des appareils"),
    criterion="inference",
    what=Words(
        "how many devices of each weight are in a row, from the mean weight that its people and devices tell: numbers "
        "of 1 to k-1 that keep fewer than k values",
        "le nombre d'appareils de chaque poids dans une ligne, d'après le poids moyen que donnent personnes et "
        "appareils : nombres de 1 à k-1 auxquels restent moins de k valeurs",
    ),
    knowledge=Words(
        "all weights by home, age and country, which classes a row lists, and how many devices are missing in a slot",
        "tous les poids par domicile, âge et pays, les classes de chaque ligne, et combien d'appareils manquent dans "
        "un créneau",
    ),
    control=Words(
        "the same rows without people: every number up to that of the devices is possible",
        "les mêmes lignes sans les personnes : tout nombre jusqu'à celui des appareils est possible",
    ),
    levels=(
        Level(
            _TOLD,
            0.0,
            "DESIGN 9: each cross of classes keeps an interval of width k",
            Shortfall(0.10, "0013-people-from-mean-weight"),
        ),
        Level(_FEW, 0, "decision 0013"),
    ),
    subject=_weighed,
    measure=_measure,
    weaknesses=(
        Weakness(
            Words(
                "the variance of the weights printed, as for a design effect",
                "la variance des poids publiée, comme pour un effet de sondage",
            ),
            _with_variance,
            (_TOLD,),
        ),
    ),
)
