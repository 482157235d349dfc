"""Rounded figures that repeat: what their mean and their sums tell, and that single ones do not."""

from collections.abc import Iterable
from datetime import date
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from anonymization.policy import Policy
from anonymization.rounding import round_to_base
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.finding import Measured
from pipelines.attacks.people.ranking import area_under_curve
from pipelines.attacks.people.rounded_sums import told_by_sums
from pipelines.attacks.people.rounding import ROUNDING, Rounded, chance, told
from pipelines.attacks.people.still_nights import HALF, NIGHTS, Series, drawn_anew, joined, series, still_nights
from pipelines.attacks.target import Target
from pipelines.publish import DayGrid
from tests.anonymization.territories import SEVENS, build, hexagons, zone
from tests.tables import table

RUNS = 400


def nights(change: int, base: int, anew: bool = True) -> Series:
    """Runs of constant counts, with a change halfway in every other run; drawn anew in each slot, or once a run."""
    random = np.random.default_rng(1)
    counts = random.integers(20, 120, RUNS)[:, None] - change * np.outer(
        np.arange(RUNS) % 2, np.arange(2 * HALF) >= HALF
    )
    draws = random.integers(0, 2**32, counts.shape if anew else (RUNS, 1), dtype=np.uint32)
    printed = round_to_base(counts.ravel(), np.broadcast_to(draws, counts.shape).ravel().copy(), base)
    return Series(np.repeat(np.arange(RUNS), 2 * HALF), printed, counts.ravel())


def auc(of: Series, base: int) -> float:
    found = told(of, base)
    return area_under_curve(found.score, found.change == 1)


def test_the_mean_of_many_draws_tells_a_constant_count_that_one_draw_hides() -> None:
    found = told(nights(0, 5), 5)
    assert found.exactly(found.count) > 0.6
    assert 0.1 < found.exactly(found.printed[:, 0]) < 0.3


def test_one_draw_for_all_of_a_run_hides_a_constant_count() -> None:
    found = told(nights(0, 5, anew=False), 5)
    assert found.exactly(found.count) < 0.3


def test_a_change_of_one_is_seen_for_certain_without_rounding() -> None:
    assert auc(nights(1, 1), 1) == 1.0


def test_a_change_of_one_is_seen_beyond_the_level_where_each_slot_is_drawn_anew() -> None:
    assert auc(nights(1, 5), 5) > 0.65


def test_a_change_of_one_stays_within_the_level_where_a_run_has_one_draw() -> None:
    assert auc(nights(1, 5, anew=False), 5) < 0.65


def test_figures_that_are_more_than_one_base_apart_are_no_run() -> None:
    run = np.zeros(2 * HALF, np.int64)
    printed = np.full(2 * HALF, 20)
    printed[-1] = 25
    assert told(Series(run, printed, printed), 5).count.size == 1
    printed[-1] = 30
    assert told(Series(run, printed, printed), 5).count.size == 0


@pytest.mark.parametrize(("slots", "runs"), [(2 * HALF - 1, 0), (2 * HALF, 1), (4 * HALF - 1, 1), (4 * HALF, 2)])
def test_a_run_is_cut_into_whole_pieces(slots: int, runs: int) -> None:
    printed = np.full(slots, 20)
    assert told(Series(np.zeros(slots, np.int64), printed, printed), 5).count.size == runs


def test_a_part_that_is_not_printed_for_a_slot_begins_another_run() -> None:
    rows = table(
        """
        window_start  window_end  devices
        05:00         05:15       20
        05:15         05:30       25
        05:45         06:00       20
        """
    )
    found = series(rows.append_column("cells", pa.array([[1, 2]] * 3, pa.list_(pa.uint64()))), np.array([21, 22, 23]))
    assert np.diff(found.run).tolist() == [0, 1]
    assert found.exact.tolist() == [21, 22, 23]


def test_other_cells_are_another_run() -> None:
    rows = table("window_start window_end devices\n05:00 05:15 20\n05:15 05:30 25")
    found = series(rows.append_column("cells", pa.array([[1], [2]], pa.list_(pa.uint64()))), np.array([21, 22]))
    assert np.unique(found.run).size == 2


