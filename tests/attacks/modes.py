"""What other defaults would reach, and at what cost in accuracy: `python -m tests.attacks.modes`, half an hour.

For each town and mode every level of the attacks that a decision states a shortfall of, in bold where it is missed, and
the figures of `hexaflux score` on the same release.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.attacks.finding import Attack, Level
from pipelines.attacks.people.everything import EVERYTHING
from pipelines.attacks.people.membership import MEMBERSHIP
from pipelines.attacks.people.trajectory import TRAJECTORY
from pipelines.attacks.solving.composition import COMPOSITION
from pipelines.attacks.sources import read_target
from pipelines.attacks.target import Target
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.score.released import read_release
from pipelines.score.sheet import score
from pipelines.score.truth import read_truth
from tests.attacks.towns import QUIET, TOWNS, Town, build


@dataclass(frozen=True)
class Mode:
    """Settings that could be the default."""

    name: str
    settings: str


MODES = (
    Mode("the default: k = 20, rounding 5, slots of 15 min", ""),
    Mode("rounding 20", "[policy]\nrounding = 20\n"),
    Mode("k = 30", "[policy]\nk = 30\n"),
    Mode("k = 40", "[policy]\nk = 40\n"),
    Mode("slots of 1 h", '[time]\nslot = "1h"\n'),
    Mode("k = 40, rounding 20, slots of 1 h", '[policy]\nk = 40\nrounding = 20\n[time]\nslot = "1h"\n'),
)
ATTACKS: tuple[Attack[Any], ...] = (MEMBERSHIP, TRAJECTORY, COMPOSITION, EVERYTHING)
SCORED = (
    ("presence.commune.all.median", "presence of communes, median error"),
    ("presence.hexagon.misplaced", "presence misplaced, res 8"),
    ("presence.detail.resolution_9", "people in single hexagons"),
    ("attendance.commune.all.median", "attendance of communes, median error"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.modes", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[town.name for town in TOWNS], help="these towns alone")
    only = parser.parse_args().only
    columns = [*(f"{attack.number} {level.figure}" for attack, level in _levels()), *(words for _, words in SCORED)]
    print("| town | mode |", " | ".join(columns), "| levels missed |")
    print("|---|---|" + "--:|" * (len(columns) + 1))
    for town in TOWNS:
        for mode in MODES if only is None or town.name in only else ():
            print(f"| {town.name} | {mode.name} |", " | ".join(_figures(town, mode)), "|", flush=True)


def _levels() -> Iterator[tuple[Attack[Any], Level]]:
    for attack in ATTACKS:
        yield from ((attack, level) for level in attack.levels)


def _figures(town: Town, mode: Mode) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "town"
        config = build(folder, town, mode.settings)
        run(load(config), QUIET)
        target = read_target(folder / "release", folder / "truth", config, Path(name) / "scratch", QUIET)
        attacked = list(_attacked(target))
        return [*attacked, *_scored(folder), str(sum(figure.startswith("**") for figure in attacked))]


def _attacked(target: Target) -> Iterator[str]:
    for attack in ATTACKS:
        figures = attack.measure(attack.subject(target), target).figures
        for level in attack.levels:
            value = figures.get(level.figure)
            written = "-" if value is None else f"{value:.3f}"
            yield written if value is None or level.holds(value) else f"**{written}**"


def _scored(folder: Path) -> list[str]:
    sheet = score(read_release(folder / "release"), read_truth(folder / "truth"), (), None)
    values = {figure.key: figure.value for figure in sheet.scored.figures}
    return [f"{values[key]:.3f}" if key in values else "-" for key, _ in SCORED]


if __name__ == "__main__":
    main()
