"""How well a score tells one case from the other."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def area_under_curve(score: Floats, positive: Bools) -> float:
    """The chance that a positive case scores higher than another, ties counting half; 0.5 without cases of a kind.

    Source: the rank statistic of Mann and Whitney, 1947.
    """
    hits, others = int(positive.sum()), int((~positive).sum())
    if not hits or not others:
        return 0.5
    _, place, size = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(size) - (size - 1) / 2
    return float((rank[place[positive]].sum() - hits * (hits + 1) / 2) / (hits * others))


def found_at_false_alarms(scores: Floats, positive: Bools, rate: float) -> float:
    """The share of positive cases above what a share `rate` of the others exceeds.

    `scores` and `positive` [targets, cases]: those of a target are first measured by its other cases, so that all
    targets share one bound.
    """
    others = np.where(positive, np.nan, scores)
    spread = np.nanstd(others, axis=1, keepdims=True)
    measured = (scores - np.nanmean(others, axis=1, keepdims=True)) / np.where(spread > 0, spread, 1)
    bound = np.quantile(measured[~positive], 1 - rate)
    return float((measured[positive] > bound).mean())
