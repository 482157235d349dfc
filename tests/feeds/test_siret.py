import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.feeds.siret import is_siret


@pytest.mark.parametrize("text", ["43493312300029", "21210231300013", "35600000000048", "35600000049837"])
def test_a_siret_with_a_right_check_digit_is_one(text: str) -> None:
    assert is_siret(text)


@pytest.mark.parametrize(
    "text", ["", "4349331230002", "434933123000290", "4349331230002A", "４3493312300029", "35600000049838"]
)
def test_another_text_is_none(text: str) -> None:
    assert not is_siret(text)


@given(st.integers(0, 10**13 - 1).filter(lambda number: not str(number).startswith("356")))
def test_ten_digits_at_the_end_complete_any_siret_but_in_one_way(head: int) -> None:
    assert sum(is_siret(f"{head:013}{digit}") for digit in range(10)) == 1


@given(st.integers(0, 13), st.integers(1, 9))
def test_a_single_wrong_digit_is_found(place: int, change: int) -> None:
    right = "43493312300029"
    digit = str((int(right[place]) + change) % 10)

    assert not is_siret(right[:place] + digit + right[place + 1 :])
