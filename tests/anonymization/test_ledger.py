import fcntl
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import dp_accounting
import pytest
from dp_accounting.rdp import RdpAccountant

from anonymization.ledger import (
    Budget,
    Spending,
    enter_spending,
    ledger_path,
    read_ledger,
    refuse_overspending,
    spent,
)
from anonymization.zcdp import epsilon_of, rho_of
from schemas.errors import PrivacyRefusal

DELTA = 1e-8
DAY = date(2026, 6, 13)
RHO = rho_of(13.7, 24)
FIRST = Spending(DAY, ("s1", "s2"), RHO, DELTA, "r1")
AMPLE = Budget(1e6, DELTA)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "publications.budget.jsonl"


def days(count: int, step: int = 1, **changes: object) -> Iterator[Spending]:
    return (replace(FIRST, day=DAY + timedelta(n * step), **changes) for n in range(count))  # type: ignore[arg-type]


def budget_of(count: int, more: float = 0.0) -> Budget:
    """What so many days cost, and a little more."""
    return Budget(epsilon_of(count * RHO, DELTA) + more, DELTA)


def refused(path: Path, budget: Budget, *spendings: Spending) -> bool:
    """Whether both the question and the entry refuse, and the ledger stays as it was."""
    before = path.read_bytes() if path.exists() else b""
    refusals = 0
    for attempt in (refuse_overspending, enter_spending):
        try:
            attempt(path, spendings, budget)
        except PrivacyRefusal:
            refusals += 1
            assert (path.read_bytes() if path.exists() else b"") == before
    assert refusals in (0, 2)
    return refusals == 2


def test_the_ledger_stands_beside_the_register() -> None:
    assert ledger_path(Path("/a/publications.jsonl")) == Path("/a/publications.budget.jsonl")
    assert ledger_path(Path("/a/register")) == Path("/a/register.budget.jsonl")


def test_a_day_is_one_line_that_holds_the_hash_of_the_line_before(ledger: Path) -> None:
    enter_spending(ledger, days(2), AMPLE)
    first, second = ledger.read_bytes().splitlines()
    assert json.loads(first) == {
        "day": "2026-06-13",
        "delta": 1e-08,
        "previous": "0" * 64,
        "release_id": "r1",
        "rho": RHO,
        "sources": ["s1", "s2"],
    }
    assert json.loads(second)["previous"] == hashlib.sha256(first).hexdigest()
    assert read_ledger(ledger) == list(days(2))


def test_lines_entered_one_by_one_are_those_entered_together(ledger: Path, tmp_path: Path) -> None:
    enter_spending(ledger, days(3), AMPLE)
    for each in days(3):
        enter_spending(tmp_path / "other", [each], AMPLE)
    assert (tmp_path / "other").read_bytes() == ledger.read_bytes()


def test_the_same_day_of_the_same_release_is_entered_once_even_when_the_budget_is_spent(ledger: Path) -> None:
    enter_spending(ledger, [FIRST, FIRST], AMPLE)
    assert not refused(ledger, Budget(1e-3, DELTA), FIRST)
    assert len(read_ledger(ledger)) == 1


@pytest.mark.parametrize(("more", "refuses"), [(-1e-5, True), (0.0, False), (1e-5, False)])
def test_a_day_that_passes_the_budget_is_refused(ledger: Path, more: float, refuses: bool) -> None:
    enter_spending(ledger, days(9), AMPLE)
    tenth = replace(FIRST, day=DAY + timedelta(9))
    assert refused(ledger, budget_of(10, more), tenth) is refuses
    assert len(read_ledger(ledger)) == (9 if refuses else 10)


def test_a_refusal_names_the_budget_what_is_spent_and_what_to_do(ledger: Path) -> None:
    enter_spending(ledger, days(9), AMPLE)
    budget = budget_of(9, 0.1)
    with pytest.raises(PrivacyRefusal) as caught:
        refuse_overspending(ledger, [replace(FIRST, day=DAY + timedelta(9))], budget)
    assert caught.value.exit_code == 3
    without, after = epsilon_of(9 * RHO, DELTA), epsilon_of(10 * RHO, DELTA)
    assert f"privacy day 2026-06-22 would bring the epsilon of 365 days to {after:.2f}" in caught.value.message
    assert (
        f"above the budget_epsilon of {budget.epsilon:g}; the other days come to {without:.2f}" in caught.value.message
    )
    assert "lower [policy.dp] epsilon" in caught.value.hint


def test_days_of_one_run_count_together_and_none_is_entered_where_one_is_refused(ledger: Path) -> None:
    assert refused(ledger, budget_of(2), *days(3))
    assert not ledger.exists() or read_ledger(ledger) == []


