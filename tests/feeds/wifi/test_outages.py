from collections.abc import Sequence

import pytest

from pipelines.feeds.wifi.beats import listening
from pipelines.feeds.wifi.outages import Outage, Rule, outages
from pipelines.feeds.wifi.spans import Spans
from tests.feeds.wifi.making import BEAT, MINUTE, beats_of, regular

RULE = Rule(missed=3, steady=3)
OTHER = regular(0, 600, 1)
ALWAYS = ((-1000, 1000),)


def found(
    times: Sequence[float],
    opened: Sequence[tuple[int, int]] = ALWAYS,
    end: float = 600,
    others: Sequence[float] = OTHER,
) -> list[Outage]:
    beats = beats_of({"a": times, "b": others}, end)
    heard = listening(beats, [BEAT, BEAT], RULE.missed)
    hours = Spans.of((start * MINUTE, stop * MINUTE) for start, stop in opened)
    made = outages(beats.times("a"), BEAT, heard.told, hours, RULE)
    return [Outage(*(None if each is None else each // MINUTE for each in vars(outage).values())) for outage in made]


@pytest.mark.parametrize(("back", "count"), [(24, 0), (25, 1), (26, 1)])
def test_an_outage_is_three_missed_beats(back: int, count: int) -> None:
    assert len(found([0, 5, 10, *regular(back, 600)])) == count


def test_an_outage_is_named_by_the_last_beat_and_says_when_it_was_due_seen_and_over() -> None:
    assert found([*regular(0, 100), *regular(200, 600)]) == [
        Outage(heard=100, first_missed=105, reported=115, again=200, over=210)
    ]


@pytest.mark.parametrize("end", [115, 150, 199, 200, 205, 210, 400])
def test_the_next_builds_see_the_same_outage(end: int) -> None:
    made = found([*regular(0, 100), *regular(200, 600)], end=end)

    assert [(each.heard, each.first_missed, each.reported) for each in made] == [(100, 105, 115)]
    assert made[0].again == (200 if end >= 200 else None)
    assert made[0].over == (210 if end >= 210 else None)


@pytest.mark.parametrize(("opens", "reported"), [(110, 125), (120, 135), (184, 199), (185, 200), (186, None)])
def test_a_report_waits_for_three_missed_beats_inside_opening_hours(opens: int, reported: int | None) -> None:
    made = found([*regular(0, 100), *regular(200, 600)], opened=[(opens, 500)])

    assert [each.reported for each in made] == [reported]


def test_time_inside_opening_hours_adds_up_over_nights() -> None:
    made = found([*regular(0, 100), *regular(400, 600)], opened=[(110, 120), (200, 210)])

    assert [each.reported for each in made] == [205]


@pytest.mark.parametrize(("beats_between", "count"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_what_flaps_is_one_outage_until_it_is_steady(beats_between: int, count: int) -> None:
    back = regular(200, 200 + 5 * (beats_between - 1))
    made = found([*regular(0, 100), *back, *regular(300, 600)])

    assert len(made) == count
    assert (made[0].heard, made[0].reported) == (100, 115)
    assert (made[-1].again, made[-1].over) == (300, 310)


def test_a_silent_collector_makes_no_outage() -> None:
    deaf = [*regular(0, 100, 1), *regular(300, 600, 1)]

    assert found([*regular(0, 100), *regular(300, 600)], others=deaf) == []


def test_a_collector_that_falls_silent_in_an_outage_does_not_hasten_its_report() -> None:
    # Missed from 100 on; deaf from 108 to 300: seven more minutes have to pass.
    deaf = [*regular(0, 108, 1), *regular(300, 600, 1)]
    made = found([*regular(0, 100), *regular(400, 600)], others=deaf)

    assert [each.reported for each in made] == [307]


def test_an_access_point_that_was_never_heard_has_no_outage() -> None:
    assert found([]) == []
