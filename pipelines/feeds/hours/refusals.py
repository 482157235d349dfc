"""Why opening hours are refused, and what to write instead."""

from dataclasses import dataclass
from typing import Final

from schemas.errors import InputError
from schemas.feeds import Text
from schemas.typography import set_in_french

LONGEST: Final = 20
"""How much of the text a message quotes from the position on, in characters."""


@dataclass(frozen=True)
class Refusal:
    """What was expected, as a noun phrase, and what to do, as an imperative without a full stop."""

    expected: Text
    instead: Text


class HoursError(InputError):
    """Opening hours that are outside of the accepted grammar: whoever delivers the places has to rewrite them.

    `position` counts characters from 1. `expected` is what was expected, where, and what to write instead.
    """

    def __init__(self, text: str, position: int, refusal: Refusal) -> None:
        self.text = text
        self.position = position
        self.refusal = refusal
        expected, instead = refusal.expected, refusal.instead
        self.expected = Text(
            f"{expected.en} (character {position}: {instead.en})",
            set_in_french(f"{expected.fr} (caractère {position} : {instead.fr})"),
        )
        rest = text[position - 1 :]
        found = rest if len(rest) <= LONGEST else rest[: LONGEST - 1] + "…"
        message = f'opening hours "{text}", character {position}: expected {expected.en}, found '
        super().__init__(message + (f'"{found}"' if found else "the end"), f"{instead.en[:1].upper()}{instead.en[1:]}.")


def refusal(en: str, instead_en: str, fr: str, instead_fr: str) -> Refusal:
    """A refusal of four texts; the French ones are written with plain spaces."""
    return Refusal(Text(en, set_in_french(fr)), Text(instead_en, set_in_french(instead_fr)))
