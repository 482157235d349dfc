"""T8: is a person whose every step is known among those who were counted?

Worlds are drawn: each is a random half of the people, so that a target is in some and not in others, and each
publishes its series of presence. From it the adversary works out a score; the area under the curve says how well it
tells the worlds with the target from those without. One score weighs each slot by what is expected in it, from the
steps of the people in general (after Pyrgelis, Troncoso and De Cristofaro, 2018); the other expects what the same
place shows in all other slots of the same release, and needs no other knowledge (after Guan et al., 2024).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymization.policy import Policy
from pipelines.arrays import Bools
from pipelines.attacks.finding import Attack, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.people.halves import Series, Traces, counted, published, traces
from pipelines.attacks.people.persons import persons
from pipelines.attacks.people.ranking import area_under_curve, found_at_false_alarms
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import EXACT, exact

Floats = npt.NDArray[np.float64]

WORLDS: Final = 200
FEWER_WORLDS: Final = 40
"""Enough to see that a score works."""
TARGETS: Final = 40
HALF: Final = 0.5
FALSE_ALARMS: Final = 0.01
_LEAST: Final = 1e-3
"""The least variance of a count, so that it can be divided by."""


@dataclass(frozen=True)
class Scored:
    """`scores` float64[2, targets, worlds], with and without knowledge; `inside` bool[targets, worlds]."""

    scores: Floats
    inside: Bools
    persons: int


def scored(target: Target, policy: Policy, worlds: int = WORLDS) -> Scored:
    """The scores of some people in worlds that are published under a policy."""
    steps = traces(target.days, persons(target))
    random = np.random.default_rng([target.seed, 8])
    known = np.flatnonzero((steps >= 0).mean(axis=1) > 0.25)
    chosen = np.sort(random.choice(known, min(TARGETS, known.size), replace=False))
    territory = target.inputs.territory
    expected = (HALF * counted(steps, territory.hexagons.size).T).astype(np.float64)
    scores, inside = [], []
    for _ in range(worlds):
        half = random.permutation(len(steps)) < len(steps) // 2
        series = published(counted(steps[half], territory.hexagons.size), territory, policy, random)
        scores.append(_scores(series, steps[chosen], expected, policy.rounding))
        inside.append(half[chosen])
    return Scored(np.stack(scores, axis=-1), np.stack(inside, axis=-1), len(steps))


def _scores(series: Series, steps: Traces, expected: Floats, base: int) -> Floats:
    """float64[2, targets]: how far the parts that a target is in are above what is expected of them."""
    # One more part, the first, for the hexagons of slots in which nothing is published.
    part = series.part.ravel() + 1
    shares = np.append(0.0, series.printed / np.maximum(series.size, 1))
    spread = shares[part].reshape(series.part.shape)
    elsewhere = (spread.sum(axis=0) - spread) / max(len(spread) - 1, 1)
    # Of a fraction f of the base, rounding adds f (1 - f) base^2, on average over f.
    noise = base**2 / 6 if base > 1 else _LEAST
    at = np.where(steps >= 0, series.part[np.arange(steps.shape[1]), np.maximum(steps, 0)], -1)
    found = []
    for means in (expected, elsewhere):
        mean = np.bincount(part, means.ravel(), shares.size)[1:]
        above = (series.printed - mean) / (HALF * np.maximum(mean, 1) + noise)
        found.append(np.where(at >= 0, above[at], 0).sum(axis=1))
    return np.stack(found)


def _told(found: Scored, target: Target) -> Measured:
    """How well each score tells whether a target is in a world."""
    if not len(found.inside):
        return Measured({}, skipped=Words("nobody is counted for long enough", "personne n'est compté assez longtemps"))
    figures = {}
    for name, scores in zip(("", ", without knowledge"), found.scores, strict=True):
        pairs = zip(scores, found.inside, strict=True)
        curves = np.array([area_under_curve(score, inside) for score, inside in pairs])
        figures[f"mean AUC{name}"] = float(curves.mean())
        figures[f"AUC of one target in ten{name}"] = float(np.quantile(curves, 0.9))
        figures[f"found at 1 % false alarms{name}"] = found_at_false_alarms(scores, found.inside, FALSE_ALARMS)
    targets, worlds = found.inside.shape
    return Measured(figures, {"targets": targets, "worlds": worlds, "persons": found.persons})


MEAN: Final = 0.65
IN_TEN: Final = 0.75
_KNOWN: Final = "0024-what-the-attacks-leave-open"
SOURCE: Final = "set for the battery before anything was measured"

MEMBERSHIP: Final = Attack(
    number="T8",
    name=Words("Membership", "Appartenance"),
    criterion="inference",
    what=Words(
        "whether a person is among those counted, from the presence of all slots and days",
        "si une personne fait partie des personnes comptées, d'après la présence de tous les créneaux et jours",
    ),
    knowledge=Words(
        "every step of the target, and how many people are in general where and when; once without the latter",
        "tous les pas de la cible, et combien de personnes sont en général où et quand ; une fois sans cela",
    ),
    control=Words(
        "releases of halves of the people without the target: guessing gives an AUC of 0.5",
        "publications de moitiés des personnes sans la cible : deviner donne une AUC de 0,5",
    ),
    levels=(
        Level("mean AUC", MEAN, SOURCE),
        Level("AUC of one target in ten", IN_TEN, SOURCE),
        Level("mean AUC, without knowledge", MEAN, SOURCE),
        Level("AUC of one target in ten, without knowledge", IN_TEN, SOURCE, Shortfall(0.82, _KNOWN)),
    ),
    subject=lambda target: scored(target, target.policy),
    measure=_told,
    weaknesses=(
        Weakness(
            EXACT,
            lambda target: scored(target, exact(target.policy), FEWER_WORLDS),
        ),
    ),
)
