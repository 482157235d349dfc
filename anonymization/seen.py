"""What an auditor has seen of a release before: the SHA-256 of an entry of its chain."""

import re

from schemas.errors import UsageError


def seen_entry(value: str | None) -> str | None:
    """The SHA-256 in the form of the chain, lower case; None without one. Raises UsageError unless it is 64 hex digits.

    A shortened or mistyped value would look like a release that was put back.
    """
    if value is not None and not re.fullmatch("[0-9a-fA-F]{64}", value):
        raise UsageError(
            f"--head: expected 64 hexadecimal digits, found {value!r}",
            "give the whole SHA-256 that an earlier audit printed after 'last SHA-256'",
        )
    return value.lower() if value is not None else None
