"""What other defaults would reach, and at what cost in accuracy: `python -m tests.attacks.modes`, some ten minutes."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.attacks.people.everything import EVERYTHING
from pipelines.attacks.people.membership import MEMBERSHIP
from pipelines.attacks.people.trajectory import TRAJECTORY
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
    Mode("rounding 10", "[policy]\nrounding = 10\n"),
    Mode("rounding 20", "[policy]\nrounding = 20\n"),
    Mode("k = 30", "[policy]\nk = 30\n"),
    Mode("k = 40", "[policy]\nk = 40\n"),
    Mode("slots of 1 h", '[time]\nslot = "1h"\n'),
    Mode("k = 40, rounding 20, slots of 1 h", '[policy]\nk = 40\nrounding = 20\n[time]\nslot = "1h"\n'),
)
ATTACKED = (
    (MEMBERSHIP, "mean AUC", "T8 AUC"),
    (MEMBERSHIP, "mean AUC, without knowledge", "T8 AUC, no knowledge"),
    (TRAJECTORY, "risk", "T9 risk"),
    (TRAJECTORY, "traces nine tenths right", "T9 traces"),
    (EVERYTHING, "mean AUC", "T18 AUC"),
    (EVERYTHING, "mean AUC, with everybody known", "T18 AUC, all known"),
)
SCORED = (
    ("presence.commune.all.median", "presence of communes, median error"),
    ("presence.hexagon.misplaced", "presence misplaced, res 8"),
    ("presence.detail.resolution_9", "people in single hexagons"),
    ("attendance.commune.all.median", "attendance of communes, median error"),
    ("attendance.single_zone", "attendance of single zones"),
)


def main() -> None:
    print("| town | mode |", " | ".join(words for *_, words in (*ATTACKED, *SCORED)), "|")
    print("|---|---|" + "--:|" * (len(ATTACKED) + len(SCORED)))
    for town in TOWNS:
        if town.name in ("dense town", "large festival"):
            for mode in MODES:
                print(f"| {town.name} | {mode.name} |", " | ".join(_figures(town, mode)), "|", flush=True)


def _figures(town: Town, mode: Mode) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "town"
        config = build(folder, town, mode.settings)
        run(load(config), QUIET)
        target = read_target(folder / "release", folder / "truth", config, Path(name) / "scratch", QUIET)
        return [*_attacked(target), *_scored(folder)]


def _attacked(target: Target) -> list[str]:
    found = {each.number: each.measure(each.subject(target), target).figures for each in {a: 0 for a, *_ in ATTACKED}}
    return [f"{found[each.number][figure]:.3f}" for each, figure, _ in ATTACKED]


def _scored(folder: Path) -> list[str]:
    sheet = score(read_release(folder / "release"), read_truth(folder / "truth"), (), None)
    values = {figure.key: figure.value for figure in sheet.scored.figures}
    return [f"{values[key]:.3f}" if key in values else "-" for key, _ in SCORED]


if __name__ == "__main__":
    main()
