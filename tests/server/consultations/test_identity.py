"""The documents of one person give one form, and other people another one."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.server.consultations.identity import age_on, canonical
from pipelines.server.consultations.mrz import read
from tests.server.consultations.people import DOCUMENTS, Person, passport

WORD = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=14)
SURNAMES = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
GIVEN = st.lists(WORD, min_size=0, max_size=4).map(" ".join)
BIRTHS = st.dates().map(lambda day: day.strftime("%y%m%d"))


@settings(max_examples=150, deadline=None)
@given(surname=SURNAMES, given=GIVEN, birth=BIRTHS)
def test_all_documents_of_a_person_give_one_form(surname: str, given: str, birth: str) -> None:
    person = Person(surname, given, birth)
    assert len({canonical(read(written(person))) for written in DOCUMENTS}) == 1


@pytest.mark.parametrize(
    ("surname", "given", "expected"),
    [
        ("MARTIN", "ANNE", "MARTIN|ANNE|910228"),
        ("LE GOFF", "CLAIRE-MARIE LOUISE", "LEGOFF|CLAIRE|910228"),
        ("D ARTAGNAN", "CHARLES", "DARTAGNAN|CHARLES|910228"),
        ("DARTAGNAN", "CHARLES", "DARTAGNAN|CHARLES|910228"),
        ("DUPONT", "MAXIMILIENNE", "DUPONT|MAXIMILI|910228"),
        ("ABCDEFGHIJKLMNOPQRST", "ANNE", "ABCDEFGHIJKLMNOPQRST|ANNE|910228"),
        ("ABCDEFGHIJKLMNOPQRSTU", "ANNE", "ABCDEFGHIJKLMNOPQRST|A|910228"),
        ("SUHARTO", "", "SUHARTO||910228"),
    ],
)
def test_the_form_holds_what_every_document_has_room_for(surname: str, given: str, expected: str) -> None:
    assert canonical(read(passport(Person(surname, given, "910228")))) == expected


@pytest.mark.parametrize("changed", [{"surname": "MARTINE"}, {"given": "ANNA"}, {"birth": "910301"}])
def test_another_name_or_birth_date_is_another_person(changed: dict[str, str]) -> None:
    own = {"surname": "MARTIN", "given": "ANNE", "birth": "910228"}
    first, other = (canonical(read(passport(Person(**values)))) for values in (own, own | changed))
    assert first != other


def test_number_nationality_and_sex_do_not_matter() -> None:
    own = Person("MARTIN", "ANNE", "910228")
    other = passport(Person("MARTIN", "ANNE", "910228", sex="<"), number="ZZ9999999", nation="BEL")
    assert canonical(read(other)) == canonical(read(passport(own)))


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("101128", date(2026, 11, 27), 15),
        ("101128", date(2026, 11, 28), 16),
        ("271128", date(2026, 11, 28), 99),
        ("261128", date(2026, 11, 28), 0),
        ("040229", date(2026, 2, 28), 21),
        ("040229", date(2026, 3, 1), 22),
    ],
)
def test_age_is_in_whole_years_on_a_day(birth: str, day: date, age: int) -> None:
    assert age_on(birth, day) == age
