"""docs/privacy-evidence.md: which test fails without which rule, and what the attacks reach."""

from collections.abc import Sequence
from typing import Final

from tests.paths import ROOT
from tests.privacy.mutants import Mutant

PAGE: Final = ROOT / "docs/privacy-evidence.md"

_ATTACKS: Final = "# Evidence: what attacks reach"
"""Where the second half begins, which `python -m tests.attacks --record` writes."""

_HEAD: Final = """# Evidence: every rule is held by a test

`python -m tests.privacy.mutations --record` writes this part. For each rule it takes the rule out of a copy of the
code, runs the test named here, and sees it fail; with the rule, the same test passes. A test that cannot be run, or
that ends before it asserts anything, does not count, but where `ends` in `tests/privacy/mutants.toml` says that another
rule stops it. That file has the replaced texts. Tests are named by their path below `tests/`.

What this shows: none of these rules can be taken away unseen. What it does not show: that the rules are enough. For
that, see the attacks below, the audit guide and `tests/anonymization/test_measured_leaks.py`.
"""


def page(proved: Sequence[Mutant]) -> str:
    """The page, of mutants that prove their rules, grouped by topic."""
    topics = dict.fromkeys(mutant.topic for mutant in proved)
    return "\n".join([_HEAD, *(_section(topic, proved) for topic in topics)])


def record(*, rules: str = "", attacks: str = "") -> None:
    """Write one half of the page, and leave the other."""
    old_rules, _, old_attacks = PAGE.read_text(encoding="utf-8").partition(_ATTACKS)
    found = (rules or old_rules).rstrip(), (attacks or old_attacks).strip()
    PAGE.write_text(f"{found[0]}\n\n{_ATTACKS}\n\n{found[1]}\n", encoding="utf-8")


def _section(topic: str, proved: Sequence[Mutant]) -> str:
    rows = [
        f"| {mutant.rule} | {mutant.removed} (`{mutant.file}`) | `{_test(mutant)}` |"
        for mutant in proved
        if mutant.topic == topic
    ]
    return "\n".join([f"## {topic}\n", "| rule | what was removed | test that fails |", "|---|---|---|", *rows, ""])


def _test(mutant: Mutant) -> str:
    return mutant.test.removeprefix("tests/").replace("|", "\\|")
