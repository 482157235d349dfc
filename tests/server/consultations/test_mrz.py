"""Lines of documents are read as ICAO Doc 9303 says, and what is wrong in them is found."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.server.consultations.mrz import Document, Unreadable, check_digit, read
from tests.server.consultations.people import DOCUMENTS, Person, card, old_card, passport, permit

ANNA = Document("ERIKSSON", "ANNA<MARIA", "740812")
SPECIMENS = {
    "TD3, Doc 9303-4 appendix B": (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ANNA,
    ),
    "TD1, Doc 9303-5 appendix B": (
        "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ANNA,
    ),
    "TD2, Doc 9303-6 appendix B": (
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
        ANNA,
    ),
    "French card of 1988": (
        "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<\n8806923102858CORINNE<<<<<<<6512068F6",
        Document("BERTHIER", "CORINNE", "651206"),
    ),
}
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
CLAIRE = Person("LE GOFF", "CLAIRE-MARIE LOUISE", "910230".replace("30", "28"))


def reason(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert refused.value.args == (refused.value.reason,)
    return refused.value.reason


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_read(name: str) -> None:
    text, expected = SPECIMENS[name]
    assert read(text) == expected


@pytest.mark.parametrize("name", SPECIMENS)
def test_small_letters_spaces_and_missing_ends_of_lines_do_not_matter(name: str) -> None:
    text, expected = SPECIMENS[name]
    assert read(" \r\n" + " ".join(text.lower().replace("\n", "")) + "\t\n") == expected


@pytest.mark.parametrize(
    ("text", "digit"), [("520727", "3"), ("AB2134<<<", "5"), ("HA672242<6YTO5802254<<<<<<<<<<<", ""), ("", "0")]
)
def test_check_digits_are_those_of_the_standard(text: str, digit: str) -> None:
    # The first two are the examples of Doc 9303-3, 4.9.
    assert not digit or check_digit(text) == digit


@pytest.mark.parametrize("written", DOCUMENTS)
def test_what_the_tests_write_is_read(written: object) -> None:
    found = read(written(CLAIRE))  # type: ignore[operator]
    assert (found.surname, found.birth) == ("LE<GOFF", "910228")
    assert found.given.startswith("CLAIRE<MARIE")


def test_a_long_number_goes_on_in_the_optional_field() -> None:
    # TD1 with a number of 12 signs, as Doc 9303-5 note j has it.
    first = f"I<UTOD23145890<{'734'}{check_digit('D23145890734')}".ljust(30, "<")
    second = "7408122F1204159UTO<<<<<<<<<<<"
    composite = check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])
    text = f"{first}\n{second}{composite}\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    assert read(text) == ANNA
    assert reason(text.replace("734", "735")) == "digits"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "lines"),
        ("P<FRA", "lines"),
        ("<" * 91, "lines"),
        ("A" * 401, "lines"),
        ("é" + passport(CLAIRE)[1:], "signs"),
        ("V" + passport(CLAIRE)[1:], "kind"),
        ("P" + card(CLAIRE)[1:], "kind"),
        ("P" + permit(CLAIRE)[1:], "kind"),
        (passport(Person("<", "ANNA", "910228")), "name"),
        (passport(Person("L33T", "ANNA", "910228")), "name"),
        (passport(Person("DOE", "ANNA", "910228", sex="Z")), "name"),
        (passport(Person("DOE", "ANNA", "910229")), "birth"),
        (passport(Person("DOE", "ANNA", "91<<<<")), "birth"),
        (old_card(Person("DOE", "ANNA", "911301")), "birth"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(text: str, expected: str) -> None:
    assert reason(text) == expected


def test_29_february_2000_is_a_day() -> None:
    assert read(passport(Person("DOE", "ANNA", "000229"))).birth == "000229"


def covered(written: object, text: str) -> list[int]:
    """The places that a check digit stands for: numbers, dates, and on the old French card all."""
    signs = text.replace("\n", "")
    if written is old_card:
        return list(range(len(signs)))
    places = {
        72: [*range(36, 46), *range(49, 56), *range(57, 64)],
        88: [*range(44, 54), *range(57, 64), *range(65, 72)],
        90: [*range(5, 15), *range(30, 37), *range(38, 45)],
    }
    return places[len(signs)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_wrong_sign_is_found_unless_its_value_is_ten_apart(data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(DOCUMENTS))
    signs = written(CLAIRE).replace("\n", "")
    at = data.draw(st.sampled_from(covered(written, signs)))
    other = data.draw(st.sampled_from(SIGNS))
    values = {sign: value % 10 for value, sign in enumerate(SIGNS[:36])} | {"<": 0}
    changed = signs[:at] + other + signs[at + 1 :]
    if values[other] == values[signs[at]]:
        return
    # In the first five places of the old French card, the change is one of the kind of the document.
    assert reason(changed) in ("digits", "kind", "name", "birth")


@settings(max_examples=60, deadline=None)
@given(birth=st.dates().map(lambda day: day.strftime("%y%m%d")), at=st.integers(0, 4))
def test_two_digits_in_wrong_order_are_found_unless_they_are_five_apart(birth: str, at: int) -> None:
    turned = birth[:at] + birth[at + 1] + birth[at] + birth[at + 2 :]
    text = passport(Person("DOE", "ANNA", birth))
    if (int(birth[at]) - int(birth[at + 1])) % 5 == 0:
        assert check_digit(turned) == check_digit(birth)
    else:
        assert reason(text.replace(f"FRA{birth}", f"FRA{turned}")) == "digits"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=100) | st.text(alphabet=SIGNS, min_size=72, max_size=90))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read(text)


def test_a_document_does_not_show_what_it_holds() -> None:
    assert repr(ANNA) == "Document()"
