"""The battery on one town, in a process of its own."""

import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipelines.attacks.battery import ATTACKS, Report, attack
from pipelines.attacks.finding import Finding, Measured
from pipelines.attacks.sources import read_target
from pipelines.configuration import load
from pipelines.embedded import run
from tests.attacks.towns import QUIET, Town, build


@dataclass(frozen=True)
class Attacked:
    """What each attack measured on a release, and on the weak ones; how long that took, and the most memory."""

    found: tuple[Measured, ...]
    weakened: tuple[tuple[Measured, ...], ...]
    seconds: float
    gigabytes: float


def attacked(town: Town) -> Attacked:
    """Simulate, publish and attack a town; what comes back can go from one process to another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "town"
        config = build(folder, town)
        run(load(config), QUIET)
        began = time.monotonic()
        target = read_target(folder / "release", folder / "truth", config, Path(name) / "scratch", QUIET)
        findings = attack(target, QUIET).findings
        seconds = time.monotonic() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return Attacked(tuple(each.found for each in findings), tuple(each.weakened for each in findings), seconds, most)


def report_of(done: Attacked) -> Report:
    """The report on a town."""
    return Report(tuple(Finding(*each) for each in zip(ATTACKS, done.found, done.weakened, strict=True)))
