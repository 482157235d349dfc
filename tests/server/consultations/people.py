"""Made-up people, and the lines that their documents print: written here from the standards, not by the code."""

from dataclasses import dataclass

from pipelines.server.consultations.mrz import check_digit


@dataclass(frozen=True)
class Person:
    """A person: words of the surname and of the given names, in upper case, and the birth date as YYMMDD."""

    surname: str
    given: str
    birth: str
    sex: str = "F"


def passport(person: Person, number: str = "20AB12345", nation: str = "FRA") -> str:
    """Two lines of 44 (TD3)."""
    first = f"P<{nation}" + names(person, 39)
    second = field(number, 9) + nation + digit(person.birth) + person.sex + digit("300101") + digit("<" * 14)
    return f"{first}\n{second}{check_digit(second[:10] + second[13:20] + second[21:43])}"


def card(person: Person, number: str = "X4RTBPFW4", nation: str = "FRA") -> str:
    """Three lines of 30 (TD1)."""
    first = f"ID{nation}" + field(number, 9) + "<" * 15
    second = digit(person.birth) + person.sex + digit("300101") + nation + "<" * 11
    composite = check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])
    return f"{first}\n{second}{composite}\n{names(person, 30)}"


def permit(person: Person, number: str = "D23145890", nation: str = "UTO") -> str:
    """Two lines of 36 (TD2)."""
    first = f"I<{nation}" + names(person, 31)
    second = field(number, 9) + nation + digit(person.birth) + person.sex + digit("300101") + "<" * 7
    return f"{first}\n{second}{check_digit(second[:10] + second[13:20] + second[21:35])}"


def old_card(person: Person, number: str = "880692310285") -> str:
    """The two lines of 36 of the French card of 1988 to 2021."""
    first = ("IDFRA" + person.surname.replace(" ", "<")[:25]).ljust(30, "<") + "213001"
    given = person.given.replace(" ", "<<").replace("-", "<")[:14].ljust(14, "<")
    second = digit(number) + given + digit(person.birth) + person.sex
    return f"{first}\n{second}{check_digit(first + second)}"


DOCUMENTS = (passport, card, permit, old_card)


def names(person: Person, room: int) -> str:
    """Surname and given names as Doc 9303-3 cuts them: given names first, but for one letter."""
    surname, given = (text.replace(" ", "<").replace("-", "<") for text in (person.surname, person.given))
    surname = surname[: room - 2 - min(len(given), 1)]
    return f"{surname}<<{given}"[:room].ljust(room, "<")


def field(text: str, size: int) -> str:
    """A number and its check digit."""
    return digit(text.ljust(size, "<"))


def digit(text: str) -> str:
    """A text and its check digit."""
    return text + check_digit(text)
