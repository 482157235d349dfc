from pipelines.attacks.battery import Report
from pipelines.attacks.finding import Finding
from pipelines.attacks.report.markdown import declared_levels, declared_weaknesses, levels, weaknesses
from tests.attacks.findings import AUC, BELOW, BROKEN, HELD, IDLE, KNOWN, PARTIAL, SKIPPED, finding


def split(table: str) -> list[list[str]]:
    lines = table.splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def rows(**reports: Report) -> list[list[str]]:
    return split(levels(reports))


def weak(**reports: Report) -> list[list[str]]:
    return split(weaknesses(reports))[2:]


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


def test_each_level_has_the_most_that_weak_releases_reached_and_where_that_is_beyond_it() -> None:
    other = finding("T1", "singling out", 0, (0,))
    _, _, row = rows(
        dense=Report((HELD,)), sparse=Report((other,)), empty=Report((finding("T1", "singling out", None, ()),))
    )
    assert row[-2:] == ["76,775", "1 of 2"]


def test_a_level_without_evidence_an_absent_one_and_a_check_are_told_as_such() -> None:
    _, _, *body = rows(dense=Report((PARTIAL,)))
    assert [row[2:] for row in body] == [
        ["rows below k", "at most 0", "0", "41", "1 of 1"],
        ["rows of other devices", "at most 0", "0", "0", "0 of 1 **UNTESTED**"],
        ["risk over all days", "at most 0.1", "not attacked", "-", "-"],
        ["systems that no devices explain", "at most 0, check of the attack itself", "0", "0", "check"],
    ]


def test_what_is_no_number_on_a_weak_release_is_no_evidence() -> None:
    _, _, row = rows(dense=Report((finding("T1", "singling out", 0, (float("nan"),)),)))
    assert row[-2:] == ["-", "0 of 1 **UNTESTED**"]


def test_weak_releases_stand_with_what_they_are_made_to_break_and_how_often_they_were_broken() -> None:
    assert weak(dense=Report((HELD, SKIPPED)), sparse=Report((HELD,))) == [
        ["T1", "no threshold: k = 1", "any level", "2 of 2"],
        ["T4", "no threshold: k = 1", "any level", "-"],
    ]
    assert weak(dense=Report((PARTIAL,)))[1] == ["T6", "every day", "risk over all days", "-"]


def test_a_weak_release_that_held_is_told() -> None:
    assert [row[-1] for row in weak(dense=Report((IDLE,)))] == ["0 of 1 **NO EVIDENCE**", "1 of 1"]


def test_the_declarations_stand_first_in_each_row_whatever_was_found() -> None:
    findings: tuple[Finding, ...] = (HELD, KNOWN, BROKEN, SKIPPED, PARTIAL)
    attacks, reports = [each.attack for each in findings], {"dense": Report(findings)}
    assert [tuple(row[:4]) for row in rows(**reports)[2:]] == declared_levels(attacks)
    assert [tuple(row[:3]) for row in weak(**reports)] == declared_weaknesses(attacks)
    assert BELOW.figure in {row[2] for row in declared_levels(attacks)}


def test_what_is_within_its_level_is_not_bold() -> None:
    _, _, row = rows(dense=Report((finding("T2", "inference", 0.65, (0.9,), AUC),)))
    assert row[4] == "0.65"
