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
from pipelines.attacks.people.still_nights import HALF, Series, joined, series, still_nights
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS

Floats = npt.NDArray[np.float64]

_TINY: Final = 1e-300
"""Stands for what is impossible: the least likely figures that are possible are far above."""


@dataclass(frozen=True)
class Rounded:
    """Figures rounded to `base`: of a release, of still nights of its devices, and what sums of its rows tell."""

    release: Series
    still: Series
    sums: Measured
    base: int


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


def told(series: Series, base: int) -> Told:
    """What the printed figures tell of runs of 2 HALF slots in which they lie within one base."""
    length = 2 * HALF
    starts = np.flatnonzero(starts_of_runs(series.run))
    whole = np.diff(np.append(starts, series.run.size)) // length
    first = np.repeat(starts, whole) + length * (np.arange(whole.sum()) - np.repeat(np.cumsum(whole) - whole, whole))
    slots = first[:, None] + np.arange(length)
    slots = slots[np.ptp(series.printed[slots], axis=1) <= base] if first.size else slots
    printed = series.printed[slots]
    among = printed.min(axis=1)[:, None] + np.arange(-base, 2 * base + 1)
    before, after = (_likelihood(half, among, base) for half in (printed[:, :HALF], printed[:, HALF:]))
    still = before * after
    moved = (before[:, 1:] * after[:, :-1] + before[:, :-1] * after[:, 1:]).sum(axis=1) / 2
    score = np.log(np.maximum(moved, _TINY)) - np.log(np.maximum(still.sum(axis=1), _TINY))
    count = among[np.arange(len(among)), still.argmax(axis=1)]
    return Told(score, count, printed, series.exact[slots])


def _likelihood(printed: Ints, among: Ints, base: int) -> Floats:
    """float64[r, c]: how likely constant counts `among` int64[r, c] are printed as int64[r, slots]."""
    up = (among % base / base)[:, None, :]
    floor = (among - among % base)[:, None, :]
    each = np.where(printed[:, :, None] == floor, 1 - up, np.where(printed[:, :, None] == floor + base, up, 0))
    likely: Floats = each.prod(axis=1)
    return likely


def chance(yes: int, no: int) -> float:
    """Two standard deviations of the area where scores tell nothing (H. B. Mann and D. R. Whitney, 1947)."""
    return 2 * float(np.sqrt((yes + no + 1) / (12 * max(yes * no, 1))))


def _measure(subject: Rounded, _: Target) -> Measured:
    figures, tried = dict(subject.sums.figures), dict(subject.sums.tried)
    for where, figures_of in (("release", subject.release), ("still night", subject.still)):
        found = told(figures_of, subject.base)
        one, none = found.change == 1, found.change == 0
        auc = area_under_curve(found.score[one | none], one[one | none])
        figures[f"AUC of one device, {where}"] = auc
        figures[f"AUC of one device, {where}, less chance"] = auc - chance(int(one.sum()), int(none.sum()))
        figures[f"counts told, {where}"] = found.exactly(found.count)
        figures[f"counts told by one figure, {where}"] = found.exactly(found.printed[:, HALF])
        tried[f"runs, {where}"], tried[f"changes of one, {where}"] = one.size, int(one.sum())
        tried[f"constant runs, {where}"] = int((np.ptp(found.exact, axis=1) == 0).sum())
    return Measured(figures, tried)


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
    return Rounded(release, still_nights(target, target.policy), sums, base)


def _without_rounding(target: Target) -> Rounded:
    """The same still nights with the devices that were counted; a release is not needed to show what they tell."""
    none = joined([])
    return Rounded(none, still_nights(target, replace(target.policy, rounding=0)), Measured({}), 1)


_LEVEL: Final = "issue, the attack battery: membership inference, mean AUC <= 0.65"

ROUNDING: Final = Attack(
    number="T16",
    name=Words("Averaging over a still night", "Moyenne sur une nuit calme"),
    criterion="inference",
    what=Words(
        "figures that are drawn anew for the same devices: a part by slot, of which one device leaves unseen in the "
        "middle of a run, and totals that are sums of rows as well",
        "des chiffres tirés à nouveau pour les mêmes appareils : une partie par créneau, qu'un appareil quitte au "
        "milieu d'une suite, et des totaux qui sont aussi des sommes de lignes",
    ),
    knowledge=Words(
        "the printed figures, the base of rounding, and that nobody moves but one device or none",
        "les chiffres publiés, la base d'arrondi, et que personne ne bouge, sauf un appareil ou aucun",
    ),
    control=Words(
        "runs without a change (AUC 0.5 tells nothing), and the guess by a single printed figure",
        "les suites sans changement (une AUC de 0,5 n'apprend rien), et l'estimation par un seul chiffre publié",
    ),
    levels=(
        Level("AUC of one device, release, less chance", 0.65, _LEVEL),
        Level("AUC of one device, still night", 0.65, _LEVEL),
    ),
    subject=_rounded,
    measure=_measure,
    weaknesses=(Weakness(Words("no rounding: base 0", "sans arrondi : base 0"), _without_rounding),),
)
