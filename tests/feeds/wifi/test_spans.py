from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.wifi.spans import Spans

MOST = 40
members = st.sets(st.integers(0, MOST - 1))


def spans(ticks: set[int]) -> Spans:
    return Spans.of((tick, tick + 1) for tick in sorted(ticks))


def ticks(found: Spans) -> set[int]:
    return {tick for start, stop in zip(found.start, found.stop, strict=True) for tick in range(start, stop)}


@given(members, members)
def test_spans_are_sets_of_ticks(a: set[int], b: set[int]) -> None:
    assert ticks(spans(a).both(spans(b))) == a & b
    assert ticks(spans(a).without(spans(b))) == a - b


@given(members, members)
def test_no_span_is_empty_and_none_touches_the_next(a: set[int], b: set[int]) -> None:
    for found in (spans(a), spans(a).both(spans(b)), spans(a).without(spans(b))):
        assert (found.start < found.stop).all()
        assert all(stop < start for (_, stop), (start, _) in pairwise(zip(found.start, found.stop, strict=True)))


@given(members, st.integers(-3, MOST + 3), st.integers(-3, MOST + 3))
def test_an_amount_is_the_number_of_ticks(a: set[int], start: int, stop: int) -> None:
    assert spans(a).amount(start, stop) == len(a & set(range(start, stop)))
    assert spans(a).length == len(a)


@given(members, st.integers(-3, MOST + 3), st.integers(1, MOST))
def test_an_amount_is_reached_at_the_first_instant_that_has_it(a: set[int], start: int, amount: int) -> None:
    instants = [instant for instant in range(start, MOST + 1) if spans(a).amount(start, instant) >= amount]

    assert spans(a).reached(start, amount) == min(instants, default=None)


def test_of_nothing_nothing_is_told() -> None:
    nothing = Spans.of(())

    assert nothing.until(np.array([5])).tolist() == [0]
    assert nothing.reached(0, 1) is None
    assert nothing.both(nothing).length == 0
