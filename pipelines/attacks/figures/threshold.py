"""T1: how many people are really behind each published figure."""

from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.arrays import instants
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.identities import people_behind
from pipelines.attacks.target import Published, Target
from pipelines.attacks.weakened import EXACT, without_threshold

_SOURCE: Final = "specification S5: k distinct devices, before weights and rounding"


def _behind(published: Published, target: Target) -> Measured:
    """Rows with fewer than k people behind them, and rows whose printed figure is not of these people."""
    found = people_behind(published, target)
    base = max(target.policy.rounding, 1)
    below = sum(int((people < target.policy.k).sum()) for people in found.values())
    printed = {name: published.tables[name]["devices"].to_numpy() for name in found}
    unlike = sum(int((np.abs(printed[name] - people) >= base).sum()) for name, people in found.items())
    least = min((int(people.min()) for people in found.values() if people.size), default=0)
    rows = sum(people.size for people in found.values())
    return Measured(
        {"rows below k": below, "rows of other devices": unlike, "fewest devices": least},
        {"rows": rows, "indicators": len(found)},
    )


def _misplaced(target: Target) -> Published:
    """Each row with the place of the next one of its window."""
    return Published({name: _moved_on(table) for name, table in target.tables.items()})


def _moved_on(table: pa.Table) -> pa.Table:
    window = instants(table, "window_start")
    order = np.argsort(window, kind="stable")
    last = np.flatnonzero(np.append(np.diff(window[order]) != 0, True)[: order.size])
    following = np.arange(1, order.size + 1)
    following[last] = np.append(0, last[:-1] + 1)[: last.size]
    source = np.empty_like(order)
    source[order] = order[following]
    for name in ("zone_id", "cells"):
        at = table.column_names.index(name)
        table = table.set_column(at, table.schema.field(name), table[name].take(pa.array(source)))
    return table


THRESHOLD: Final = Attack(
    number="T1",
    name=Words("Threshold", "Seuil"),
    criterion="singling out",
    what=Words(
        "every row of every indicator, against the subscribers who are really behind it, by the identifiers of the "
        "truth, the register and the events: the lines of a holder are one",
        "chaque ligne de chaque indicateur, comparée aux abonnés réellement comptés, d'après les identifiants de la "
        "vérité, du registre et des événements : les lignes d'un titulaire comptent pour une",
    ),
    knowledge=Words("all subscribers and where they were", "tous les abonnés et leurs positions"),
    control=Words("none: one row below k is a failure", "aucune : une seule ligne sous k est un échec"),
    levels=(Level("rows below k", 0, _SOURCE), Level("rows of other devices", 0, _SOURCE)),
    subject=lambda target: target.published,
    measure=_behind,
    weaknesses=(
        Weakness(EXACT, without_threshold),
        Weakness(
            Words("each row at the place of the next one", "chaque ligne au lieu de la suivante"),
            _misplaced,
            breaks=("rows of other devices",),
        ),
    ),
)
