import pytest

from schemas.errors import InputError


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("a.csv: expected id, found é – « x »", "a.csv: expected id, found é – « x »"),
        ("found id\x1b]0;title\x07", "found id\\x1b]0;title\\x07"),
        ("found a\x00b\x9bc\u202e", "found a\\x00b\\x9bc\\u202e"),
        ("found a\r\nHint: b", "found a Hint: b"),
    ],
)
def test_an_error_is_two_lines_of_printable_text(message: str, told: str) -> None:
    assert InputError(message, "look").told() == f"Error: {told}\nHint: look"
