"""Degraded parts: those that silent cells reach, of k devices each, which stand for a tenth of the part's time."""

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.quality.parts import LEAST_SHARE, Window, degraded, reached
from pipelines.quality.silence import Silences

CENTRE = h3.latlng_to_cell(47.32, 5.04, 8)
HEXAGONS = np.sort(np.concatenate([h3.cell_to_children(int(each), 9) for each in h3.grid_disk(CENTRE, 1)]))
"""Seven families of seven."""

HOUR = Window(0, 12, 34)


def silent(*runs: tuple[int, int, int, int]) -> Silences:
    """Runs of a cell, its first and last bin, and the bin before which it is known."""
    cell, first, last, known = np.array(runs, np.int64).reshape(-1, 4).T
    return Silences(cell, first, last, known, np.zeros(cell.size))


def parts(*cells: list[int]) -> pa.Table:
    lists = [sorted(int(each) for each in some) for some in cells]
    return pa.table({"cells": pa.array(lists, pa.list_(pa.uint64()))})


def pairs(*of_cell: tuple[int, float, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hexagon, share, cell = (np.array(each) for each in zip(*of_cell, strict=True))
    return hexagon.astype(np.int32), cell.astype(np.int64), share.astype(np.float64)


def flagged(
    table: pa.Table,
    of_cell: list[tuple[int, float, int]],
    devices: list[float],
    silences: Silences,
    window: Window = HOUR,
    bins: int = 12,
) -> list[bool]:
    """Whether each part is degraded; (hexagon, share, cell) are the pairs, `devices` those of each cell in each bin."""
    where = reached(HEXAGONS, *pairs(*of_cell))
    expected = np.repeat(np.array(devices, np.float64)[:, None], bins, axis=1)
    return degraded(table, window, silences, expected, where, 20).tolist()


ALL_HOUR = silent((0, 0, 12, 1))
ONE, OTHER = [HEXAGONS[0]], [HEXAGONS[10]]


@pytest.mark.parametrize("devices", [19, 20, 21])
def test_the_silent_cell_of_a_part_expects_k_devices(devices: int) -> None:
    assert flagged(parts(ONE), [(0, 1.0, 0)], [devices], ALL_HOUR) == [devices >= 20]


@pytest.mark.parametrize("devices", [19, 20, 21])
def test_of_several_silent_cells_one_by_itself_expects_k_devices(devices: int) -> None:
    # Who is known in both cells is one device.
    both = silent((0, 0, 12, 1), (1, 0, 12, 1))
    assert flagged(parts(ONE), [(0, 1.0, 0), (0, 1.0, 1)], [19, devices], both) == [devices >= 20]


@pytest.mark.parametrize("devices", [19, 20, 21])
def test_a_silent_cell_of_fewer_than_k_devices_adds_nothing_to_the_tenth(devices: int) -> None:
    # Cell 1 stands for less than a tenth by itself, with the silent minutes of cell 0 for more.
    both = silent((0, 0, 12, 1), (1, 0, 12, 1))
    of_cell = [(0, 1.0, 0), (0, 0.9, 1), (20, 0.1, 1), (0, 1.0, 2)]
    assert flagged(parts(ONE), of_cell, [devices, 30, 400], both) == [devices >= 20]


@pytest.mark.parametrize(("share", "is_flagged"), [(0.109, False), (0.1112, True), (0.2, True)])
def test_silent_cells_stand_for_a_tenth_of_the_time_in_a_part(share: float, is_flagged: bool) -> None:
    # The other cell, which is heard, has 0.9 in the part: a tenth of the whole is 0.1.
    of_cell = [(0, share * 0.9, 0), (0, 0.9, 1), (20, 1.0, 0)]
    assert flagged(parts(ONE), of_cell, [100, 100], ALL_HOUR) == [is_flagged]


def test_a_part_that_no_silent_cell_reaches_is_not_degraded() -> None:
    assert flagged(parts(ONE, OTHER), [(0, 1.0, 0), (10, 1.0, 1)], [50, 50], ALL_HOUR) == [True, False]


def test_a_cell_of_another_resolution_covers_its_hexagons() -> None:
    families = [int(each) for each in h3.grid_disk(CENTRE, 1)]
    inside = np.flatnonzero(h3.cell_to_parent(int(HEXAGONS[0]), 8) == np.array(families))[0]
    others = [each for at, each in enumerate(families) if at != inside]
    found = flagged(
        parts([families[inside]], others[:3], [h3.cell_to_parent(CENTRE, 7)]), [(0, 1.0, 0)], [50], ALL_HOUR
    )
    assert found[:2] == [True, False]


@pytest.mark.parametrize(
    ("run", "is_flagged"),
    [
        ((0, 12, 24, 13), False),
        ((0, 11, 24, 13), False),
        ((0, 10, 24, 13), True),
        ((0, 0, 24, 34), True),
        ((0, 0, 24, 35), False),
    ],
)
def test_a_silence_counts_in_the_windows_that_it_reaches_once_it_is_known(
    run: tuple[int, int, int, int], is_flagged: bool
) -> None:
    # One bin of twelve is less than a tenth of the hour, two are more.
    assert flagged(parts(ONE), [(0, 1.0, 0)], [50], silent(run), bins=24) == [is_flagged]


def test_two_silences_of_a_cell_are_one_cell() -> None:
    twice = silent((0, 0, 4, 1), (0, 6, 10, 7))
    assert flagged(parts(ONE), [(0, 1.0, 0)], [19], twice) == [False]
    assert flagged(parts(ONE), [(0, 1.0, 0)], [20], twice) == [True]


def test_nothing_is_degraded_where_nothing_is_silent() -> None:
    assert flagged(parts(ONE), [(0, 1.0, 0)], [50], silent()) == [False]
    assert flagged(parts(), [(0, 1.0, 0)], [50], ALL_HOUR) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 48), st.floats(0.01, 1), st.integers(0, 3)), min_size=1, max_size=20),
    st.lists(st.floats(0, 60), min_size=4, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 11), st.integers(1, 12), st.integers(1, 12)), max_size=5),
    st.lists(st.integers(0, 6), min_size=1, max_size=7),
)
def test_what_is_degraded_is_what_the_definition_says_hexagon_by_hexagon(
    of_cell: list[tuple[int, float, int]],
    devices: list[float],
    runs: list[tuple[int, int, int, int]],
    owner: list[int],
) -> None:
    runs = [(cell, first, min(first + length, 12), known) for cell, first, length, known in runs]
    families = sorted(int(each) for each in h3.grid_disk(CENTRE, 1))[: len(owner)]
    groups = [[cell for cell, of in zip(families, owner, strict=True) if of == each] for each in sorted(set(owner))]
    window = Window(2, 9, 7)
    bins = {
        (cell, at)
        for cell, first, last, known in runs
        if known <= window.horizon
        for at in range(max(first, window.first), min(last, window.last))
        if devices[cell] >= 20
    }
    expected, close = [], False
    for group in groups:
        inside = [row for row in of_cell if h3.cell_to_parent(int(HEXAGONS[row[0]]), 8) in group]
        total = sum(share * devices[cell] * (window.last - window.first) for _, share, cell in inside)
        missing = sum(share * devices[cell] for _, share, cell in inside for at in range(12) if (cell, at) in bins)
        close |= abs(missing - LEAST_SHARE * total) < 1e-6
        expected.append(0 < missing >= LEAST_SHARE * total)
    if not close:
        assert flagged(parts(*groups), of_cell, devices, silent(*runs), window) == expected
