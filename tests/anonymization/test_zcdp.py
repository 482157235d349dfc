import math
from datetime import date, timedelta

import dp_accounting
import opendp.prelude as opendp
import pytest
from dp_accounting.rdp import RdpAccountant
from hypothesis import given
from hypothesis import strategies as st

from anonymization.zcdp import epsilon_of, rho_of, rho_within, sigma_for, worst_rho

DELTA = 1e-8
NOISES = [(10.0, 4), (10.0, 24), (20.0, 24), (20.0, 48), (3.3, 24)]


@pytest.mark.parametrize(("sigma", "contributions"), NOISES)
@pytest.mark.parametrize("days", [1, 30, 365])
def test_epsilon_is_that_of_dp_accounting_within_one_percent(sigma: float, contributions: int, days: int) -> None:
    accountant = RdpAccountant()
    accountant.compose(dp_accounting.GaussianDpEvent(sigma / math.sqrt(contributions)), days)
    expected = accountant.get_epsilon(DELTA)
    assert epsilon_of(days * rho_of(sigma, contributions), DELTA) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("sigma", "contributions"), NOISES)
def test_rho_and_epsilon_are_those_of_opendp(sigma: float, contributions: int) -> None:
    opendp.enable_features("contrib")
    space = opendp.vector_domain(opendp.atom_domain(T="i64")), opendp.l2_distance(T="f64")
    mechanism = opendp.m.make_gaussian(*space, scale=sigma)
    distance = math.sqrt(contributions)
    assert mechanism.map(distance) == pytest.approx(rho_of(sigma, contributions), rel=1e-9)
    profile = opendp.c.make_zCDP_to_approxDP(mechanism).map(distance)
    assert epsilon_of(rho_of(sigma, contributions), DELTA) == pytest.approx(profile.epsilon(DELTA), rel=1e-5)


@pytest.mark.parametrize(
    ("sigma", "contributions", "days", "expected"),
    [(10, 4, 1, 1.08), (10, 24, 1, 2.80), (10, 24, 30, 19.0), (20, 24, 365, 38), (20, 48, 1, 1.93)],
)
def test_known_values_come_out(sigma: float, contributions: int, days: int, expected: float) -> None:
    found = epsilon_of(days * rho_of(sigma, contributions), DELTA)
    assert found == pytest.approx(expected, rel=0.01)


@given(st.floats(0.01, 50), st.sampled_from([1e-12, 1e-8, 1e-5, 1e-2]))
def test_rho_within_is_the_greatest_that_keeps_epsilon(epsilon: float, delta: float) -> None:
    rho = rho_within(epsilon, delta)
    assert epsilon_of(rho, delta) <= epsilon < epsilon_of(rho * (1 + 1e-6), delta)


@given(st.floats(0.05, 10), st.integers(1, 200))
def test_sigma_holds_epsilon_and_is_hardly_more_than_needed(epsilon: float, contributions: int) -> None:
    sigma = sigma_for(epsilon, DELTA, contributions)
    assert epsilon_of(rho_of(sigma, contributions), DELTA) <= epsilon
    assert epsilon_of(rho_of(sigma - 0.002, contributions), DELTA) > epsilon


def test_nothing_spent_is_no_epsilon() -> None:
    assert epsilon_of(0.0, DELTA) == 0.0


@pytest.mark.parametrize(("epsilon", "delta"), [(0.0, DELTA), (-1.0, DELTA), (math.inf, DELTA), (1.0, 0.0), (1.0, 0.1)])
def test_a_meaningless_epsilon_or_delta_is_an_error(epsilon: float, delta: float) -> None:
    with pytest.raises(ValueError, match="expected epsilon above 0"):
        rho_within(epsilon, delta)


DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(n))
COSTS = st.lists(st.tuples(DAYS, st.floats(0.1, 1)), min_size=1)


@given(COSTS, st.integers(1, 30), st.booleans())
def test_the_worst_days_in_a_row_are_found(costs: list[tuple[date, float]], horizon: int, one_day: bool) -> None:
    around = costs[0][0] if one_day else None
    windows = []
    for first in (date(2025, 12, 1) + timedelta(n) for n in range(92)):
        end = first + timedelta(horizon)
        if around is None or first <= around < end:
            windows.append(sum(rho for day, rho in costs if first <= day < end))
    assert worst_rho(costs, horizon, around) == pytest.approx(max(windows))


def test_no_days_cost_nothing() -> None:
    assert worst_rho([], 365) == 0.0