def test_runs_of_several_series_stay_apart() -> None:
    one = Series(np.array([1, 1]), np.array([20, 20]), np.array([20, 20]))
    assert joined([one, one]).run.tolist() == [1, 1, 3, 3]


def test_chance_shrinks_with_the_number_of_runs() -> None:
    assert chance(3, 3) > 0.4
    assert chance(800, 800) < 0.03


def attendance(devices: list[int]) -> pa.Table:
    """A row for each part, of the day."""
    return _dated(pa.table({"cells": cells(range(len(devices))), "devices": devices}))


def by_age(rows: list[tuple[int, int]]) -> pa.Table:
    """Rows of parts: (part, devices)."""
    return _dated(pa.table({"cells": cells([part for part, _ in rows]), "devices": [devices for _, devices in rows]}))


def cells(parts: Iterable[int]) -> pa.Array:
    return pa.array([[part + 1] for part in parts], pa.list_(pa.uint64()))


def _dated(rows: pa.Table) -> pa.Table:
    start = pa.array([0] * rows.num_rows, pa.timestamp("us", "UTC"))
    return rows.append_column("window_start", start).append_column(
        "date", pa.array([date(2026, 6, 20)] * rows.num_rows)
    )


def sums(plain: list[int], rows: list[tuple[int, int]], exact: list[int]) -> Measured:
    tables = {"attendance": attendance(plain), "attendance_by_age": by_age(rows)}
    days: tuple[DayDevices, ...] = ()
    return told_by_sums(tables, {"attendance": np.array(exact), "attendance_by_age": np.zeros(len(rows))}, days, 5)


def test_a_sum_of_rows_moves_the_guess_of_a_total() -> None:
    # 45 alone may be 41 to 49; two rows of 20 and 20 make 36 to 44 of them likelier.
    found = sums([45], [(0, 20), (0, 20)], exact=[43])
    assert found.figures["totals told by one figure"] == 0
    assert found.figures["totals told by sums"] == 1


def test_a_single_row_of_a_part_is_no_second_figure() -> None:
    assert sums([45, 60], [(0, 40), (1, 30), (1, 30)], exact=[43, 60]).tried == {"totals that are sums": 1}


def test_every_run_either_changes_by_one_or_is_constant() -> None:
    subject = Rounded(nights(1, 5), nights(1, 5), Measured({}), 5, 5)
    found = ROUNDING.measure(subject, cast(Target, None))
    counted = [found.tried[f"{what}, still night"] for what in ("changes of one", "constant runs")]
    assert sum(counted) == found.tried["runs, still night"] > 0.9 * RUNS


def first(of: Series, runs: int) -> Series:
    """The first so many runs."""
    return Series(*(array[: runs * 2 * HALF] for array in vars(of).values()))


def measured(release: Series, base: int = 5) -> Measured:
    return ROUNDING.measure(Rounded(release, nights(1, 5), Measured({}), base, base), cast(Target, None))


def test_the_release_is_judged_beyond_chance() -> None:
    found = measured(nights(1, 5))
    told_of = "AUC of one device, release"
    assert found.figures[f"{told_of}, less chance"] < found.figures[told_of] - 0.04


def test_a_release_with_too_few_runs_is_not_attacked() -> None:
    few, enough = (measured(first(nights(1, 1), runs), 1) for runs in (8, 16))
    assert list(few.absent) == [ROUNDING.levels[0].figure]
    assert few.absent[ROUNDING.levels[0].figure].en.startswith("4 runs in which one device leaves and 4 in which none")
    assert ROUNDING.levels[0].figure not in few.figures
    assert not enough.absent
    assert ROUNDING.levels[0].is_broken(enough.figures[ROUNDING.levels[0].figure])


