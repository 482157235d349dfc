"""What an attack is, and what was found when it was carried out."""

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
    to miss it, and says so.
    """

    figure: str
    most: float
    source: str
    known: Shortfall | None = None

    def holds(self, value: float) -> bool:
        """Whether a measured value is within the level; what is no number is not."""
        return value <= self.most

    def is_known(self, value: float) -> bool:
        """Whether a value beyond the level is one that is known and stated."""
        return self.known is not None and value <= self.known.most


@dataclass(frozen=True)
class Words:
    """A sentence in both languages of the report."""

    en: str
    fr: str


@dataclass(frozen=True)
class Measured:
    """The figures that an attack measured, by name, among them one for each level.

    `tried`: what it was tried on, in numbers (rows, devices, windows). `skipped`: why there was nothing to attack, and
    then there are no figures.
    """

    figures: Mapping[str, float]
    tried: Mapping[str, int] = field(default_factory=dict)
    skipped: Words | None = None


@dataclass(frozen=True)
class Weakness(Generic[S]):
    """A way to weaken a release, by which an attack shows that it works: what it lacks, and how that is made."""

    name: Words
    build: "Callable[[Target], S]"


@dataclass(frozen=True)
class Attack(Generic[S]):
    """One attack, declared once: how it is carried out, on what, and what must break for it to count.

    `measure` is the attack; it is carried out on `subject(target)`, and then on what each of the `weaknesses` builds,
    where it must go beyond a level. `what`, `knowledge`, `control`: what is attacked, what the adversary knows, and
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
class Finding(Generic[S]):
    """What an attack found in a release, and in each weak one; none of these where there was nothing to attack."""

    attack: Attack[S]
    found: Measured
    weakened: tuple[Measured, ...]

    @property
    def outcome(self) -> Outcome:
        """Whether the release held, missed a level as is known of it, was broken, or had nothing to attack."""
        if self.found.skipped:
            return NOT_ATTACKED
        missed = self.beyond(self.found)
        if not missed:
            return HELD
        return KNOWN if all(level.is_known(self.found.figures[level.figure]) for level in missed) else BROKEN

    @property
    def unbroken(self) -> tuple[Weakness[S], ...]:
        """The weak releases that held: of their weakness, the attack is no evidence."""
        pairs = zip(self.attack.weaknesses, self.weakened, strict=True) if self.weakened else ()
        return tuple(weak for weak, measured in pairs if not self._is_broken(measured))

    def _is_broken(self, weak: Measured) -> bool:
        """Whether a weak release is beyond a level; a figure that is no number shows nothing."""
        return not weak.skipped and any(weak.figures[level.figure] > level.most for level in self.attack.levels)

    def beyond(self, measured: Measured) -> tuple[Level, ...]:
        """The levels that the figures go beyond; raises KeyError where a figure was not measured."""
        return tuple(level for level in self.attack.levels if not level.holds(measured.figures[level.figure]))


AnyAttack: TypeAlias = Attack[Any]
"""What an attack looks at is between its own functions."""
