"""How French is set."""

import pytest

from schemas.typography import set_in_french


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qui ? Vous ! Elle ; lui", "Qui\u202f? Vous\u202f! Elle\u202f; lui"),
        ("jours : {days}", "jours\u00a0: {days}"),
        ("la page « Méthode »", "la page «\u00a0Méthode\u00a0»"),
        ("8 h ou plus, {low} à {high} ans", "8\u00a0h ou plus, {low} à {high}\u00a0ans"),
        ("2 hexagones", "2 hexagones"),
    ],
)
def test_no_line_breaks_before_a_high_sign_a_unit_or_within_quotation_marks(text: str, expected: str) -> None:
    assert set_in_french(text) == expected


def test_code_stays_as_it_is() -> None:
    assert set_in_french("`a ? b : c` : `d ; e`") == "`a ? b : c`\u00a0: `d ; e`"
