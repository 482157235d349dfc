"""What is accepted of OSM's opening hours, and what a refusal says."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.hours.features import FEATURES, Feature
from pipelines.feeds.hours.grammar import EVERY_DAY, HoursError, Rule, accept, rules
from tests.feeds.hours_changed import accepted, damaged
from tests.feeds.hours_made import PRODUCTIONS, Maker, made


def refused(text: str) -> HoursError:
    with pytest.raises(HoursError) as caught:
        accept(text)
    return caught.value


def test_rules_are_read_into_their_parts() -> None:
    week, saturday, holidays = rules("Mo-We,Fr 08:30-12:00,13:30-17:30; Jul-Aug Sa,PH off; PH 10:00-12:00 off")
    assert week == Rule("", "Mo-We,Fr", "08:30-12:00,13:30-17:30", False, frozenset({0, 1, 2, 4}), False, 0)
    assert saturday == Rule("Jul-Aug", "Sa,PH", "", True, frozenset({5}), True, 34)
    assert holidays == Rule("", "PH", "10:00-12:00", True, frozenset(), True, 53)


@pytest.mark.parametrize(
    ("text", "days"), [("Fr-Mo 10:00-12:00", {4, 5, 6, 0}), ("Mo-Su off", EVERY_DAY), ("10:00-12:00", EVERY_DAY)]
)
def test_days_go_beyond_the_end_of_a_week_and_are_all_where_none_is_written(text: str, days: set[int]) -> None:
    assert rules(text)[0].days == days


def test_a_month_before_a_time_is_no_date() -> None:
    assert [rule.season for rule in rules("Jan 09:00-12:00; Jan 09 09:00-12:00; week 09 09:00-12:00")] == [
        "Jan",
        "Jan 09",
        "week 09",
    ]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.example)
def test_each_part_that_is_refused_by_name_is_refused_where_it_stands(feature: Feature) -> None:
    error = refused(feature.example)
    found = feature.pattern.search(feature.example)
    assert found is not None
    assert (error.refusal, error.position) == (feature.refusal, found.start() + 1)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 1, "days, or times"),
        ("lundi matin", 1, "days, or times"),
        ("Mo", 3, "times or off"),
        ("Mo-Fr 09:00-12:00;", 19, "days, or times"),
        ("Mo-Fr 09:00-12:00,", 19, "a time such as"),
        ("Mo-Fr 09:00-12:00, 13:00-15:00", 19, "without a space"),
        ("Mo-Fr  09:00-12:00", 6, "times or off"),
        (" Mo-Fr 09:00-12:00", 1, "days, or times"),
        ("Mo off  ; Tu off", 7, "the end"),
        ("Mo off;  Tu off", 9, "days, or times"),
        ("Mo-Fr 09:00-12:00 ", 18, "the end"),
        ("Mo-Fr 09:00-12:00; 14:00-15:00", 20, "the days of this rule"),
        ("Mo-Fr 09:00-12:00; off", 20, "the days of this rule"),
        ("Mo,PH,Tu off", 6, "times or off"),
        ("Mo-Lundi off", 3, "times or off"),
        ("Jan,2027 Jan 05 off", 5, "a list of one kind"),
        ("Jan,Jan 05 off", 5, "a list of one kind"),
        ("Feb 29 off", 1, "a date that every year has"),
        ("Mo off; 2027 Feb 29 off", 9, "Feb 29 with a leap year"),
        ("Apr 31 off", 1, "a date that every year has"),
        ("Jan 00 off", 1, "a date that every year has"),
        ("Jan 20-10 off", 1, "ends after it begins"),
        ("2027 Mar 05-2027 Mar 04 off", 1, "ends after it begins"),
        ("Feb 01-28 off", 1, "the month at both ends"),
        ("2028 Feb 01-29 off", 1, "the month at both ends"),
        ("Mar 05-Mar 04 off", 1, "leave out a day of the year"),
        ("Mar 01-Feb 28 off", 1, "leave out a day of the year"),
        ("1999 Jan 01 off", 1, "days, or times"),
        ("week 54 off", 6, "weeks from 01 to 53"),
        ("week 00 off", 6, "weeks from 01 to 53"),
        ("week 20-10 off", 6, "weeks from 01 to 53"),
        ("week 10-20/3 off", 6, "every second week"),
        ("week 10-11/2 off", 6, "every second week"),
        ("Mo 24:00-24:00", 4, "from 00:00 to 24:00"),
        ("Mo 09:60-12:00", 4, "from 00:00 to 24:00"),
        ("Mo 22:00-02:00", 4, "on the same day"),
        ("Mo 22:00-24:01", 4, "on the same day"),
        ("Mo 22:00-26:00", 4, "on the same day"),
        ("Mo 10:00-10:00", 4, "on the same day"),
        ("Mo-Fr", 6, "times or off"),
        ("2027 Mo off", 1, "days, or times"),
    ],
)
def test_a_refusal_says_where_and_what_was_expected(text: str, position: int, said: str) -> None:
    error = refused(text)
    assert error.position == position
    assert said in error.message
    assert said in error.expected.en
    assert error.hint.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "week 10-12/2 off",
        "week 53 off",
        "Mo 00:00-24:00",
        "Mo 23:59-24:00",
        "2028 Feb 29 off",
        "2028 Feb 01-2028 Feb 29 off",
        "Feb 01-27 off",
        "Mar 05-Mar 03 off",
        "Mar 05-Mar 05 off",
        "2027 Mar 05-2027 Mar 05 off",
        "2000 Jan 01-2099 Dec 31 off",
    ],
)
def test_the_nearest_thing_to_a_refusal_is_accepted(text: str) -> None:
    accept(text)


def test_a_refusal_speaks_french() -> None:
    error = refused("Mo-Fr 09:00+")
    assert error.expected.fr == (
        "des horaires sans «\u00a0+\u00a0» (fin ouverte, ou jours après une date), que deux logiciels lisent "
        "différemment (caractère 12\u00a0: écrivez l’heure de fermeture, par exemple 09:00-12:00, ou la date)"
    )


def test_all_productions_are_made_and_accepted() -> None:
    texts, used = made(seed=3, count=1500)
    assert used == PRODUCTIONS
    assert [text for text in texts if not accepted(text)] == []


@given(st.integers(0, 2**32))
def test_rules_written_from_their_parts_say_the_same(seed: int) -> None:
    text = Maker(Random(seed)).text()
    written = "; ".join(rule.written() for rule in rules(text))
    assert [rule.written() for rule in rules(written)] == [rule.written() for rule in rules(text)]


@given(st.integers(0, 2**32))
def test_a_damaged_text_is_read_or_refused_within_its_length(seed: int) -> None:
    random = Random(seed)
    text = damaged(random, Maker(random).text())
    if not accepted(text):
        assert 1 <= refused(text).position <= len(text) + 1


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    accepted(text)
