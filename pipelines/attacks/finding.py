"""What an attack is, and what was found when it was carried out."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeVar

from schemas.attack_report import Outcome

if TYPE_CHECKING:
    from pipelines.attacks.target import Target

Criterion: TypeAlias = Literal["singling out", "linkability", "inference"]
"""The three tests of WP29 Opinion 05/2014."""

S = TypeVar("S")
"""What an attack looks at: published tables, files, pseudonyms."""


@dataclass(frozen=True)
class Shortfall:
    """How far beyond a level a release is known to go, and the decision that says why and what less would cost."""

    most: float
    decision: str


@dataclass(frozen=True)
class Level:
    """What one figure of an attack may reach at most; it is fixed before anything is measured.

    `figure`: its name among the figures that the attack measures; `source`: who set it. `known`: the default is known
    to miss it, and says so. `check`: it is a test of the attack itself, which no weak release is made to go beyond.
    """

    figure: str
    most: float
    source: str
    known: Shortfall | None = None
    check: bool = False

    def holds(self, value: float) -> bool:
        """Whether a measured value is within the level; what is no number is not."""
        return value <= self.most

    def is_known(self, value: float) -> bool:
        """Whether a value beyond the level is one that is known and stated."""
        return self.known is not None and value <= self.known.most

    def is_broken(self, value: float) -> bool:
        """Whether a weak release that reaches the value shows that the level can be missed.

        It has to go beyond what a sound release is known to reach as well, and what is no number shows nothing.
        """
        return math.isfinite(value) and not self.check and not self.holds(value) and not self.is_known(value)


@dataclass(frozen=True)
class Words:
    """A sentence in both languages of the report."""

    en: str
    fr: str


@dataclass(frozen=True)
class Measured:
    """The figures that an attack measured, by name, among them one for each level.

    `tried`: what it was tried on, in numbers (rows, devices, windows). `skipped`: why there was nothing to attack, and
    then there are no figures. `absent`: the figures of levels that could not be measured here, each with the reason
    (`{"risk over all days": Words("there is one day", "il n'y a qu'un jour")}`): such a figure is left out of
    `figures`, and its level is told as not attacked, never as held.
    """

    figures: Mapping[str, float]
    tried: Mapping[str, int] = field(default_factory=dict)
    skipped: Words | None = None
    absent: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Weakness(Generic[S]):
    """A way to weaken a release, by which an attack shows that it works: what it lacks, and how that is made.

    `breaks`: the figures whose levels it is made to break, one of which it must; without any, one of all levels. Where
    all that it names are absent of the release, it is not built, since there is nothing to give evidence of.
    """

    name: Words
    build: "Callable[[Target], S]"
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attack(Generic[S]):
    """One attack, declared once: how it is carried out, on what, and what must break for it to count.

    `measure` is the attack; it is carried out on `subject(target)`, and then on what each of the `weaknesses` builds,
    where it must break a level. `what`, `knowledge`, `control`: what is attacked, what the adversary knows, and
    what success is compared with. The order of `number` is that of the report.
    """

    number: str
    name: Words
    criterion: Criterion
    what: Words
    knowledge: Words
    control: Words
    levels: tuple[Level, ...]
    subject: "Callable[[Target], S]"
    measure: "Callable[[S, Target], Measured]"
    weaknesses: tuple[Weakness[S], ...]


HELD: Final = "held"
KNOWN: Final = "known shortfall"
BROKEN: Final = "broken"
NOT_ATTACKED: Final = "not attacked"


@dataclass(frozen=True)
class Shown:
    """What the weak releases show of a level: the most that one of them reached, None without a number.

    `beyond`: that is beyond the level and beyond what is known of it, so that the level can be missed.
    """

    most: float | None
    beyond: bool


@dataclass(frozen=True)
class Finding(Generic[S]):
    """What an attack found in a release, and in each weak one; none of these where there was nothing to attack."""

    attack: Attack[S]
    found: Measured
    weakened: tuple[Measured, ...]

    @property
    def attacked(self) -> tuple[Level, ...]:
        """The levels that were measured on the release."""
        if self.found.skipped:
            return ()
        return tuple(level for level in self.attack.levels if level.figure not in self.found.absent)

    @property
    def outcome(self) -> Outcome:
        """Whether the release held, missed a level as is known of it, was broken, or had nothing to attack."""
        if not self.attacked:
            return NOT_ATTACKED
        missed = self.beyond(self.found)
        if not missed:
            return HELD
        return KNOWN if all(level.is_known(self.found.figures[level.figure]) for level in missed) else BROKEN

    @property
    def built(self) -> int:
        """How many weak releases were attacked."""
        return sum(not self.spared(weak) for weak in self.attack.weaknesses) if self.weakened else 0

    @property
    def unbroken(self) -> tuple[Weakness[S], ...]:
        """The weak releases that held: of their weakness, the attack is no evidence."""
        pairs = zip(self.attack.weaknesses, self.weakened, strict=True) if self.weakened else ()
        return tuple(weak for weak, measured in pairs if not self.spared(weak) and not self.broken(weak, measured))

    @property
    def untested(self) -> tuple[Level, ...]:
        """The levels of which no weak release is evidence: that the release is within them shows nothing."""
        return tuple(level for level in self.attacked if not level.check and not self.shown(level).beyond)

    def beyond(self, measured: Measured) -> tuple[Level, ...]:
        """The levels that figures go beyond; raises KeyError where one is neither measured nor absent."""
        present = (level for level in self.attacked if level.figure not in measured.absent)
        return tuple(level for level in present if not level.holds(measured.figures[level.figure]))

    def spared(self, weakness: Weakness[S]) -> bool:
        """Whether a weak release need not be built: all that it is made to break is absent of the release."""
        return bool(weakness.breaks) and all(figure in self.found.absent for figure in weakness.breaks)

    def broken(self, weakness: Weakness[S], measured: Measured) -> tuple[Level, ...]:
        """The levels that a weak release breaks, among those that it is made to break."""
        asked = (level for level in self.attacked if not weakness.breaks or level.figure in weakness.breaks)
        return tuple(level for level in asked if level.is_broken(_figure(level, measured)))

    def shown(self, level: Level) -> Shown:
        """What the weak releases show of a level."""
        numbers = self.reached(level)
        return Shown(max(numbers, default=None), any(map(level.is_broken, numbers)))

    def reached(self, level: Level) -> tuple[float, ...]:
        """What the weak releases reached of a level, but for those without a number."""
        return tuple(value for each in self.weakened if math.isfinite(value := _figure(level, each)))


def _figure(level: Level, weak: Measured) -> float:
    """What a weak release reached, no number where it was not measured; raises KeyError where that is not said."""
    return math.nan if weak.skipped or level.figure in weak.absent else weak.figures[level.figure]


AnyAttack: TypeAlias = Attack[Any]
"""What an attack looks at is between its own functions."""
