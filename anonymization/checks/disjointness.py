"""Disjointness: within a window no two parts overlap, so that no part can be subtracted from another."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, starts
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import overlapping, spans
from anonymization.checks.tables import cell_counts, cell_values
from anonymization.checks.zone_map import ZoneMap
from anonymization.verdict import SINGLING_OUT
from schemas.vocabulary import SEPARATOR

Ints = npt.NDArray[np.int64]


def examine(day: Day) -> Finding:
    """Figures without attributes: the parts of a window, by kind of zone but in presence; the figure counts rows."""
    problems: list[str] = []
    count = 0
    for indicator, table, label in day.indicators():
        if indicator.attributes:
            continue
        window = np.unique(starts(table), return_inverse=True)[1].astype(np.int64)
        if indicator.population == "presence":
            bad = _overlaps(table, window)
            problems += where(label, table, bad, "parts overlap another of their window")
            count += int(bad.sum())
        elif day.zones is not None:
            layer, mixed = _layers(table, day.zones)
            group = window * (1 + layer.max(initial=0)) + layer
            bad = _overlaps(table, group) | _repeats(table, group)
            problems += where(label, table, mixed, "parts are not of one kind of zone")
            problems += where(label, table, bad & ~mixed, "parts overlap another of their kind of zone")
            count += int((bad | mixed).sum())
    return Finding(tuple(problems), count)


def _overlaps(table: pa.Table, group: Ints) -> npt.NDArray[np.bool_]:
    """bool[rows]: whether a cell of the row lies in another cell of its group."""
    counts = cell_counts(table)
    row = np.repeat(np.arange(table.num_rows), counts)
    bad = np.zeros(table.num_rows, np.bool_)
    bad[row[overlapping(group[row], *spans(cell_values(table)))]] = True
    return bad


def _layers(table: pa.Table, zones: ZoneMap) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """int64[rows]: a number for the kind of the part's zones (nested ones of a kind apart), and where it has none."""
    names = [zones.layer(zone_id) for zone_id in table["zone_id"].to_pylist()]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    mixed = np.array([name is None for name in names], np.bool_)
    return np.array([numbers[name] for name in names], np.int64), mixed


def _repeats(table: pa.Table, group: Ints) -> npt.NDArray[np.bool_]:
    """bool[rows]: whether a zone of the part was named before in its group."""
    tokens = pc.split_pattern(table["zone_id"], SEPARATOR).to_pylist()
    met: set[tuple[int, str]] = set()
    repeats = np.zeros(table.num_rows, np.bool_)
    for row, named in enumerate(tokens):
        keys = {(int(group[row]), token) for token in named}
        repeats[row] = len(keys) < len(named) or not met.isdisjoint(keys)
        met |= keys
    return repeats


RULE = Rule(
    name="disjointness",
    criterion=SINGLING_OUT,
    threshold="no overlap between the parts of a window (attendance, transit: of a kind of zone)",
    found="{:.0f} overlapping parts",
    combine=sum,
    examine=examine,
)
