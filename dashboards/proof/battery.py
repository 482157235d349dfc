"""The report of the attack battery beside a release, as `hexaflux attack` writes it. No manifest covers it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from dashboards.texts import Text
from schemas.attack_report import Evidence, Verdict, attack_report
from schemas.errors import InputError

LARGEST: Final = 5 * 2**20
"""Bytes; a report has some hundred thousand."""


@dataclass(frozen=True)
class Shortfall:
    """How far beyond a level the release is known to go, and the decision that says so."""

    most: float
    decision: str


@dataclass(frozen=True)
class Worth:
    """What weakened releases say of a level, and the most that one of them reached; None where it is no number."""

    verdict: Evidence
    most: float | None


@dataclass(frozen=True)
class Level:
    """What a figure was and may be at most; None where it is no number.

    `absent`: why the level was not attacked, and then there is no evidence.
    """

    figure: Text
    measured: float | None
    most: float | None
    outcome: Verdict
    known: Shortfall | None
    absent: Text | None
    evidence: Worth | None


@dataclass(frozen=True)
class Weak:
    """A release that was weakened on purpose, and whether it was broken, as it must be where it was built."""

    name: Text
    built: bool
    broken: bool


@dataclass(frozen=True)
class Attack:
    """One attack; `skipped`: why there was nothing to attack."""

    number: str
    name: Text
    criterion: str
    what: Text
    knowledge: Text
    verdict: Verdict
    skipped: Text | None
    levels: tuple[Level, ...]
    weak_releases: tuple[Weak, ...]


@dataclass(frozen=True)
class Criterion:
    """One of the three criteria, and the verdict on its attacks."""

    criterion: str
    name: Text
    verdict: Verdict


@dataclass(frozen=True)
class Summary:
    """How many levels were attacked, and of how many no weakened release is evidence."""

    levels: int
    levels_untested: int


@dataclass(frozen=True)
class Battery:
    """All attacks on the release whose chain ended in `head`."""

    schema: Literal[2]
    head: str
    passed: bool
    summary: Summary
    criteria: tuple[Criterion, ...]
    attacks: tuple[Attack, ...]


_BATTERY: Final = TypeAdapter(Battery)


def read_battery(release: Path) -> Battery | None:
    """The report on a release, None where there is none; raises InputError for one that cannot be read."""
    path = attack_report(release)
    try:
        with path.open("rb") as file:
            return _BATTERY.validate_json(file.read(LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise InputError(
            f"{path.name}: expected the report of an attack battery, found something else",
            "run hexaflux attack again: it writes the report anew",
        ) from None
