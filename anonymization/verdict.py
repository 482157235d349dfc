"""The verdict of an audit: one Check for each property that was looked at, and notes that do not fail it."""

from dataclasses import dataclass
from typing import Final

INTEGRITY: Final = "integrity"
SINGLING_OUT: Final = "singling out"
INFERENCE: Final = "inference"
LINKABILITY: Final = "linkability"
"""What a check protects from. Source: Article 29 Working Party, Opinion 05/2014, for all but integrity."""

_LONGEST = 400


@dataclass(frozen=True)
class Check:
    """One property of a release: what was found, what was expected, and in words what is wrong.

    `problems`: the sentences that the message joins.
    """

    name: str
    passed: bool
    found: str
    threshold: str
    message: str
    criterion: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The outcome of an audit; `release_id` is empty where no entry states one."""

    verdict: bool
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    release_id: str


def printable(text: str) -> str:
    """Text from a release made safe to show: control characters and broken Unicode escaped, cut when very long."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
