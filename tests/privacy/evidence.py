"""docs/privacy-evidence.md: which test fails without which rule."""

from collections.abc import Sequence
from typing import Final

from tests.paths import ROOT
from tests.privacy.mutants import Mutant

PAGE: Final = ROOT / "docs/privacy-evidence.md"

_HEAD: Final = """# Evidence: every rule is held by a test

`python -m tests.privacy.mutations --record` writes this page. For each rule it takes the rule out of a copy of the
code, runs the test named here, and sees it fail; with the rule, the same test passes. A test that cannot be run, or
that ends before it asserts anything, does not count, but where `ends` in `tests/privacy/mutants.toml` says that another
rule stops it. That file has the replaced texts. Tests are named by their path below `tests/`.

What this shows: none of these rules can be taken away unseen. What it does not show: that the rules are enough. For
that, see the audit guide and `tests/anonymization/test_measured_leaks.py`, which carries out attacks.
"""


def page(proved: Sequence[Mutant]) -> str:
    """The page, of mutants that prove their rules, grouped by topic."""
    topics = dict.fromkeys(mutant.topic for mutant in proved)
    return "\n".join([_HEAD, *(_section(topic, proved) for topic in topics)])


def _section(topic: str, proved: Sequence[Mutant]) -> str:
    rows = [
        f"| {mutant.rule} | {mutant.removed} (`{mutant.file}`) | `{_test(mutant)}` |"
        for mutant in proved
        if mutant.topic == topic
    ]
    return "\n".join([f"## {topic}\n", "| rule | what was removed | test that fails |", "|---|---|---|", *rows, ""])


def _test(mutant: Mutant) -> str:
    return mutant.test.removeprefix("tests/").replace("|", "\\|")
