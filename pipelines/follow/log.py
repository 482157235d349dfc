"""The log of a follower: one JSON object on each line, with names of files and days, never of people or cells."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

Log = Callable[..., None]
"""Called with the name of what happened, and with its facts by name."""


def to_stream(stream: TextIO) -> Log:
    """A log that writes lines to a stream, each at once."""

    def write(event: str, **facts: str | int | float | None) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        stream.write(json.dumps({"at": at, "event": event, **facts}, ensure_ascii=False) + "\n")
        stream.flush()

    return write


def silent(_event: str, **_facts: str | int | float | None) -> None:
    """A log that writes nothing."""
