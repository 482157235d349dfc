"""Bounds of figures: what is promised, or what was once measured."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipelines.score.figure import Figure
from schemas.errors import InputError


@dataclass(frozen=True)
class Bound:
    """What a figure may at most or must at least be; `required`: a figure that is not there misses it."""

    key: str
    most: float | None = None
    least: float | None = None
    required: bool = False

    def __str__(self) -> str:
        """The bound in words."""
        sides = [("at least", self.least), ("at most", self.most)]
        return " and ".join(f"{words} {value:g}" for words, value in sides if value is not None)


@dataclass(frozen=True)
class Judged:
    """A bound, the value that was measured (None where none was), and whether it is met (None: cannot be said)."""

    bound: Bound
    value: float | None
    met: bool | None

    @property
    def verdict(self) -> str:
        """Whether it is met, in a word."""
        return {True: "met", False: "missed", None: "not measured"}[self.met]


def _distances(name: str, most: float) -> tuple[Bound, ...]:
    return tuple(Bound(f"{name}.distance.{of}", most=most) for of in ("weighted", "median"))


TARGETS: Final = (
    Bound("attendance.venue.2000+.median", most=0.05),
    Bound("attendance.commune.2000+.median", most=0.03),
    *_distances("dwell", 0.06),
    *_distances("attendance_by_age", 0.05),
    *_distances("attendance_by_spc", 0.05),
    *_distances("presence_by_age", 0.05),
    *_distances("presence_by_spc", 0.05),
    Bound("attendance_by_category.right", least=0.95),
    Bound("flows.hour.common_part", least=0.9),
    Bound("event.error", most=0.08),
    Bound("event.peak", least=0.97),
)
"""What the product aims at; a figure that a release does not have is no miss."""


def judge(bounds: Sequence[Bound], figures: Sequence[Figure]) -> tuple[Judged, ...]:
    """Hold figures against bounds."""
    values = {figure.key: figure.value for figure in figures}
    return tuple(_judged(bound, values.get(bound.key)) for bound in bounds)


def read_bounds(path: Path) -> tuple[Bound, ...]:
    """The bounds of a file, all of them required; raises InputError for one that cannot be used."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_bound(key, sides) for key, sides in content.items())
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(
            f"{path}: expected JSON of bounds by figure, got something else ({error})",
            'write it like this: {"dwell.distance.median": {"max": 0.06}, "flows.hour.common_part": {"min": 0.9}}',
        ) from None


def _bound(key: str, sides: Mapping[str, Any]) -> Bound:
    if not sides or not sides.keys() <= {"max", "min"}:
        raise ValueError(f"{key} needs max, min or both")
    numbers = {side: float(value) for side, value in sides.items()}
    return Bound(key, numbers.get("max"), numbers.get("min"), required=True)


def _judged(bound: Bound, value: float | None) -> Judged:
    if value is None:
        return Judged(bound, None, False if bound.required else None)
    below = bound.most is None or value <= bound.most
    return Judged(bound, value, below and (bound.least is None or value >= bound.least))
