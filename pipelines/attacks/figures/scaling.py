"""T14: figures that look like k people, and are of fewer than k devices."""

from typing import Final

import numpy as np

from pipelines.arrays import column
from pipelines.attacks.figures.shown import Shown, by_place, every_hexagon, shown
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target

PEOPLE_PER_DEVICE: Final = 0.98 * 5.4
"""How many people a device stands for in the documentation of a peer that tests k after scaling (privacy.md 4.2)."""

_FIGURE: Final = "rows of k people and fewer devices"


def _scaled(subject: Shown, target: Target) -> Measured:
    """Rows whose devices are fewer than k, though what is printed as people is not."""
    k, rows, found, fewest = target.policy.k, 0, 0, []
    for table, devices in subject.devices():
        many = column(table, "people").astype(np.float64) >= k
        found += int((many & (devices < k)).sum())
        fewest += devices[many].tolist()
        rows += table.num_rows
    return Measured({_FIGURE: found, "fewest devices of k people": min(fewest, default=0)}, {"rows": rows})


def _scaled_first(target: Target) -> Shown:
    """Presence in hexagons: devices are scaled first, and k is tested on people."""
    return by_place(target, every_hexagon(target), scale=PEOPLE_PER_DEVICE)


SCALING: Final = Attack(
    number="T14",
    name=Words("Threshold after scaling", "Seuil après redressement"),
    criterion="singling out",
    what=Words(
        "rows that print k people or more, against the devices that are really behind them",
        "les lignes qui impriment k personnes ou plus, comparées aux appareils réellement comptés",
    ),
    knowledge=Words(
        "all devices and where they were, and how many people a device stands for",
        "tous les appareils, leurs positions, et combien de personnes un appareil représente",
    ),
    control=Words(
        "none: one row of k people and fewer devices is a failure",
        "aucun : une seule ligne de k personnes mais de moins d'appareils est un échec",
    ),
    levels=(Level(_FIGURE, 0, "specification S5 and T14: k counts devices, before any weight"),),
    subject=shown,
    measure=_scaled,
    weaknesses=(
        Weakness(
            Words("k tested after scaling by 5.3", "seuil k appliqué après redressement par 5,3"),
            _scaled_first,
        ),
    ),
)
