from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from pipelines.feeds.checking import check
from schemas.feeds import Column, Source

PARIS = ZoneInfo("Europe/Paris")


def judged(column: Column, *texts: str):
    source = Source("source", "", (Column("id", ""), column))
    rows = [(line, {"id": "a", column.name: text}) for line, text in enumerate(texts, 2)]
    return check(rows, source, "places.csv", PARIS)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (Column("c", ""), "Été, 12 bis", "Été, 12 bis"),
        (Column("c", ""), "", None),
        (Column("c", "", "whole"), "-3", -3),
        (Column("c", "", "number"), "47.32", 47.32),
        (Column("c", "", "date"), "2026-02-28", date(2026, 2, 28)),
        (Column("c", "", "instant"), "2026-06-20T18:00", datetime(2026, 6, 20, 18, tzinfo=PARIS)),
        (Column("c", "", "instant"), "2026-06-20T16:00:00Z", datetime(2026, 6, 20, 18, tzinfo=PARIS)),
        (Column("c", "", "moment"), "2026-06-20", date(2026, 6, 20)),
        (Column("c", "", "moment"), "2026-06-20T18:00", datetime(2026, 6, 20, 18, tzinfo=PARIS)),
        (Column("c", "", "date"), "1000-01-01", date(1000, 1, 1)),
        (Column("c", "", "date"), "2999-12-31", date(2999, 12, 31)),
        (Column("c", "", "siret"), "43493312300029", "43493312300029"),
        (Column("c", "", "url"), "https://town.example/a?b=1", "https://town.example/a?b=1"),
        (Column("c", "", "email"), "accueil@town.example", "accueil@town.example"),
        (Column("c", "", "phone"), "+33 380000000", "+33 380000000"),
        (Column("c", "", choices=("a", "b"), separator="|"), "b|a", "b|a"),
        *((Column("c", ""), text, text) for text in ("- sur rendez-vous (mairie)", "@robase", "+ de services", "a=b")),
        (Column("c", "", "whole", low=1, high=5), "5", 5),
        (Column("c", "", longest=3, shortest=3), "abc", "abc"),
    ],
)
def test_a_text_that_is_what_its_column_says_becomes_its_value(column: Column, text: str, value: object) -> None:
    rows, findings = judged(column, text)

    assert (rows[0]["c"], rows[0]["line"], findings) == (value, 2, ())


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (Column("c", "", required=True), "", "a value"),
        (Column("c", "", "whole"), "3.0", "a whole number"),
        (Column("c", "", "whole"), "³", "a whole number"),
        (Column("c", "", "number"), "47,32", "a number such as 47.32"),
        (Column("c", "", "number"), "nan", "a number such as 47.32"),
        (Column("c", "", "date"), "2026-02-29", "a date such as 2026-06-20"),
        (Column("c", "", "date"), "20/06/2026", "a date such as 2026-06-20"),
        (Column("c", "", "date"), "20260620", "a date such as 2026-06-20"),
        (Column("c", "", "instant"), "2026-06-20", "an instant such as 2026-06-20T18:00"),
        (Column("c", "", "date"), "0999-12-31", "a date such as 2026-06-20"),
        (Column("c", "", "instant"), "3000-01-01T00:00", "an instant such as 2026-06-20T18:00"),
        (Column("c", "", "moment"), "2026-06", "a date or an instant, such as 2026-06-20, 2026-06-20T18:00"),
        (Column("c", "", "siret"), "43493312300028", "a SIRET of 14 digits with a right check digit"),
        (Column("c", "", "url"), "javascript:alert(1)", "an address that begins with https://"),
        (Column("c", "", "url"), "https://a b", "an address that begins with https://"),
        (Column("c", "", "email"), "accueil@town", "an e-mail address"),
        (Column("c", "", "phone"), "03 80", "a telephone number such as +33380000000"),
        (Column("c", "", choices=("a", "b")), "c", "one of a, b"),
        (Column("c", "", choices=("a", "b"), separator="|"), "a|", "one of a, b"),
        (Column("c", "", pattern="[0-9]{3}"), "1234", "the form [0-9]{3}"),
        (Column("c", "", "whole", low=1), "0", "a number of at least 1"),
        (Column("c", "", "whole", high=5), "6", "a number of at most 5"),
        (Column("c", "", shortest=3), "ab", "at least 3 characters"),
        (Column("c", "", longest=3), "abcd", "at most 3 characters"),
        *(
            (Column("c", ""), text, "text that is no formula of a spreadsheet")
            for text in ("=1+1", "=HYPERLINK(A1)", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0")
        ),
        *((Column("c", ""), f"a{sign}b", "text without control characters") for sign in "\0\r\x1b\x7f\x85\ud800\udfff"),
        (Column("c", "", "url"), "https://town.example/\x01", "text without control characters"),
        (Column("c", "", separator="|"), "a|\ud800", "text without control characters"),
    ],
)
def test_any_other_text_is_refused_with_its_line_and_field(column: Column, text: str, expected: str) -> None:
    rows, (finding,) = judged(column, text)

    assert rows == ()
    assert (finding.file, finding.line, finding.field, finding.level) == ("places.csv", 2, "c", "error")
    assert finding.expected.en == expected
    assert finding.expected.fr


def test_only_the_row_with_the_error_is_left_out() -> None:
    rows, findings = judged(Column("c", "", "whole"), "1", "x", "3")

    assert [row["c"] for row in rows] == [1, 3]
    assert [finding.told() for finding in findings] == ["places.csv:3 c: expected a whole number, found 'x'"]


def test_the_second_of_two_rows_with_one_identifier_is_refused() -> None:
    rows, (finding,) = judged(Column("c", "", unique=True), "one", "two", "one", "")

    assert [row["c"] for row in rows] == ["one", "two", None]
    assert (finding.line, finding.expected.en) == (4, "another value than in row 2")


@pytest.mark.parametrize(("kind", "text"), [("email", "jean.durand"), ("phone", "0612")])
def test_what_could_point_to_a_person_is_never_quoted(kind: str, text: str) -> None:
    _, (finding,) = judged(Column("c", "", kind), text)

    assert text not in finding.told()


def test_a_long_value_is_quoted_in_part() -> None:
    _, (finding,) = judged(Column("c", "", longest=5), "x" * 1_000)

    assert len(finding.found) == 62
