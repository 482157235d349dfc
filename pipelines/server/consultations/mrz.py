"""The machine-readable zone of an identity document: its lines, their check digits, and who it is about.

ICAO Doc 9303 parts 3 to 6 for TD1 (three lines of 30), TD2 (two of 36) and TD3 (passports, two of 44); the French
identity card issued from 1988 to 2021 has two lines of 36 of its own. Digits check numbers and dates; names are
checked on the old French card only, by its last digit.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

Reason = Literal["lines", "signs", "kind", "digits", "birth", "name"]
"""Why lines are refused: their length, a sign that none has, no identity document, check digits, birth date, name."""

_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {sign: value for value, sign in enumerate(_SIGNS)} | {"<": 0}
_WEIGHTS: Final = (7, 3, 1)
_LONGEST: Final = 400
"""Signs that are looked at, with spaces: a document has 90."""


class Unreadable(Exception):
    """Lines that are refused, and why; it never holds what they say."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Document:
    """What is taken from a document: names as its lines print them, `<` between words, and the birth date, `YYMMDD`."""

    surname: str = field(repr=False)
    given: str = field(repr=False)
    birth: str = field(repr=False)


def read(text: str) -> Document:
    """The document that lines are of, in upper or lower case; spaces and ends of lines do not count.

    Raises Unreadable where they are not of an identity document or a check digit is wrong.
    """
    if len(text) > _LONGEST:
        raise Unreadable("lines")
    signs = "".join(text.split()).upper()
    reader = {90: _td1, 72: _of_two_lines, 88: _td3}.get(len(signs))
    if reader is None:
        raise Unreadable("lines")
    if not re.fullmatch(r"[0-9A-Z<]+", signs):
        raise Unreadable("signs")
    return reader(signs)


def check_digit(signs: str) -> str:
    """The check digit of signs among 0-9, A-Z and `<`: weights 7, 3, 1, modulo 10 (Doc 9303-3, 4.9)."""
    return str(sum(_VALUES[sign] * _WEIGHTS[place % 3] for place, sign in enumerate(signs)) % 10)


def _td1(signs: str) -> Document:
    first, second, third = signs[:30], signs[30:60], signs[60:]
    _of_kind(first, "IAC")
    number, digit = _number(first[5:14], first[14], first[15:])
    _checked(number, digit)
    _checked(second[:6], second[6])
    _checked(second[8:14], second[14])
    _checked(first[5:] + second[:7] + second[8:15] + second[18:29], second[29])
    return _document(*_names(third), second[:6], second[7])


def _of_two_lines(signs: str) -> Document:
    return _french(signs) if signs.startswith("IDFRA") else _td2(signs)


def _td2(signs: str) -> Document:
    first, second = signs[:36], signs[36:]
    _of_kind(first, "IAC")
    number, digit = _number(second[:9], second[9], second[28:35])
    _checked(number, digit)
    _checked(second[13:19], second[19])
    _checked(second[21:27], second[27])
    _checked(second[:10] + second[13:20] + second[21:35], second[35])
    return _document(*_names(first[5:]), second[13:19], second[20])


def _td3(signs: str) -> Document:
    first, second = signs[:44], signs[44:]
    _of_kind(first, "P")
    _checked(second[:9], second[9])
    _checked(second[13:19], second[19])
    _checked(second[21:27], second[27])
    # Where the personal number is empty, its digit may be left out.
    if second[28:43].strip("<"):
        _checked(second[28:42], second[42])
    _checked(second[:10] + second[13:20] + second[21:43], second[43])
    return _document(*_names(first[5:]), second[13:19], second[20])


def _french(signs: str) -> Document:
    """The card of 1988 to 2021: 25 signs of surname, 14 of given names, which `<<` parts."""
    second = signs[36:]
    _checked(second[:12], second[12])
    _checked(second[27:33], second[33])
    _checked(signs[:-1], signs[-1])
    return _document(signs[5:30], second[13:27], second[27:33], second[34])


def _of_kind(line: str, kinds: str) -> None:
    if line[0] not in kinds:
        raise Unreadable("kind")


def _number(number: str, digit: str, optional: str) -> tuple[str, str]:
    """The number and its digit; a long one goes on in the optional field (Doc 9303-5, note j)."""
    more = optional.partition("<")[0]
    return (number + more[:-1], more[-1]) if digit == "<" and more else (number, digit)


def _checked(signs: str, digit: str) -> None:
    if check_digit(signs) != digit:
        raise Unreadable("digits")


def _names(signs: str) -> tuple[str, str]:
    surname, _, given = signs.partition("<<")
    return surname, given


def _document(surname: str, given: str, birth: str, sex: str) -> Document:
    surname, given = (re.sub("<+", "<", names.strip("<")) for names in (surname, given))
    if not surname or re.search("[0-9]", surname + given) or sex not in "FMX<":
        raise Unreadable("name")
    if not _is_date(birth):
        raise Unreadable("birth")
    return Document(surname, given, birth)


def _is_date(digits: str) -> bool:
    """Whether six signs are a day of some century; a birth date of which a part is not known is none."""
    if not re.fullmatch("[0-9]{6}", digits):
        return False
    year, month, day = (int(digits[at : at + 2]) for at in (0, 2, 4))
    try:
        # The year 2000 has the 29 February that 1900 has not.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True
