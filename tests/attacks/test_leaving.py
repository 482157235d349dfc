"""Towns in which a rule for flows is needed: the product's rule holds there, and without it the attacks succeed."""

from collections.abc import Callable

import numpy as np
import pyarrow.compute as pc
import pytest

from pipelines.arrays import column
from pipelines.attacks.elsewhere import in_zones
from pipelines.attacks.figures.differencing import DIFFERENCING
from pipelines.attacks.figures.leaving import all_but_a_few, halves
from pipelines.attacks.figures.loose_flows import EachLayerAlone, WithoutEnds, flows_by
from pipelines.attacks.solving.joint import JOINT, joined
from pipelines.attacks.target import Target
from pipelines.staging import Staging

Town = Callable[[Target], Target]
COUNTED = ("visits", "trips", "crossings")


def pairs(target: Target, day: int, name: str) -> set[tuple[object, ...]]:
    """The rows of single devices, by their numbers."""
    table = getattr(target.days[day], name)
    return set(zip(*(table[each].to_pylist() for each in table.column_names), strict=True))


def below_k(town: Town, rule: type[Staging], target: Target) -> float:
    return DIFFERENCING.measure(flows_by(rule, town(target)), target).figures["differences below k"]


def test_the_same_zones_give_what_the_run_counted(small_target: Target) -> None:
    again = in_zones(small_target, small_target.inputs.areas)
    for day in range(len(small_target.days)):
        for name in COUNTED:
            assert pairs(again, day, name) == pairs(small_target, day, name)


@pytest.mark.parametrize("town", [all_but_a_few, halves])
def test_visitors_of_the_day_are_as_they_were_but_for_those_who_arrive(small_target: Target, town: Town) -> None:
    changed = town(small_target)
    for day, honest in enumerate(small_target.days):
        hour = honest.grid.hours.size - 2
        zones = len(small_target.inputs.areas)
        assert pairs(small_target, day, "visits") <= pairs(changed, day, "visits")
        trips = changed.days[day].trips
        last = trips.filter(pc.equal(trips["hour"], hour))
        assert len(pc.unique(last["device"])) >= small_target.policy.k
        # Who goes somewhere has visited both places, and no longer crosses the one of arrival.
        visited = set(zip(*(changed.days[day].visits[each].to_pylist() for each in ("device", "zone")), strict=True))
        for end in ("from_zone", "to_zone"):
            assert set(zip(last["device"].to_pylist(), last[end].to_pylist(), strict=True)) <= visited
        crossed = changed.days[day].crossings.filter(pc.less(changed.days[day].crossings["zone"], zones))
        assert not visited & set(zip(crossed["device"].to_pylist(), crossed["zone"].to_pylist(), strict=True))


def test_half_of_k_visitors_stay_behind(small_target: Target) -> None:
    for day in all_but_a_few(small_target).days:
        last = day.trips.filter(pc.equal(day.trips["hour"], day.grid.hours.size - 2))
        (origin,) = pc.unique(last["from_zone"]).to_pylist()
        there = np.unique(column(day.visits, "device")[column(day.visits, "zone") == origin])
        assert there.size - last.num_rows == small_target.policy.k // 2


def test_half_of_k_devices_of_a_flow_are_in_none_inside_it(small_target: Target) -> None:
    zones = len(small_target.inputs.areas)
    for day in halves(small_target).days:
        last = day.trips.filter(pc.equal(day.trips["hour"], day.grid.hours.size - 2))
        inside = pc.greater_equal(last["from_zone"], zones)
        within, around = (pc.unique(last.filter(each)["device"]) for each in (inside, pc.invert(inside)))
        assert pc.all(pc.is_in(within, around)).as_py()
        assert len(around) - len(within) == small_target.policy.k // 2


@pytest.mark.parametrize(("town", "rule"), [(all_but_a_few, WithoutEnds), (halves, EachLayerAlone)])
@pytest.mark.slow
def test_the_rule_of_the_product_withholds_what_the_attack_finds_without_it(
    small_target: Target, town: Town, rule: type[Staging]
) -> None:
    assert below_k(town, Staging, small_target) == 0
    assert below_k(town, rule, small_target) > 0
    # Each town needs its own rule alone.
    other = EachLayerAlone if rule is WithoutEnds else WithoutEnds
    assert below_k(town, other, small_target) == 0


def test_a_rule_that_is_left_out_only_adds_rows(small_target: Target) -> None:
    town = all_but_a_few(small_target)
    strict, loose = (flows_by(rule, town).tables["flows"] for rule in (Staging, WithoutEnds))
    keys = ["date", "window_start", "origin_zone_id", "destination_zone_id", "devices"]
    rows = [set(zip(*(table[key].to_pylist() for key in keys), strict=True)) for table in (strict, loose)]
    assert rows[0] < rows[1]


def test_flows_in_the_release_s_own_zones_are_those_of_the_release(small_target: Target) -> None:
    again = flows_by(EachLayerAlone, small_target).tables["flows"]
    released = small_target.tables["flows"]
    assert again.sort_by([(key, "ascending") for key in ("date", "window_start", "origin_zone_id")]).equals(
        released.select(again.column_names).sort_by(
            [(key, "ascending") for key in ("date", "window_start", "origin_zone_id")]
        )
    )


def test_printed_figures_tell_that_a_few_stayed(small_target: Target) -> None:
    weak = flows_by(WithoutEnds, all_but_a_few(small_target))
    held = flows_by(Staging, all_but_a_few(small_target))
    told = [JOINT.measure(joined(each, small_target), small_target).figures for each in (weak, held)]
    assert told[0]["numbers told by exact figures"] > 0
    assert told[1]["numbers told by exact figures"] == told[1]["numbers told by printed figures"] == 0
