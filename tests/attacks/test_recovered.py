"""Traces from counts: what a stranger who knows nothing but counts makes of them."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from pipelines.attacks.people import recovered
from pipelines.attacks.people.halves import Series
from pipelines.attacks.people.recovered import recover

Floats = npt.NDArray[np.float64]
LINE: Floats = np.stack([np.arange(5.0), np.zeros(5)], axis=1)
"""Five hexagons, a kilometre from each to the next."""


def series(*slots: str) -> Series:
    """Slots as texts: `2 0 3 . .` prints 2 and 3 in hexagons of their own; `4 = 1 . .` prints 4 over two hexagons."""
    part, slot, printed, size = np.full((len(slots), 5), -1, np.int32), [], [], []
    for at, text in enumerate(slots):
        for hexagon, word in enumerate(text.split()):
            if word in (".", "0"):
                continue
            if word != "=":
                slot.append(at)
                printed.append(int(word))
                size.append(0)
            part[at, hexagon] = len(slot) - 1
            size[-1] += 1
    return Series(part, *(np.array(column, np.int64) for column in (slot, printed, size)))


def hexagons(found: Series, places: Floats = LINE) -> list[list[int]]:
    """The first hexagon of each recovered trace in each slot, -1 outside; sorted."""
    return sorted(np.append(found.likeliest(np.arange(5.0, 0, -1)), -1)[recover(found, places, np.ones(5))].tolist())


def test_whoever_can_stay_stays() -> None:
    assert hexagons(series("2 0 3 . .", "2 0 3 . .")) == [[0, 0]] * 2 + [[2, 2]] * 3


def test_who_must_move_goes_the_shortest_way() -> None:
    assert hexagons(series("2 0 0 0 1", "1 1 0 1 .")) == [[0, 0], [0, 1], [4, 3]]


def test_who_came_last_moves_on() -> None:
    # One goes from 0 to 1, and one from 1 to 2: it is the same, not the one who was in 1 before.
    assert hexagons(series("1 1 0 . .", "0 2 0 . .", "0 1 1 . .")) == [[0, 1, 2], [1, 1, 1]]


def test_of_two_that_move_each_goes_home() -> None:
    found = hexagons(series("1 0 0 0 1", "0 0 2 0 0", "1 0 0 0 1"))
    assert found == [[0, 2, 0], [4, 2, 4]]


def test_people_appear_and_vanish_where_counts_do() -> None:
    assert hexagons(series("1 . . . .", "1 0 0 0 2")) == [[-1, 4], [-1, 4], [0, 0]]


def test_a_part_that_is_cut_keeps_its_people() -> None:
    assert hexagons(series("4 = . . .", "1 3 . . .")) == [[0, 0]] + [[0, 1]] * 3


@pytest.mark.parametrize("seed", range(3))
def test_each_slot_of_the_recovered_traces_has_the_counts_that_are_printed(seed: int) -> None:
    random = np.random.default_rng(seed)
    texts = [" ".join(map(str, random.permutation(5) + 10 * np.arange(5) * (random.random() > 0.2))) for _ in range(6)]
    found = series(*texts)
    traces = recover(found, LINE, np.ones(5))
    assert np.bincount(traces[traces >= 0], minlength=found.printed.size).tolist() == found.printed.tolist()
    slot = np.where(traces >= 0, found.slot[traces], np.arange(6))
    assert (slot == np.arange(6)).all()
    assert (traces >= 0).any(axis=1).all()


def test_many_people_move_as_few_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found = series("9 0 4 . 7", "4 5 0 8 3", "1 8 = 2 9")
    one_by_one = hexagons(found)
    monkeypatch.setattr(recovered, "MOST_MOVERS", 0)
    together = hexagons(found)
    for slot in range(3):
        assert sorted(trace[slot] for trace in one_by_one) == sorted(trace[slot] for trace in together)
    assert length(one_by_one) == length(together)


def length(rows: list[list[int]]) -> int:
    """Kilometres of all ways inside."""
    return sum(abs(a - b) for row in rows for a, b in pairwise(row) if min(a, b) >= 0)
