"""The battery: every attack on a release and on weak ones, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipelines.attacks.composition import COMPOSITION
from pipelines.attacks.dictionary import DICTIONARY
from pipelines.attacks.everything import EVERYTHING
from pipelines.attacks.finding import BROKEN, AnyAttack, Finding
from pipelines.attacks.joint import JOINT
from pipelines.attacks.linkage import LINKAGE
from pipelines.attacks.membership import MEMBERSHIP
from pipelines.attacks.rebuild import REBUILD
from pipelines.attacks.republication import REPUBLICATION
from pipelines.attacks.rounding import ROUNDING
from pipelines.attacks.target import Target
from pipelines.attacks.threshold import THRESHOLD
from pipelines.attacks.trajectory import TRAJECTORY
from pipelines.attacks.unicity import UNICITY
from pipelines.progress import Progress

ATTACKS: Final[tuple[AnyAttack, ...]] = (
    THRESHOLD,
    REPUBLICATION,
    MEMBERSHIP,
    TRAJECTORY,
    REBUILD,
    DICTIONARY,
    LINKAGE,
    UNICITY,
    COMPOSITION,
    ROUNDING,
    JOINT,
    EVERYTHING,
)
"""All attacks, in the order of the report: a new one is added here."""


@dataclass(frozen=True)
class Report:
    """What the battery found."""

    findings: tuple[Finding[Any], ...]

    @property
    def broken(self) -> tuple[Finding[Any], ...]:
        """Attacks that went beyond a level on the release."""
        return tuple(each for each in self.findings if each.outcome == BROKEN)

    @property
    def idle(self) -> tuple[Finding[Any], ...]:
        """Attacks that did not break a weak release: they are no evidence."""
        return tuple(each for each in self.findings if each.unbroken)

    @property
    def passed(self) -> bool:
        """Whether the release held against every attack, and every attack works."""
        return not self.broken and not self.idle


def attack(target: Target, progress: Progress, attacks: Sequence[AnyAttack] = ATTACKS) -> Report:
    """Carry out the attacks."""
    findings = []
    with progress.task("Attacking", sum(1 + len(each.weaknesses) for each in attacks)) as advance:
        for each in attacks:
            found = each.measure(each.subject(target), target)
            advance(1)
            weakened = []
            for weakness in each.weaknesses:
                if not found.skipped:
                    weakened.append(each.measure(weakness.build(target), target))
                advance(1)
            findings.append(Finding(each, found, tuple(weakened)))
    return Report(tuple(findings))