def test_a_draw_for_every_slot_breaks_the_still_night() -> None:
    once = nights(1, 5, anew=False)
    anew = drawn_anew(once, 5, np.random.default_rng(1))
    assert anew.exact.tolist() == once.exact.tolist()
    level = ROUNDING.levels[1]
    reached = [
        ROUNDING.measure(Rounded(each, each, Measured({}), 5, 5), cast(Target, None)).figures[level.figure]
        for each in (once, anew)
    ]
    assert [level.is_broken(value) for value in reached] == [False, True]


def test_a_change_of_one_is_seen_where_counts_are_not_still() -> None:
    random = np.random.default_rng(1)
    exact = nights(1, 1).exact + random.integers(-1, 2, RUNS * 2 * HALF)
    run = np.repeat(np.arange(RUNS), 2 * HALF)
    found = {moves: told(Series(run, exact, exact), 1, 5, moves) for moves in (0.0, 0.8)}
    still, moving = (area_under_curve(each.score, each.change == 1) for each in found.values())
    assert still < 0.65 < 0.8 < moving


@pytest.mark.parametrize("number", range(2))
@pytest.mark.slow
def test_every_weak_release_breaks_the_still_night_of_a_town(small_target: Target, number: int) -> None:
    found = ROUNDING.measure(ROUNDING.weaknesses[number].build(small_target), small_target)
    assert ROUNDING.levels[1].is_broken(found.figures[ROUNDING.levels[1].figure])
    assert found.tried["runs, release"] > 0


AREA = build(SEVENS[:2], zone("A", SEVENS[:1]), zone("B", SEVENS[1:2]))
SLOTS = 1_781_060_400_000_000 + np.arange(2 * HALF + 1) * 900_000_000


def still_town(devices: int) -> Target:
    """A town in whose zones so many devices each stay in one hexagon all day."""
    home = np.searchsorted(AREA.hexagons, np.repeat([hexagons(cell)[0] for cell in SEVENS[:2]], devices))
    device, slot = (each.ravel() for each in np.indices((home.size, 2 * HALF)))
    presence = pa.table({"device": device, "slot": slot, "hexagon": home[device], "weight": np.full(slot.size, 1000)})
    grid = DayGrid(SLOTS, SLOTS[::4], np.zeros(4, np.int32))
    day = DayDevices(date(2026, 6, 20), grid, np.arange(home.size, dtype=np.uint64), presence, *[presence] * 3)
    configuration = SimpleNamespace(estimation=SimpleNamespace(confidence=0.95))
    inputs = SimpleNamespace(territory=AREA, configuration=configuration)
    return cast(Target, SimpleNamespace(days=(day,), seed=1, inputs=inputs))


def test_in_a_still_night_a_part_loses_one_device_halfway_or_none() -> None:
    found = still_nights(still_town(53), Policy(20, 0.8, 5, test=True))
    exact = found.exact.reshape(-1, 2, HALF)
    assert np.ptp(exact, axis=2).max() == 0
    lost = (exact[:, 0] - exact[:, 1])[:, 0]
    assert set(lost.tolist()) == {0, 1}
    assert 0.3 < lost.mean() < 0.7
    assert exact[:, 0].tolist() == [[53] * HALF] * lost.size


def test_still_nights_are_printed_by_the_product_under_a_key_for_each() -> None:
    found = still_nights(still_town(53), Policy(20, 0.8, 5, test=True))
    printed = found.printed.reshape(NIGHTS, -1)
    assert set(np.unique(printed).tolist()) == {50, 55}
    # Both parts draw once in each block of two hours, and every night anew.
    assert np.unique(printed, axis=0).shape[0] == 2 ** (2 * 2)


def test_still_nights_are_the_same_each_time() -> None:
    policy = Policy(20, 0.8, 5, test=True)
    one, other = (still_nights(still_town(53), policy) for _ in range(2))
    assert one.printed.tolist() == other.printed.tolist()


def test_a_part_that_falls_below_k_is_no_run_any_more() -> None:
    found = still_nights(still_town(20), Policy(20, 0.8, 5, test=True))
    lengths = np.unique(found.run, return_counts=True)[1]
    assert {HALF, 2 * HALF} >= set(lengths.tolist())
    assert HALF in lengths
