"""T1 and T14: how many people are really behind each published figure."""

from typing import Final

import numpy as np

from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Published, Target, devices_behind
from pipelines.attacks.weakened import EXACT, without_threshold

_SOURCE: Final = "specification S5: k distinct devices, before weights and rounding"


def _behind(published: Published, target: Target) -> Measured:
    """Rows with fewer than k devices behind them, and rows whose printed figure is not of these devices."""
    found = devices_behind(published, target)
    base = max(target.policy.rounding, 1)
    below = sum(int((devices < target.policy.k).sum()) for devices in found.values())
    printed = {name: published.tables[name]["devices"].to_numpy() for name in found}
    unlike = sum(int((np.abs(printed[name] - devices) >= base).sum()) for name, devices in found.items())
    least = min((int(devices.min()) for devices in found.values() if devices.size), default=0)
    rows = sum(devices.size for devices in found.values())
    return Measured(
        {"rows below k": below, "rows of other devices": unlike, "fewest devices": least},
        {"rows": rows, "indicators": len(found)},
    )


THRESHOLD: Final = Attack(
    number="T1",
    name=Words("Threshold", "Seuil"),
    criterion="singling out",
    what=Words(
        "every row of every indicator, against the devices that are really behind it",
        "chaque ligne de chaque indicateur, comparée aux appareils réellement comptés",
    ),
    knowledge=Words("all devices and where they were", "tous les appareils et leurs positions"),
    control=Words("none: one row below k is a failure", "aucune : une seule ligne sous k est un échec"),
    levels=(Level("rows below k", 0, _SOURCE), Level("rows of other devices", 0, _SOURCE)),
    subject=lambda target: target.published,
    measure=_behind,
    weaknesses=(Weakness(EXACT, without_threshold),),
)
