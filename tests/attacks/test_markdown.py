from pipelines.attacks.battery import Report
from pipelines.attacks.report.markdown import markdown
from tests.attacks.findings import AUC, BROKEN, HELD, IDLE, KNOWN, SKIPPED, finding


def rows(**reports: Report) -> list[list[str]]:
    lines = markdown(reports).splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_table_has_a_row_for_each_level_and_a_column_for_each_release() -> None:
    head, rule, *body = rows(dense=Report((HELD, KNOWN, BROKEN, SKIPPED)), sparse=Report((HELD,)))
    assert head[4:6] == ["dense", "sparse"]
    assert len({len(row) for row in (head, rule, *body)}) == 1
    assert [row[:3] for row in body] == [
        ["singling out", "T1 Attack T1", "rows below k"],
        ["singling out", "T3 Attack T3", "rows below k"],
        ["linkability", "T4 Attack T4", "rows below k"],
        ["inference", "T2 Attack T2", "mean AUC"],
    ]
    assert body[3][3] == "at most 0.65 (known to reach 0.75, decision 0024-open)"
    assert [row[4:6] for row in body] == [
        ["0", "0"],
        ["**3 BROKEN**", "-"],
        ["nothing to attack", "-"],
        ["**0.7**", "-"],
    ]


def test_weak_releases_are_counted_over_all_releases_with_the_most_that_they_reached() -> None:
    other = finding("T1", "singling out", 0, (80_000,))
    _, _, row = rows(
        dense=Report((HELD,)), sparse=Report((other,)), empty=Report((finding("T1", "singling out", None, ()),))
    )
    assert row[-2:] == ["2 of 2", "80,000"]


def test_a_weak_release_that_held_is_told() -> None:
    _, _, row = rows(dense=Report((IDLE,)))
    assert row[-2:] == ["1 of 2 **NO EVIDENCE**", "7"]


def test_what_is_within_its_level_is_not_bold() -> None:
    _, _, row = rows(dense=Report((finding("T2", "inference", 0.65, (0.9,), AUC),)))
    assert row[4] == "0.65"
