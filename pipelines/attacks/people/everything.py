"""T18: membership, by one who has every row of every indicator, and may know how everybody's steps go together.

Of our own, and stronger than T8: the rows of all declared indicators at once. Worlds are drawn as there, but the rows
are the same in all of them, those of the release with twice the k: in a half of the people they hold about k, as those
of a release do, or fewer. No release is so kind to an adversary as to keep its parts whatever is counted.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymization.policy import Policy
from anonymization.rounding import round_to_base
from pipelines.arrays import Bools, Ints
from pipelines.attacks.finding import Attack, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.people.incidence import Incidence, incidence
from pipelines.attacks.people.membership import FEWER_WORLDS, HALF, IN_TEN, MEAN, SOURCE, TARGETS
from pipelines.attacks.people.persons import persons
from pipelines.attacks.people.ranking import area_under_curve
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import EXACT, exact, published_with

Floats = npt.NDArray[np.float64]

WORLDS: Final = 300
_LEAST_VARIANCE: Final = 1e-3
"""Of a count that is printed as it is, so that it can be divided by."""


@dataclass(frozen=True)
class Worlds:
    """Halves of the people, and what every row prints of each: `inside` bool[persons, worlds], `printed` int64[rows,
    worlds]; `noise`: the variance that rounding adds to a count.
    """

    rows: Incidence
    inside: Bools
    printed: Ints
    noise: float


def worlds(target: Target, policy: Policy, number: int = WORLDS) -> Worlds:
    """Worlds of a release under a policy, of which k is doubled for rows to hold k in a half."""
    published = published_with(target, replace(policy, k=2 * policy.k))
    rows = incidence(published.tables, persons(target), target)
    random = np.random.default_rng([target.seed, 18])
    people = rows.behind.shape[1]
    inside = random.random((people, number)).argsort(axis=0) < people * HALF
    counts = np.rint(rows.behind @ inside.astype(np.float32)).astype(np.int64)
    draws = random.integers(0, 2**32, counts.size, np.uint32)
    base = policy.rounding
    printed = round_to_base(counts.ravel(), draws, base).reshape(counts.shape) if base > 1 else counts
    # Of a fraction f of the base, rounding adds f (1 - f) base^2, on average over f.
    return Worlds(rows, inside, printed, base**2 / 6 if base > 1 else _LEAST_VARIANCE)


def _told(found: Worlds, target: Target) -> Measured:
    """How well each score tells whether a target is in a world."""
    rows_of = np.diff(found.rows.by_person.indptr)
    # A person that is in few rows has little to be told by.
    known = np.flatnonzero(rows_of > rows_of.max(initial=0) / 4)
    if not known.size:
        return Measured({}, skipped=Words("nobody is behind any row", "personne n'est derrière une ligne"))
    chosen = np.random.default_rng([target.seed, 81]).choice(known, min(TARGETS, known.size), replace=False)
    curves = np.array([_curves(found, int(person)) for person in chosen])
    figures = {}
    for name, of_score in zip(("", ", with everybody known"), curves.T, strict=True):
        figures[f"mean AUC{name}"] = float(of_score.mean())
        figures[f"AUC of one target in ten{name}"] = float(np.quantile(of_score, 0.9))
    rows, number = found.printed.shape
    return Measured(figures, {"targets": chosen.size, "worlds": number, "persons": rows_of.size, "rows": rows})


def _curves(found: Worlds, person: int) -> tuple[float, float]:
    """The areas under the curves of both scores of a person: each row by itself, and all rows as they go together."""
    matrix = found.rows.by_person
    rows = matrix.indices[matrix.indptr[person] : matrix.indptr[person + 1]]
    behind = found.rows.behind[rows]
    above = found.printed[rows] - HALF * found.rows.sizes[rows, None]
    together = HALF * (1 - HALF) * (behind @ behind.T).toarray().astype(np.float64) + found.noise * np.eye(rows.size)
    alone = 1 / np.diag(together)
    best = np.linalg.solve(together, np.ones(rows.size))
    inside = found.inside[person]
    return area_under_curve(alone @ above, inside), area_under_curve(best @ above, inside)


_KNOWN: Final = "0024-what-the-attacks-leave-open"

EVERYTHING: Final = Attack(
    number="T18",
    name=Words("Membership by all indicators", "Appartenance d'après tous les indicateurs"),
    criterion="inference",
    what=Words(
        "whether a person is among those counted, from all rows of all indicators at once",
        "si une personne fait partie des personnes comptées, d'après toutes les lignes de tous les indicateurs",
    ),
    knowledge=Words(
        "every step of the target, what each row prints on average; then also how the steps of everybody go together",
        "tous les pas de la cible, ce que chaque ligne affiche en moyenne ; puis aussi les pas de tous les autres",
    ),
    control=Words(
        "the same rows of halves of the people without the target: guessing gives an AUC of 0.5",
        "les mêmes lignes pour des moitiés sans la cible : deviner donne une AUC de 0,5",
    ),
    levels=(
        Level("mean AUC", MEAN, SOURCE),
        Level("AUC of one target in ten", IN_TEN, SOURCE),
        Level("mean AUC, with everybody known", MEAN, SOURCE, Shortfall(0.75, _KNOWN)),
        Level("AUC of one target in ten, with everybody known", IN_TEN, SOURCE, Shortfall(0.85, _KNOWN)),
    ),
    subject=lambda target: worlds(target, target.policy),
    measure=_told,
    weaknesses=(
        Weakness(
            EXACT,
            lambda target: worlds(target, exact(target.policy), FEWER_WORLDS),
        ),
    ),
)
