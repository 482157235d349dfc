"""A table of the configuration whose keys a dataclass declares: read strictly, and explained where it is wrong."""

import json
import os
from collections.abc import Mapping
from dataclasses import Field, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipelines.configuration_errors import EXPECTED, UNKNOWN, refusal, shown, unknown
from schemas.dates import EARLIEST, LATEST
from schemas.errors import UsageError
from schemas.toml import literal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Kind = TypeVar("_Kind", bound="DataclassInstance")


def read(table: Mapping[str, object], location: tuple[str, ...], kind: type[_Kind], folder: Path) -> _Kind:
    """The table as `kind`, whose fields carry `schemas.configuration.means`; relative paths follow `folder`.

    `location` is the way to the table, such as `("feeds", "town")`. Raises UsageError, which names the key, what was
    expected, what was found and what to write instead.
    """
    try:
        # From JSON, because only there does a strict validation take a text for a path or a date.
        text = json.dumps(table, default=lambda value: value.isoformat())
        found = TypeAdapter(kind).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        raise _explained(error, table, location, kind) from None
    for key, day in ((item.name, getattr(found, item.name)) for item in fields(found)):
        if isinstance(day, date) and not EARLIEST <= day.year <= LATEST:
            expected, hint = f"a date from {EARLIEST} to {LATEST}", f"write {key} = 2027-12-31, or leave it out"
            raise refusal((*location, key), expected, day.isoformat(), hint)
    paths: dict[str, Any] = {item.name: getattr(found, item.name) for item in fields(found)}
    paths = {key: Path(os.path.abspath(folder / path)) for key, path in paths.items() if isinstance(path, Path)}
    return replace(found, **paths)


def _explained(
    error: ValidationError, table: Mapping[str, object], location: tuple[str, ...], kind: type[_Kind]
) -> UsageError:
    """The first thing that is wrong, an unknown key before the rest."""
    problems = error.errors(include_url=False, include_context=False)
    problem = min(problems, key=lambda item: item["type"] != UNKNOWN)
    key = str(problem["loc"][0]) if problem["loc"] else ""
    keys = {item.name: item for item in fields(kind)}
    if problem["type"] == UNKNOWN:
        return unknown((*location, key), keys)
    hint = f"write below [{'.'.join(location)}], for example: {key} = {_example(keys[key])}"
    if problem["type"] == "missing":
        return refusal((*location, key), "a value", "none", hint)
    expected = (
        "a date"
        if problem["type"].startswith("date")
        else EXPECTED.get(problem["type"], problem["msg"].removeprefix("Input should be "))
    )
    secret = bool(keys[key].metadata.get("secret"))
    return refusal((*location, key), expected, shown(table.get(key), secret=secret), hint)


def _example(key: Field[object]) -> str:
    return literal(key.default if key.metadata["example"] is None else key.metadata["example"])
