"""The battery: every attack on a release and on weak ones, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pipelines.attacks.figures.differencing import DIFFERENCING
from pipelines.attacks.figures.disjoint import DISJOINT
from pipelines.attacks.figures.homogeneity import HOMOGENEITY
from pipelines.attacks.figures.scaling import SCALING
from pipelines.attacks.figures.threshold import THRESHOLD
from pipelines.attacks.files.dictionary import DICTIONARY
from pipelines.attacks.files.linkage import LINKAGE
from pipelines.attacks.files.rebuild import REBUILD
from pipelines.attacks.files.republication import REPUBLICATION
from pipelines.attacks.files.unicity import UNICITY
from pipelines.attacks.finding import BROKEN, AnyAttack, Finding, Measured, Weakness
from pipelines.attacks.people.everything import EVERYTHING
from pipelines.attacks.people.membership import MEMBERSHIP
from pipelines.attacks.people.rounding import ROUNDING
from pipelines.attacks.people.trajectory import TRAJECTORY
from pipelines.attacks.solving.composition import COMPOSITION
from pipelines.attacks.solving.joint import JOINT
from pipelines.attacks.solving.minimality import MINIMALITY
from pipelines.attacks.solving.recovery import RECOVERY
from pipelines.attacks.target import Target
from pipelines.progress import Progress

ATTACKS: Final[tuple[AnyAttack, ...]] = (
    THRESHOLD,
    DISJOINT,
    RECOVERY,
    MINIMALITY,
    DIFFERENCING,
    REPUBLICATION,
    HOMOGENEITY,
    MEMBERSHIP,
    TRAJECTORY,
    REBUILD,
    DICTIONARY,
    LINKAGE,
    UNICITY,
    SCALING,
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
    def untested(self) -> int:
        """How many levels no weak release is evidence of; that alone fails nothing, and is told."""
        return sum(len(each.untested) for each in self.findings)

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
            finding = Finding(each, found, ())
            weakened = []
            for weakness in each.weaknesses:
                if finding.attacked:
                    weakened.append(_weak(finding, weakness, target))
                advance(1)
            findings.append(replace(finding, weakened=tuple(weakened)))
    return Report(tuple(findings))


def _weak(finding: Finding[Any], weakness: Weakness[Any], target: Target) -> Measured:
    """What is found in a weak release, or why there is none."""
    if finding.spared(weakness):
        return Measured({}, skipped=finding.found.absent[weakness.breaks[0]])
    return finding.attack.measure(weakness.build(target), target)
