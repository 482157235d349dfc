"""What the towns say together: the median of each headline over the seeds, against its target and recorded bound."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.score.bound import Bound, judge
from pipelines.score.figure import Figure
from tests.accuracy.headlines import HEADLINES, Headline


@dataclass(frozen=True)
class Line:
    """A headline: its value for each seed (None where there is none), their median, whether target and bound are met.

    `kept` is None where nothing is recorded; a headline that has a bound and was not measured does not keep it.
    """

    headline: Headline
    values: tuple[float | None, ...]
    median: float | None
    bound: Bound | None
    reached: bool | None
    kept: bool | None


def medians(towns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each headline over the towns that have it."""
    found = {headline.key: [town[headline.key] for town in towns if headline.key in town] for headline in HEADLINES}
    return {key: statistics.median(values) for key, values in found.items() if values}


def lines(towns: Sequence[Mapping[str, float]], bounds: Mapping[str, Bound]) -> list[Line]:
    """One line for each headline that was measured or has a target or a bound."""
    overall = medians(towns)
    return [
        _line(headline, towns, overall.get(headline.key), bounds.get(headline.key))
        for headline in HEADLINES
        if headline.key in overall or headline.target is not None or headline.key in bounds
    ]


def broken(found: Sequence[Line]) -> list[str]:
    """The headlines that are worse than what was recorded."""
    return [line.headline.key for line in found if line.kept is False]


def _line(headline: Headline, towns: Sequence[Mapping[str, float]], median: float | None, bound: Bound | None) -> Line:
    values = tuple(town.get(headline.key) for town in towns)
    return Line(headline, values, median, bound, _met(headline.target, median), _met(bound, median))


def _met(bound: Bound | None, value: float | None) -> bool | None:
    if bound is None:
        return None
    figures = [] if value is None else [Figure(bound.key, value, 1)]
    return judge([bound], figures)[0].met
