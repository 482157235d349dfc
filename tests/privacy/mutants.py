"""The table of mutants: each takes one rule out of the code, and names the test that must fail without it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("mutants.toml")


@dataclass(frozen=True)
class Mutant:
    """One rule and how it is taken away: `old` stands in `file` exactly once, and `new` in its place.

    `removed`: what is taken away, in words; `test`: the node of the test that must fail; `check`: the check of the
    audit that the rule is part of, or nothing. `ends`: words of the error with which the test ends, where another rule
    stops it before it asserts anything.
    """

    topic: str
    rule: str
    file: str
    old: str
    new: str
    removed: str
    test: str
    check: str = ""
    ends: str = ""


def mutants() -> list[Mutant]:
    """The table in its order."""
    return [Mutant(**line) for line in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutant"]]
