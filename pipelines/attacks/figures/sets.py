"""The devices behind rows as sets, ordered so that the rows of a part stand together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column
from pipelines.attacks.figures.parts import Parts
from pipelines.attacks.figures.reach import ALL_OF_THEM, OTHERS, SOME, Printed
from schemas.indicators import INDICATORS

Devices = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Sets:
    """Rows with their devices, ordered by part, indicator and what they print.

    `part`, `indicator` (a place in `names`) and `printed` (a place in `labels`) int64[n]; the devices of row i are
    `device[first[i]:first[i + 1]]`, each once.
    """

    names: tuple[str, ...]
    labels: tuple[Printed, ...]
    part: Ints
    indicator: Ints
    printed: Ints
    first: Ints
    device: Devices

    @cached_property
    def sizes(self) -> Ints:
        """int64[n]: the devices of each row."""
        return np.diff(self.first)

    def union(self, rows: Ints) -> Devices:
        """The devices that are behind some rows, ascending."""
        pieces = [self.device[self.first[row] : self.first[row + 1]] for row in rows.tolist()]
        return np.unique(np.concatenate([self.device[:0], *pieces]))


@dataclass(frozen=True)
class _Piece:
    """Rows of one indicator: `part` int64[n], what each prints, and the devices of each, one after the other."""

    name: str
    part: Ints
    printed: Sequence[Printed]
    sizes: Ints
    device: Devices

    def devices(self) -> list[Devices]:
        """Those of each row."""
        return np.split(self.device, np.cumsum(self.sizes)[:-1]) if self.sizes.size else []


def sets_of(rows: Mapping[str, pa.Table], behind: Mapping[str, pa.Table], parts: Parts) -> Sets:
    """The sets of rows of one population and day, with their MEMBERS and parts.

    Where an indicator gives some devices of another one, those that are left are a set as well: subtraction gives it.
    """
    pieces = {name: _piece(name, rows[name], behind[name], parts.of(name)) for name in rows}
    for name in (name for name in rows if INDICATORS[name].partial and INDICATORS[name].splits in rows):
        pieces[f"{name} left"] = _left(pieces[name], pieces[INDICATORS[name].splits])
    return _ordered(tuple(rows), list(pieces.values()))


def _piece(name: str, rows: pa.Table, behind: pa.Table, part: Ints) -> _Piece:
    which = SOME if INDICATORS[name].partial else ALL_OF_THEM
    values = [rows[each].to_pylist() for each in INDICATORS[name].attributes]
    printed = [Printed(each, which) for each in (zip(*values, strict=True) if values else [()] * rows.num_rows)]
    place = np.searchsorted(column(rows, "row"), column(behind, "row"))
    sizes = np.bincount(place, minlength=rows.num_rows)
    return _Piece(name, part, printed, sizes, column(behind, "device").astype(np.int32))


def _left(some: _Piece, whole: _Piece) -> _Piece:
    """In the parts that tell some devices apart: of each row those that are left, or all where none are told apart."""
    told = {
        (part, each.values): devices
        for part, each, devices in zip(some.part.tolist(), some.printed, some.devices(), strict=True)
    }
    parts = set(some.part.tolist())
    found = []
    for part, each, devices in zip(whole.part.tolist(), whole.printed, whole.devices(), strict=True):
        if part in parts:
            apart = told.get((part, each.values))
            which = ALL_OF_THEM if apart is None else OTHERS
            rest = devices if apart is None else np.setdiff1d(devices, apart)
            if rest.size:
                found.append((part, Printed(each.values, which), rest))
    part = np.array([each for each, _, _ in found], np.int64)
    sizes = np.array([devices.size for _, _, devices in found], np.int64)
    device = np.concatenate([some.device[:0], *(devices for _, _, devices in found)])
    return _Piece(some.name, part, [printed for _, printed, _ in found], sizes, device)


def _ordered(names: tuple[str, ...], pieces: Sequence[_Piece]) -> Sets:
    labels: dict[Printed, int] = {}
    printed = np.array([labels.setdefault(each, len(labels)) for piece in pieces for each in piece.printed], np.int64)
    part = np.concatenate([piece.part for piece in pieces])
    indicator = np.repeat([names.index(piece.name) for piece in pieces], [piece.part.size for piece in pieces])
    sizes, device = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("sizes", "device"))
    order = np.lexsort((printed, indicator, part))
    first = np.append(0, np.cumsum(sizes[order]))
    start = np.cumsum(sizes) - sizes
    moved = np.repeat(start[order] - first[:-1], sizes[order]) + np.arange(device.size)
    return Sets(names, tuple(labels), part[order], indicator[order], printed[order], first, device[moved])
