"""From problems found to a check."""

from collections.abc import Sequence

from anonymization.verdict import Check, printable

_SHOWN = 5


class Unsound(Exception):
    """Something in the release is not what it must be; the message completes a sentence that names it."""


def check_of(name: str, problems: Sequence[str], *, found: str, threshold: str, criterion: str) -> Check:
    """The check, passed where there is no problem; its message gives the first few."""
    shown = "; ".join(printable(problem) for problem in problems[:_SHOWN])
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return Check(name, not problems, found, threshold, shown + more, criterion)
