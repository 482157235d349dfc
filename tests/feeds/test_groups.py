from pipelines.feeds.groups import grouped
from pipelines.feeds.rows import Finding
from schemas.feeds import Text

DATE = Text("a date", "une date")
NUMBER = Text("a number", "un nombre")


def test_findings_of_one_kind_are_one_line_errors_first() -> None:
    findings = [
        *(Finding("a.csv", line, "day", "warning", DATE, f"'{line}'") for line in range(2, 9)),
        Finding("a.csv", 3, "size", "error", NUMBER, "'x'"),
    ]

    assert [group.told() for group in grouped(findings)] == [
        "a.csv:3 size: expected a number, found 'x'",
        "a.csv day, 7 rows (2, 3, 4, 5, 6, …): expected a date, found '2'",
    ]


def test_five_rows_are_all_named_and_each_counts_once() -> None:
    findings = [Finding("a.csv", line, "day", "warning", DATE) for line in (2, 2, 3, 4, 5, 6)]

    (group,) = grouped(findings)
    assert group.told() == "a.csv day, 5 rows (2, 3, 4, 5, 6): expected a date"


def test_other_files_fields_and_expectations_are_other_kinds() -> None:
    findings = [
        Finding("a.csv", 2, "day", "warning", DATE),
        Finding("b.csv", 2, "day", "warning", DATE),
        Finding("a.csv", 2, "end", "warning", DATE),
        Finding("a.csv", 2, "day", "warning", NUMBER),
    ]

    assert len(grouped(findings)) == 4
