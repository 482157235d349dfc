"""T8: scores and worlds, and that what is published tells less than exact counts."""

from dataclasses import replace

import numpy as np

from pipelines.arrays import column
from pipelines.attacks.people.everything import EVERYTHING, Worlds, worlds
from pipelines.attacks.people.halves import counted, published, traces
from pipelines.attacks.people.membership import MEMBERSHIP, Scored, scored
from pipelines.attacks.people.persons import persons
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import exact, presence_counts


def test_a_score_that_is_higher_with_the_target_tells_it(read_once: Target) -> None:
    inside = np.tile([True, False], (5, 10))
    told = MEMBERSHIP.measure(Scored(np.stack([inside * 1.0, np.zeros(inside.shape)]), inside, 5), read_once)
    assert told.figures["mean AUC"] == told.figures["AUC of one target in ten"] == 1.0
    assert told.figures["mean AUC, without knowledge"] == 0.5


def test_with_nobody_to_attack_nothing_is_measured(read_once: Target) -> None:
    nobody = Scored(np.zeros((2, 0, 4)), np.zeros((0, 4), np.bool_), 0)
    assert MEMBERSHIP.measure(nobody, read_once).skipped


def test_the_counts_of_all_people_are_those_that_the_release_was_cut_from(small_target: Target) -> None:
    everybody = persons(small_target)
    steps = traces(small_target.days, everybody)
    hexagons = small_target.inputs.territory.hexagons.size
    exact = np.concatenate([presence_counts(day, hexagons).devices for day in small_target.days], axis=1)
    assert steps.shape == (everybody.count, exact.shape[1])
    # Some devices are of no subscriber of the truth: the simulated network has a few that are not its own.
    missing = exact - counted(steps, hexagons)
    assert missing.min() == 0
    assert missing.sum() < 0.02 * exact.sum()


def test_a_series_is_cut_as_the_release_is(small_target: Target) -> None:
    day, territory = small_target.days[0], small_target.inputs.territory
    counts = presence_counts(day, territory.hexagons.size).devices
    found = published(counts, territory, replace(small_target.policy, rounding=0), np.random.default_rng(1))
    for slot in (0, 40, 95):
        scene = found.at(slot)
        inside = scene.part >= 0
        sums = np.bincount(scene.part[inside], counts[inside, slot], scene.size.size)
        assert sums.tolist() == scene.printed.tolist()
        assert scene.printed.min() >= small_target.policy.k
    table = small_target.tables["presence"]
    of_day = np.array([each == day.day for each in table["date"].to_pylist()])
    starts = column(table, "window_start").astype(np.int64)[of_day]
    rows = np.bincount(np.searchsorted(day.grid.slots, starts), minlength=day.slots)
    assert rows.tolist() == np.bincount(found.slot, minlength=day.slots).tolist()


def test_a_person_is_the_same_on_every_day(small_target: Target) -> None:
    everybody = persons(small_target)
    both = everybody.device[(everybody.device >= 0).all(axis=1)]
    assert len(both) > 0.7 * everybody.count
    homes = [_homes(day)[both[:, number]] for number, day in enumerate(small_target.days)]
    assert (homes[0] == homes[1]).mean() > 0.99


def _homes(day: object) -> np.ndarray:
    """The home of each device of a day."""
    found = np.full(day.count, -1)  # type: ignore[attr-defined]
    found[column(day.presence, "device")] = column(day.presence, "home_zone")  # type: ignore[attr-defined]
    return found


def test_exact_counts_tell_more_than_what_is_published(small_target: Target) -> None:
    weak = exact(small_target.policy)
    of_release = MEMBERSHIP.measure(scored(small_target, small_target.policy, 12), small_target).figures
    of_counts = MEMBERSHIP.measure(scored(small_target, weak, 12), small_target).figures
    for figure in ("mean AUC", "mean AUC, without knowledge"):
        assert of_counts[figure] > 0.85 > of_release[figure] + 0.15


def test_who_knows_how_steps_go_together_is_told_more(small_target: Target) -> None:
    found: Worlds = worlds(small_target, small_target.policy, 40)
    figures = EVERYTHING.measure(found, small_target).figures
    assert figures["mean AUC, with everybody known"] > figures["mean AUC"] > 0.5
    assert found.inside.sum(axis=0).tolist() == [int(np.ceil(len(found.inside) / 2))] * 40
