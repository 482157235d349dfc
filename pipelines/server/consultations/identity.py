"""Who a document is about, in the one form that its bearer's other documents give too.

An identity card has room for fewer letters than a passport, so that long names are cut differently. The form keeps
what all of them have room for: the letters among the first 20 signs of the surname, the first 8 letters of the first
word of the given names, and the birth date. 20 signs, two fillers and 8 letters are the 30 signs of a TD1 card, and
less than the 25 and 14 of the old French one. Where the surname is longer, an issuer may leave a single letter of the
given names (Doc 9303-3, 4.2.3), so that one counts.

The number is left out, since another document has another one; nationality, since a person can have two; sex, since
documents of one person can differ in it. Each of them would part fewer namesakes than it would let persons count twice,
and a namesake who is taken for somebody else can go to the town hall, while nobody notices a second answer.
"""

from datetime import date
from typing import Final

from pipelines.server.consultations.mrz import Document

SURNAME_SIGNS: Final = 20
GIVEN_LETTERS: Final = 8


def canonical(document: Document) -> str:
    """`SURNAME|GIVEN|YYMMDD`: what two documents of one person have in common; of upper-case letters and digits."""
    surname = document.surname[:SURNAME_SIGNS].replace("<", "")
    letters = GIVEN_LETTERS if len(document.surname) <= SURNAME_SIGNS else 1
    given = document.given.partition("<")[0][:letters]
    return f"{surname}|{given}|{document.birth}"


def age_on(birth: str, day: date) -> int:
    """Whole years on a day of who was born on `YYMMDD`, taken for the youngest that this can be: from 0 to 99.

    Documents print two digits of the year, so that who is 103 is taken for 3.
    """
    month_day = (int(birth[2:4]), int(birth[4:6]))
    passed = (day.month, day.day) >= month_day
    return (day.year - int(birth[:2]) - (not passed)) % 100