@pytest.mark.parametrize(("distance", "refuses"), [(364, True), (365, False)])
def test_the_budget_is_for_365_days_in_a_row_before_and_after(ledger: Path, distance: int, refuses: bool) -> None:
    enter_spending(ledger, [FIRST], AMPLE)
    for far in (distance, -distance):
        assert refused(ledger, budget_of(1), replace(FIRST, day=DAY + timedelta(far))) is refuses


def test_another_source_has_a_budget_of_its_own(ledger: Path) -> None:
    enter_spending(ledger, [FIRST], AMPLE)
    assert not refused(ledger, budget_of(1), replace(FIRST, day=DAY + timedelta(1), sources=("s3",)))
    assert refused(ledger, budget_of(1), replace(FIRST, day=DAY + timedelta(2), sources=("s3", "s2")))


@pytest.mark.parametrize("change", [{"release_id": "r2"}, {"rho": 2 * RHO}, {"delta": 1e-9}, {"sources": ("s2",)}])
def test_a_day_of_a_source_is_paid_for_once(ledger: Path, change: dict[str, object]) -> None:
    enter_spending(ledger, [FIRST], AMPLE)
    assert refused(ledger, AMPLE, replace(FIRST, **change))  # type: ignore[arg-type]


def damaged(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The ledger with a line changed, removed, repeated, moved, or written anew; never the last alone."""
    yield [lines[0].replace(b"2026-06-13", b"2026-06-12"), *lines[1:]]
    yield [lines[0].replace(str(RHO).encode(), b"0.001"), *lines[1:]]
    yield lines[1:]
    yield [lines[0], *lines[2:]]
    yield [lines[0], *lines]
    yield [lines[1], lines[0], *lines[2:]]
    yield [b"", *lines]
    yield [b"{}", *lines]
    yield [lines[0].replace(b'"day"', b'"more":1,"day"'), *lines[1:]]
    yield [lines[0].replace(b"1e-08", b"0"), *lines[1:]]
    yield [lines[0].replace(b"1e-08", b"NaN"), *lines[1:]]


def test_a_line_that_is_changed_removed_or_moved_refuses_everything(ledger: Path) -> None:
    enter_spending(ledger, days(3), AMPLE)
    found = list(damaged(ledger.read_bytes().splitlines()))
    for lines in found:
        ledger.write_bytes(b"\n".join(lines) + b"\n")
        assert refused(ledger, AMPLE, replace(FIRST, day=date(2027, 1, 1)))
        with pytest.raises(PrivacyRefusal, match=r"line [123]: expected what a privacy day cost"):
            read_ledger(ledger)


def test_a_torn_last_line_is_ignored_and_healed_at_every_byte(ledger: Path) -> None:
    enter_spending(ledger, days(2), AMPLE)
    whole = ledger.read_bytes()
    line_end = whole.index(b"\n") + 1
    for cut in range(line_end + 1, len(whole) - 1):
        ledger.write_bytes(whole[:cut])
        enter_spending(ledger, list(days(2))[1:], AMPLE)
        assert ledger.read_bytes() == whole


def test_a_whole_last_line_without_its_end_counts(ledger: Path) -> None:
    enter_spending(ledger, days(3), AMPLE)
    whole = ledger.read_bytes()
    ledger.write_bytes(whole.rstrip())
    enter_spending(ledger, [replace(FIRST, day=date(2027, 1, 1))], AMPLE)
    assert ledger.read_bytes().startswith(whole)
    assert len(read_ledger(ledger)) == 4


@pytest.mark.parametrize("change", [{"sources": ()}, {"rho": 0.0}, {"rho": float("nan")}, {"delta": 0.0}])
def test_a_spending_without_source_or_cost_cannot_be_stated(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="names no source"):
        replace(FIRST, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("horizon", [1, 30, 365])
def test_the_ledger_adds_up_as_dp_accounting_does(ledger: Path, horizon: int) -> None:
    # Two days in three are published; a window of 30 days holds 20 of them at most.
    published = [each for n, each in enumerate(days(400)) if n % 3]
    enter_spending(ledger, published, AMPLE)
    count = {1: 1, 30: 20, 365: 244}[horizon]
    accountant = RdpAccountant()
    accountant.compose(dp_accounting.GaussianDpEvent(13.7 / 24**0.5), count)
    found = spent(read_ledger(ledger), ["s2"], DELTA, horizon)
    assert found == pytest.approx(accountant.get_epsilon(DELTA), rel=0.01)
    assert spent(read_ledger(ledger), ["s3"], DELTA, horizon) == 0.0


def test_who_spends_waits_for_whoever_is_at_it(ledger: Path) -> None:
    enter_spending(ledger, [FIRST], AMPLE)
    second = replace(FIRST, day=DAY + timedelta(1))
    with ledger.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        waiting = threading.Thread(target=enter_spending, args=(ledger, [second], AMPLE))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        assert read_ledger(ledger) == [FIRST]
    waiting.join(60)
    assert read_ledger(ledger) == [FIRST, second]
