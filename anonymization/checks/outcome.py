"""From problems found to a check."""

from collections.abc import Sequence

from anonymization.verdict import Check, printable

_SHOWN = 5


class Unsound(Exception):
    """Something in the release is not what it must be; the message completes a sentence that names it."""


def check_of(name: str, problems: Sequence[str], *, found: str, threshold: str, criterion: str) -> Check:
    """The check, passed where there is no problem; its message gives the first few."""
    shown = [printable(problem) for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        shown.append(f"and {len(problems) - _SHOWN} more")
    return Check(name, not problems, found, threshold, "; ".join(shown), criterion, tuple(shown))
