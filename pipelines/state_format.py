"""The state as bytes: a format number tells which version wrote it, and a former one is upgraded step by step. Pure.

Whoever changes what a state means, or what the working files that it names hold, adds one to FORMAT, and a step.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from pipelines.state import State
from schemas.errors import InputError, SystemFailure

FORMAT: Final = 2
"""The format that this version writes: 1 had buckets of five minutes, and no number."""

Written: TypeAlias = dict[str, Any]
"""A state as it stands in the file; what is in it depends on its format."""

_ADAPTER = TypeAdapter(State)
_NUMBER: Final = "format"
_FINER: Final = 5
"""Buckets of format 2, a minute each, in one of format 1."""


def state_bytes(state: State) -> bytes:
    """A state in the format of this version: JSON, its number first."""
    written: Written = {_NUMBER: FORMAT, **_ADAPTER.dump_python(state, mode="json")}
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_state(data: bytes, name: str) -> State:
    """The state in a file of a name.

    Raises SystemFailure for what is no state, and InputError for the state of a version that this one does not know.
    """
    try:
        written = json.loads(data)
        number = written.pop(_NUMBER, 1)
    except (ValueError, AttributeError, TypeError):
        raise _damaged(name) from None
    if number not in range(1, FORMAT + 1):
        raise InputError(
            f"{name}: expected a state of format {FORMAT} or a former one, got format {number}",
            "it was written by a later version: install that one again, or begin another [release] directory with "
            "the next privacy day, under the same register and signing key",
        )
    try:
        for former in range(number, FORMAT):
            written = STEPS[former](written)
        return _ADAPTER.validate_python(written)
    except (ValidationError, KeyError, AttributeError, TypeError, ValueError):
        raise _damaged(name) from None


def _damaged(name: str) -> SystemFailure:
    return SystemFailure(
        f"{name}: expected the state of a run, got something else",
        "restore the file, or remove the working directory and publish under a new privacy day",
    )


def finer_buckets(state: Written) -> Written:
    """Format 1 to 2: buckets are of a minute.

    Where in it the events are is not known: all count in the first, and the spool has a row in each, so that it is read
    until the last is done.
    """
    return {**state, "days": {day: _finer_day(known) for day, known in state["days"].items()}}


def _finer_day(day: Written) -> Written:
    return {**day, "bucket": day["bucket"] * _FINER, "spools": list(map(_finer_spool, day["spools"]))}


def _finer_spool(spool: Written) -> Written:
    buckets = [each * _FINER + part for each in spool["buckets"] for part in range(_FINER)]
    rows = [rows if part == 0 else 0 for rows in spool["rows"] for part in range(_FINER)]
    return {**spool, "buckets": buckets, "rows": rows, "first": spool["first"] * _FINER}


STEPS: Final[Mapping[int, Callable[[Written], Written]]] = {1: finer_buckets}
"""For each former format the step to the next one."""
