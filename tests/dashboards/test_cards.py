"""Cards stand in rows of as many, and colours that run into each other have their numbers below them."""

import pytest

from dashboards.cards import MOST_ABREAST, Card, cards, ramp


@pytest.mark.parametrize(
    ("number", "abreast"),
    [(1, 1), (MOST_ABREAST - 1, 4), (MOST_ABREAST, 5), (MOST_ABREAST + 1, 3), (7, 4), (8, 4), (10, 5), (11, 4)],
)
def test_cards_stand_in_rows_of_as_many_and_none_alone(number: int, abreast: int) -> None:
    found = cards(Card(str(each), "1", ()) for each in range(number))
    assert f'style="--hx-abreast:{abreast}"' in found
    assert found.count('class="hx-card"') == number


def test_no_card_is_no_error() -> None:
    assert 'hx-card"' not in cards([])


def test_the_numbers_of_colours_are_written_below_them_and_escaped() -> None:
    found = ramp(["#fff", "#000"], ["0", "<5>"], "People & more")
    assert "linear-gradient(90deg,#fff,#000)" in found
    assert "<span>0</span><span>&lt;5&gt;</span>" in found
    assert "People &amp; more" in found
