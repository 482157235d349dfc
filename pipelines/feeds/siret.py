"""The check digit of a SIRET."""

from typing import Final

LA_POSTE: Final = "356000000"
"""The offices of La Poste, but its head office, have sums of digits that are multiples of 5 instead (INSEE)."""


def is_siret(text: str) -> bool:
    """Whether a text is a SIRET: 14 digits that satisfy Luhn's formula, or an office of La Poste."""
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        return False
    if text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0:
        return True
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(text))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
