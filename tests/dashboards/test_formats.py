from datetime import date, datetime

import pytest

from dashboards import formats


@pytest.mark.parametrize(
    ("value", "decimals", "english", "french"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1000, 0, "1,000", "1\u202f000"),
        (1234567, 0, "1,234,567", "1\u202f234\u202f567"),
        (1234.56, 1, "1,234.6", "1\u202f234,6"),
    ],
)
def test_numbers_are_written_as_in_each_language(value: float, decimals: int, english: str, french: str) -> None:
    assert formats.number(value, "en", decimals) == english
    assert formats.number(value, "fr", decimals) == french


def test_a_share_has_a_no_break_space_in_french() -> None:
    assert (formats.percent(0.946, "en"), formats.percent(0.946, "fr")) == ("95%", "95\u00a0%")


def test_dates_and_times_are_written_as_in_each_language() -> None:
    assert formats.long_date(date(2026, 6, 20), "en") == "Saturday 20 June 2026"
    assert formats.long_date(date(2026, 8, 1), "fr") == "samedi 1er août 2026"
    moment = datetime(2026, 6, 20, 21, 15)
    assert (formats.clock(moment, "en"), formats.clock(moment, "fr")) == ("21:15", "21\u00a0h\u00a015")
    assert formats.clock(datetime(2026, 6, 20, 5), "fr") == "5\u00a0h"


def test_marks_in_a_name_stay_themselves() -> None:
    assert formats.unmarked("Toison d'Or") == "Toison d'Or"
    assert formats.unmarked("![x](//y) <b> :red[z]") == r"\!\[x\]\(//y\) \<b\> \:red\[z\]"


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0, "0%", "0\u00a0%"),
        (0.004, "<\u00a01%", "<\u00a01\u00a0%"),
        (0.006, "1%", "1\u00a0%"),
        (0.5, "50%", "50\u00a0%"),
        (0.994, "99%", "99\u00a0%"),
        (0.996, ">\u00a099%", ">\u00a099\u00a0%"),
        (1, "100%", "100\u00a0%"),
        (1.5, "150%", "150\u00a0%"),
    ],
)
def test_a_share_is_nothing_or_all_only_where_it_is(share: float, english: str, french: str) -> None:
    assert (formats.percent(share, "en"), formats.percent(share, "fr")) == (english, french)


def test_a_share_that_was_chosen_has_all_of_its_digits() -> None:
    assert [formats.stated_percent(each, "fr") for each in (0.95, 0.999)] == ["95\u00a0%", "99,9\u00a0%"]
    assert formats.stated_percent(0.995, "en") == "99.5%"
