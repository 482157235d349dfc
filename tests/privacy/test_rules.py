"""Rules of the audit that no other test holds, and the table of mutants, which must name every rule."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from anonymization.audit import RULES, audit
from anonymization.entries import Body
from tests.anonymization.releases import draft, message, publish, replaced, rewrite, whole_draft, without_row
from tests.anonymization.test_flows import brief, published, trips
from tests.paths import ROOT
from tests.privacy.mutants import Mutant, mutants
from tests.privacy.mutations import run


def chain_message(tmp_path: Path, changed: Body) -> str:
    """What the check of the chain says when the first entry is changed and all is signed again."""
    release = publish(tmp_path / "release", draft())
    rewrite(release, lambda bodies: [bodies[0] | changed, *bodies[1:]])
    return message(audit(release), "chain")


def test_an_entry_that_says_more_fails_though_all_is_signed(tmp_path: Path) -> None:
    assert chain_message(tmp_path / "more", {"late": 3}) == (
        "000001.json: the fields are not those of a known kind of entry"
    )
    assert chain_message(tmp_path / "same", {"unit": "holders"}) == ""


def test_flows_from_an_origin_that_is_no_part_of_attendance_are_named(tmp_path: Path) -> None:
    # Without C, nothing that goes from B and C together is made of parts.
    content = replaced(whole_draft(), "attendance", lambda rows: without_row(rows, 2))
    report = audit(publish(tmp_path / "release", content))
    assert "1 rows whose origin is not made of parts of attendance" in message(report, "movements")
    sound = audit(publish(tmp_path / "sound", whole_draft()))
    assert message(sound, "movements") == ""


@pytest.mark.parametrize(("distinct", "alone"), [(38, False), (39, True), (40, True)], ids=["2k-2", "2k-1", "2k"])
def test_a_pool_of_origins_with_fewer_distinct_devices_than_the_target_takes_the_next(
    distinct: int, alone: bool
) -> None:
    # z0 and z1 pool for 19 + 30 devices that leave, of which some are the same.
    moves = trips(0, 19, "z0", "z3") + trips(distinct - 30, 30, "z1", "z3") + trips(100, 50, "z2", "z3")
    found = brief(published(moves))
    if alone:
        assert found == {("z0|z1|z3|z4", "all"): distinct, ("z2", "z3"): 50}
    else:
        assert found == {("z0|z1|z2|z3|z4", "all"): distinct + 50}


def test_two_origins_of_the_same_12_devices_are_not_published() -> None:
    assert brief(published(trips(0, 12, "z0", "z3") + trips(0, 12, "z1", "z3"))) == {}


# The table


def test_the_table_names_every_check_of_the_audit(tmp_path: Path) -> None:
    named = {mutant.check for mutant in mutants()}
    checks = {check.name for check in audit(publish(tmp_path / "release", draft())).checks}
    assert {rule.name for rule in RULES} <= checks
    assert checks <= named


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.rule)
def test_what_a_mutant_replaces_stands_once_and_its_test_is_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    file, _, name = mutant.test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name.partition("[")[0] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_rule_stands_twice_in_the_table() -> None:
    assert [rule for rule, times in Counter(mutant.rule for mutant in mutants()).items() if times > 1] == []


def test_the_page_of_the_evidence_names_every_rule_of_the_table() -> None:
    page = (ROOT / "docs/privacy-evidence.md").read_text(encoding="utf-8")
    missing = [mutant.rule for mutant in mutants() if f"| {mutant.rule} |" not in page]
    assert missing == [], "python -m tests.privacy.mutations --record writes the page"


@pytest.mark.slow
def test_a_mutant_that_changes_nothing_or_whose_text_is_gone_is_not_proved() -> None:
    sound = next(mutant for mutant in mutants() if mutant.rule == "the target of a pool is 2k - 1")
    nothing = replace(sound, new=f"{sound.old}  # the same")
    gone = replace(sound, old="no such text")
    broken = replace(sound, new="        return nothing")
    problems = [outcome.problem for outcome in run([sound, nothing, gone, broken])]
    assert problems[0] == ""
    assert problems[1].startswith("its test is passed")
    assert problems[2] == "what it replaces stands 0 times in anonymization/policy.py"
    assert problems[3].startswith("its test is broken")
