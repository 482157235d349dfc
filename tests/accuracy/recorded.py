"""The recorded bounds: what was measured once, with a margin, so that it does not get worse unseen."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipelines.score.bound import Bound, read_bounds
from tests.accuracy.headlines import HEADLINES, Headline

FILE: Final = Path(__file__).with_name("bounds.json")

MARGIN: Final = 0.15
"""An error may grow by so much of itself; a share that should be 1 may fall by so much of itself or of its shortfall,
whichever is less."""

LEAST_MARGIN: Final = 0.005
"""The margin of figures that are nearly perfect."""

_DIGITS: Final = 4


def bounds_of(medians: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The bound of each headline that was measured, as `hexaflux score --bounds` reads them."""
    return {each.key: _bound(each, medians[each.key]) for each in HEADLINES if each.key in medians}


def write(medians: Mapping[str, float], file: Path = FILE) -> None:
    """Record what was measured."""
    file.write_text(json.dumps(bounds_of(medians), indent=2) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> dict[str, Bound]:
    """The recorded bounds by key; none where nothing was recorded yet."""
    return {bound.key: bound for bound in read_bounds(file)} if file.exists() else {}


def _bound(headline: Headline, value: float) -> dict[str, float]:
    """The value with its margin; a target that is met is kept."""
    target = headline.target
    if headline.more_is_better:
        least = max(round(value - _margin(min(value, 1 - value)), _DIGITS), 0)
        met = target is not None and target.least is not None and value >= target.least
        return {"min": max(least, target.least) if met else least}
    most = round(value + _margin(value), _DIGITS)
    met = target is not None and target.most is not None and value <= target.most
    return {"max": min(most, target.most) if met else most}


def _margin(distance: float) -> float:
    return max(abs(distance) * MARGIN, LEAST_MARGIN)
