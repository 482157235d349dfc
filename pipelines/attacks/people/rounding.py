"""T16: what many rounded figures of the same devices tell: of a part in a still night, and of one total."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Ints, starts_of_runs
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.members import counts
from pipelines.attacks.people.ranking import area_under_curve
from pipelines.attacks.people.rounded_sums import told_by_sums
from pipelines.attacks.people.still_nights import HALF, Series, drawn_anew, joined, series, still_nights
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS

Floats = npt.NDArray[np.float64]

_TINY: Final = 1e-300
"""Stands for what is impossible: the least likely figures that are possible are far above."""

_MOVES: Final = 0.8
_AROUND: Final = 3
"""In a release, counts are not still: up to so many devices more or less are thought of, each rarer than the last."""


@dataclass(frozen=True)
class Rounded:
    """Figures rounded to `base`: of a release, of still nights of its devices, and what sums of its rows tell.

    `span`: how far apart the figures of a run may be.
    """

    release: Series
    still: Series
    sums: Measured
    base: int
    span: int


@dataclass(frozen=True)
class Told:
    """What is told of runs: `score` float64[r], the log likelihood of a change by one halfway over that of none, and
    `count` int64[r], the likeliest constant. `printed` and `exact` int64[r, 2 HALF]: the figures.
    """

    score: Floats
    count: Ints
    printed: Ints
    exact: Ints

    @property
    def change(self) -> Ints:
        """int64[r]: by how many devices the true means of the halves differ, as a whole number."""
        before, after = self.exact[:, :HALF].mean(axis=1), self.exact[:, HALF:].mean(axis=1)
        difference: Ints = np.rint(np.abs(after - before)).astype(np.int64)
        return difference

    def exactly(self, guess: Ints) -> float:
        """The share of the runs without a change whose true mean, as a whole number, is guessed; 0 without any."""
        still = self.change == 0
        right = guess[still] == np.rint(self.exact[still].mean(axis=1))
        return float(right.mean()) if right.size else 0.0


def told(series: Series, base: int, span: int | None = None, moves: float = 0.0) -> Told:
    """What the printed figures tell of runs of 2 HALF slots in which they lie within a `span`, without one: the base.

    `moves`: how likely a slot has one device more than the part has in general, over how likely it has as many;
    further ones as in a normal distribution.
    """
    span = base if span is None else span
    length = 2 * HALF
    starts = np.flatnonzero(starts_of_runs(series.run))
    whole = np.diff(np.append(starts, series.run.size)) // length
    first = np.repeat(starts, whole) + length * (np.arange(whole.sum()) - np.repeat(np.cumsum(whole) - whole, whole))
    slots = first[:, None] + np.arange(length)
    slots = slots[np.ptp(series.printed[slots], axis=1) <= span] if first.size else slots
    printed = series.printed[slots]
    among = printed.min(axis=1)[:, None] + np.arange(-span, 2 * span + 1)
    before, after = (_likelihood(half, among, base, moves) for half in (printed[:, :HALF], printed[:, HALF:]))
    still = before * after
    moved = (before[:, 1:] * after[:, :-1] + before[:, :-1] * after[:, 1:]).sum(axis=1) / 2
    score = np.log(np.maximum(moved, _TINY)) - np.log(np.maximum(still.sum(axis=1), _TINY))
    count = among[np.arange(len(among)), still.argmax(axis=1)]
    return Told(score, count, printed, series.exact[slots])


def _likelihood(printed: Ints, among: Ints, base: int, moves: float) -> Floats:
    """float64[r, c]: how likely counts about `among` int64[r, c] are printed as int64[r, slots]."""
    each = _printed(printed, among, base)
    for more in range(1, _AROUND + 1) if moves else ():
        for count in (among - more, among + more):
            each += moves ** (more * more) * _printed(printed, count, base)
    likely: Floats = each.prod(axis=1)
    return likely


def _printed(printed: Ints, count: Ints, base: int) -> Floats:
    """float64[r, slots, c]: how likely counts int64[r, c] are printed as int64[r, slots]."""
    up = (count % base / base)[:, None, :]
    floor = (count - count % base)[:, None, :]
    each: Floats = np.where(printed[:, :, None] == floor, 1 - up, np.where(printed[:, :, None] == floor + base, up, 0))
    return each


def chance(yes: int, no: int) -> float:
    """Two standard deviations of the area where scores tell nothing (H. B. Mann and D. R. Whitney, 1947)."""
    return 2 * float(np.sqrt((yes + no + 1) / (12 * max(yes * no, 1))))


def _measure(subject: Rounded, _: Target) -> Measured:
    figures, tried = dict(subject.sums.figures), dict(subject.sums.tried)
    absent: dict[str, Words] = {}
    for where, figures_of, moves in (("release", subject.release, _MOVES), ("still night", subject.still, 0.0)):
        found = told(figures_of, subject.base, subject.span, moves)
        one, none = found.change == 1, found.change == 0
        auc = area_under_curve(found.score[one | none], one[one | none])
        by_chance = chance(int(one.sum()), int(none.sum()))
        figures[f"AUC of one device, {where}"] = auc
        figures[f"AUC of one device, {where}, less chance"] = auc - by_chance
        figures[f"counts told, {where}"] = found.exactly(found.count)
        figures[f"counts told by one figure, {where}"] = found.exactly(found.printed[:, HALF])
        tried[f"runs, {where}"], tried[f"changes of one, {where}"] = one.size, int(one.sum())
        tried[f"constant runs, {where}"] = int((np.ptp(found.exact, axis=1) == 0).sum())
        if 1 - by_chance <= _MOST:
            absent |= dict.fromkeys(_LEVELS.intersection(_of(where)), _too_few(int(one.sum()), int(none.sum())))
    return Measured({name: value for name, value in figures.items() if name not in absent}, tried, absent=absent)


def _of(where: str) -> tuple[str, str]:
    """The figures that a level may be of."""
    return f"AUC of one device, {where}", f"AUC of one device, {where}, less chance"


def _too_few(changes: int, others: int) -> Words:
    """Why runs are too few to tell anything."""
    bound = 1 - chance(changes, others)
    return Words(
        f"{changes} runs in which one device leaves and {others} in which none does are too few: even an AUC of 1, "
        f"less two standard deviations of chance, would be {bound:.2f}",
        f"{changes} suites qu'un appareil quitte et {others} sans départ ne suffisent pas : même une AUC de 1, moins "
        f"deux écarts-types du hasard, serait de {f'{bound:.2f}'.replace('.', ',')}",
    )


def _rounded(target: Target) -> Rounded:
    """The release, with the devices that are behind its figures."""
    exact = {name: np.zeros(table.num_rows, np.int64) for name, table in target.tables.items()}
    for day in target.behind.values():
        for name, found in day.items():
            exact[name] += counts(found, exact[name].size)
    by_slot = [name for name in exact if INDICATORS[name].window == "slot"]
    release = joined([series(target.tables[name], exact[name]) for name in by_slot])
    base = max(target.policy.rounding, 1)
    sums = told_by_sums(target.tables, exact, target.days, base)
    return Rounded(release, still_nights(target, target.policy), sums, base, base)


def _without_rounding(target: Target) -> Rounded:
    """The same release and the same nights with the devices that were counted."""
    subject = _rounded(target)
    release, still = (replace(each, printed=each.exact) for each in (subject.release, subject.still))
    return Rounded(release, still, Measured({}), 1, subject.span)


def _by_slot(target: Target) -> Rounded:
    """The same release and the same nights, each slot of each part rounded by a draw of its own."""
    subject = _rounded(target)
    random = np.random.default_rng([target.seed, 161])
    release, still = (drawn_anew(each, subject.base, random) for each in (subject.release, subject.still))
    return Rounded(release, still, Measured({}), subject.base, subject.span)


_MOST: Final = 0.65
_LEVEL: Final = "issue, the attack battery: membership inference, mean AUC <= 0.65"

_RELEASE: Final = "AUC of one device, release, less chance"
_STILL: Final = "AUC of one device, still night"
_LEVELS: Final = frozenset({_RELEASE, _STILL})

ROUNDING: Final = Attack(
    number="T16",
    name=Words("Averaging over a still night", "Moyenne sur une nuit calme"),
    criterion="inference",
    what=Words(
        "figures by slot that are drawn anew for the same devices of a part, which one device leaves unseen in the "
        "middle of a run of four hours; figures by hour are no such runs, and totals that are sums of rows as well "
        "are told of beside the levels",
        "des chiffres par créneau tirés à nouveau pour les mêmes appareils d'une partie, qu'un appareil quitte au "
        "milieu d'une suite de quatre heures ; les chiffres par heure n'en font pas partie, et ce que disent les "
        "totaux qui sont aussi des sommes de lignes est donné à côté des seuils",
    ),
    knowledge=Words(
        "the printed figures, the base of rounding, and that nobody moves but one device or none",
        "les chiffres publiés, la base d'arrondi, et que personne ne bouge, sauf un appareil ou aucun",
    ),
    control=Words(
        "runs without a change (AUC 0.5 tells nothing), and the guess by a single printed figure",
        "les suites sans changement (une AUC de 0,5 n'apprend rien), et l'estimation par un seul chiffre publié",
    ),
    levels=(Level(_RELEASE, _MOST, _LEVEL), Level(_STILL, _MOST, _LEVEL)),
    subject=_rounded,
    measure=_measure,
    weaknesses=(
        Weakness(Words("no rounding: base 0", "sans arrondi : base 0"), _without_rounding),
        Weakness(Words("a draw of its own for every slot", "un tirage propre à chaque créneau"), _by_slot, (_STILL,)),
    ),
)
