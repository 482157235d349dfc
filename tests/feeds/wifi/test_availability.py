from collections.abc import Sequence
from datetime import datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.feeds.wifi.availability import Share, months, share
from pipelines.feeds.wifi.beats import listening
from pipelines.feeds.wifi.spans import Spans
from pipelines.feeds.wifi.states import status
from tests.feeds.wifi.making import BEAT, MINUTE, PARIS, beats_of, regular

OTHER = regular(0, 600, 1)


def shared(
    times: Sequence[float], period: tuple[int, int] = (0, 600), others: Sequence[float] = OTHER, end: float = 600
) -> Share:
    beats = beats_of({"a": times, "b": others}, end)
    heard = listening(beats, [BEAT, BEAT], 3)
    found = share(beats.times("a"), BEAT, heard.told, Spans.of([(period[0] * MINUTE, period[1] * MINUTE)]))
    return Share(*(value // MINUTE for value in (found.period, found.told, found.heard)))


def test_who_beats_all_the_time_is_available_all_the_time() -> None:
    assert shared(regular(0, 600)) == Share(600, 600, 600)


def test_each_missed_beat_is_one_interval_less() -> None:
    for missed in (1, 2, 3, 10):
        gone = [*regular(0, 300), *regular(305 + 5 * missed, 600)]
        assert shared(gone) == Share(600, 600, 600 - 5 * missed)


def test_a_late_beat_is_no_missed_one() -> None:
    late = [minute + (2.4 if minute % 10 else 0) for minute in regular(0, 600)]

    assert shared(late) == Share(600, 600, 600)


@pytest.mark.parametrize(("gap", "lacking"), [(7.4, 0), (7.5, 2.5), (7.6, 2.6)])
def test_a_gap_is_a_lack_from_one_and_a_half_intervals_on(gap: float, lacking: float) -> None:
    beats = beats_of({"a": [0, gap, gap + 2], "b": OTHER}, 10)
    found = share(beats.times("a"), BEAT, Spans.of([(0, 10 * MINUTE)]), Spans.of([(0, 10 * MINUTE)]))

    assert found.told - found.heard == round(lacking * MINUTE)


def test_the_time_before_the_first_beat_cannot_be_told() -> None:
    found = shared(regular(100, 600))

    assert found == Share(600, 500, 500)
    assert found.coverage == pytest.approx(500 / 600)


def test_silences_of_the_collector_are_left_out_and_lower_the_coverage() -> None:
    deaf = [*regular(0, 100, 1), *regular(300, 600, 1)]

    assert shared([*regular(0, 100), *regular(300, 600)], others=deaf) == Share(600, 400, 400)


def test_a_gap_counts_in_the_months_that_it_lies_in() -> None:
    times = [*regular(0, 280), *regular(320, 600)]

    assert shared(times, (0, 300)) == Share(300, 300, 285)
    assert shared(times, (300, 600)) == Share(300, 300, 280)


def test_who_is_still_out_of_order_is_so_until_the_last_beat_of_anybody() -> None:
    assert shared(regular(0, 500)) == Share(600, 600, 505)


def test_nothing_is_told_of_who_was_never_heard() -> None:
    found = shared([])

    assert found == Share(600, 0, 0)
    assert found.available is None


@pytest.mark.parametrize(
    ("at", "hours"), [("2026-04-10T12:00", 743), ("2026-11-10T12:00", 745), ("2026-06-01T00:00", 744)]
)
def test_months_are_those_of_the_calendar_on_nights_when_clocks_change_too(at: str, hours: int) -> None:
    (start, stop), (this, end) = months(datetime.fromisoformat(at).replace(tzinfo=PARIS))

    assert (stop.timestamp() - start.timestamp()) / 3600 == hours
    assert (start.day, start.hour, stop, this.day) == (1, 0, this, 1)
    assert end.isoformat()[:16] == at


# Who counts each tick of a minute in SQL, from the definitions alone, has to find the same.

TOLD = """
with beats as (select distinct * from rows where t <= $at),
union_beats as (select t, lead(t) over (order by t) as n from (select distinct t from beats)),
told as (select tick from union_beats, range(t, n) as r(tick) where n - t < $silence),
gaps as (select t, coalesce(lead(t) over (order by t), (select max(t) from beats)) as n from beats where ap = 'a'),
late as (select t, n from gaps where (select count(*) from told where tick >= t and tick < n) * 2 >= 3 * $interval)
"""
SHARE = (
    TOLD
    + """
select count(*) filter (seen), count(*) filter (seen and not lacking) from (
  select tick >= (select min(t) from beats where ap = 'a') as seen,
    exists (select 1 from late where tick >= late.t + $interval and tick < n) as lacking
  from told where tick >= $low and tick < $high)
"""
)
STATE = (
    TOLD
    + """
select case
  when (select max(t) from beats where ap = 'a') is null then 'unknown'
  when $at - (select max(t) from beats where ap = 'a') < $missed * $interval then 'up'
  when $at - (select max(t) from beats) < $silence
    and (select count(*) from told where tick >= (select max(t) from beats where ap = 'a') and tick < $at)
      >= $missed * $interval then 'down'
  else 'unknown' end
"""
)
INTERVAL, MISSED = 4, 3

instants = st.lists(st.integers(0, 120), max_size=25, unique=True).map(sorted)


def asked(query: str, a: list[int], b: list[int], **values: int) -> tuple:
    with duckdb.connect() as connection:
        connection.execute("create table rows (ap varchar, t bigint)")
        rows = [("a", t) for t in a] + [("b", t) for t in b]
        if rows:
            connection.executemany("insert into rows values (?, ?)", rows)
        return connection.execute(query, values).fetchone() or ()


@settings(max_examples=60, deadline=None)
@given(a=instants, b=instants, at=st.integers(0, 130), low=st.integers(0, 60))
def test_states_and_shares_are_those_that_sql_finds(a: list[int], b: list[int], at: int, low: int) -> None:
    step = INTERVAL * MINUTE
    beats = beats_of({"a": a, "b": b}, at)
    heard = listening(beats, [step, step], MISSED)
    values = {"at": at, "interval": INTERVAL, "silence": MISSED * INTERVAL}

    found = share(beats.times("a"), step, heard.told, Spans.of([(low * MINUTE, at * MINUTE)]))
    state = status(beats.times("a"), step, heard, at * MINUTE, MISSED).state

    wanted = asked(SHARE, a, b, **values, low=low, high=max(at, low))
    assert (found.told // MINUTE, found.heard // MINUTE) == wanted
    assert (state,) == asked(STATE, a, b, **values, missed=MISSED)
