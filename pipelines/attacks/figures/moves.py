"""Movements as rows print them: which pairs of places lie inside which other ones."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from anonymization.territory import ZoneArea
from pipelines.arrays import Bools, Ints, column, instants
from schemas.vocabulary import ALL, SEPARATOR


def moves_held(rows: pa.Table, ends: tuple[str, str], parts: pa.Table, zones: Sequence[ZoneArea]) -> tuple[Ints, Ints]:
    """Rows whose movements are all among those of another row of the same window, and that row: places in `rows`.

    `ends`: the columns that name the zones of both ends. A movement is between two of the `parts` of the day, so that a
    row around holds it only if its ends are in different ones there.
    """
    inside = zones_inside(zones)
    start, end = (named(rows[each], zones) for each in ends)
    same = _same_part(named(parts["zone_id"], zones))
    everywhere = column(rows, ends[1]) == ALL
    found = [np.zeros((2, 0), np.int64)]
    window = instants(rows, "window_start")
    for each in np.unique(window):
        at = np.flatnonzero(window == each)
        held = _held(start[at], end[at], everywhere[at], inside, same)
        found.append(at[np.stack(np.nonzero(held))])
    inner, outer = np.concatenate(found, axis=1)
    return inner, outer


def _held(start: Bools, end: Bools, everywhere: Bools, inside: Bools, same: Bools) -> Bools:
    """bool[rows, rows]: whether each row's movements are among those of each other one."""
    # Both ends in one part there: no movement there. Of a row to everywhere no end is known.
    at_once = (start @ inside) & (end @ inside @ same)
    stays = at_once @ start.T
    other = ~np.eye(start.shape[0], dtype=np.bool_)
    return (
        other & ~everywhere[:, None] & ~stays & lie_in(start, start, inside) & (lie_in(end, end, inside) | everywhere)
    )


def lie_in(some: Bools, others: Bools, inside: Bools) -> Bools:
    """bool[some, others]: whether all zones of a row, bool[some, zones], are inside zones of another one."""
    outside: Bools = some @ ~(others @ inside.T).T
    return ~outside


def named(values: pa.ChunkedArray, zones: Sequence[ZoneArea]) -> Bools:
    """bool[rows, zones]: the zones that each value lists."""
    place = {zone.zone_id: at for at, zone in enumerate(zones)}
    found = np.zeros((len(values), len(zones)), np.bool_)
    for row, value in enumerate(values.to_pylist()):
        found[row, [place[zone] for zone in value.split(SEPARATOR) if zone in place]] = True
    return found


def zones_inside(zones: Sequence[ZoneArea]) -> Bools:
    """bool[zones, zones]: whether a zone is another one or lies inside it."""
    inside = np.eye(len(zones), dtype=np.bool_)
    for at, zone in enumerate(zones):
        above = zone.parent
        while above >= 0:
            inside[at, above] = True
            above = zones[above].parent
    return inside


def _same_part(parts: Bools) -> Bools:
    """bool[zones, zones]: whether two zones are the same one or named by one part."""
    return (parts.T @ parts) | np.eye(parts.shape[1], dtype=np.bool_)
