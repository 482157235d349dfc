"""A question asked in words of a command line: its name and the texts of its parameters, made values or refused."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Final

import h3

from dashboards.queries import QUERIES, Query, Value
from dashboards.queries.query import Kind, Parameter
from schemas.errors import UsageError


def question(name: str) -> Query:
    """The question of a name; raises UsageError for any other, with what comes nearest."""
    if name not in QUERIES:
        near = _near(name, QUERIES)
        hint = f"did you mean {near}? " if near else ""
        raise UsageError(
            f"{name}: expected the name of a question, found none", f"{hint}there are {', '.join(sorted(QUERIES))}"
        )
    return QUERIES[name]


def values(query: Query, given: Mapping[str, str]) -> dict[str, Value]:
    """The parameters of a question as its SQL takes them; raises UsageError for one unknown, missing or of no sense."""
    declared = {parameter.name: parameter for parameter in query.parameters}
    for name in given:
        if name not in declared:
            near = _near(name, declared)
            asked = f"it is asked with {', '.join(declared)}" if declared else "it is asked without any"
            raise UsageError(
                f"{query.name}: {name} is none of its parameters", f"did you mean {near}? {asked}" if near else asked
            )
    missing = [each for name, each in declared.items() if name not in given and each.default is None]
    if missing:
        wanted = ", ".join(f"{each.name} ({each.means.en})" for each in missing)
        raise UsageError(f"{query.name}: expected {wanted}, found none", " ".join(_option(each) for each in missing))
    return {name: _value(declared[name], text) for name, text in given.items()}


def see_that_it_is_there(query: Query, asked: Mapping[str, Value], known: Mapping[Kind, list[str]]) -> None:
    """Raise UsageError for a value of a kind of which the release has other values, `known`, and not this one."""
    for parameter in query.parameters:
        value = str(asked.get(parameter.name, ""))
        if value and parameter.kind in known and value not in known[parameter.kind]:
            raise UsageError(
                f"{parameter.name}: expected a {parameter.kind} of the release, found {value!r}",
                _there(value, known[parameter.kind]),
            )


def _there(value: str, known: list[str]) -> str:
    near = _near(value, known)
    some = ", ".join(known) if len(known) <= 20 else f"{len(known)}, from {min(known)} to {max(known)}"
    return f"did you mean {near}? there are {some}" if near else f"there are {some}"


def _near(name: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, list(known), 1)), "")


def _option(parameter: Parameter) -> str:
    """How a parameter is written in the command."""
    example = EXAMPLES[parameter.kind]
    if parameter.name in ("zone", "day"):
        return f"--{parameter.name} {example}"
    return f"--param {parameter.name}={example}"


EXAMPLES: Final[dict[Kind, str]] = {
    "day": "2026-06-20",
    "zone": "ZONE",
    "zone kind": "commune",
    "instant": "2026-06-20T19:00:00Z",
    "hour": "7",
    "hexagon": "891f9acb573ffff",
    "degrees": "5.04",
}


def _value(parameter: Parameter, text: str) -> Value:
    expected, read = _READ[parameter.kind]
    try:
        return read(text)
    except ValueError:
        raise UsageError(
            f"{parameter.name}: expected {expected}, found {text!r}", f"write {_option(parameter)}"
        ) from None


def _day(text: str) -> str:
    found = date.fromisoformat(text).isoformat()
    if found != text:
        raise ValueError(text)
    return found


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC).isoformat()


def _hour(text: str) -> int:
    hour = int(text)
    if not 0 <= hour <= 24:
        raise ValueError(text)
    return hour


def _hexagon(text: str) -> str:
    if not h3.is_valid_cell(text):
        raise ValueError(text)
    return text


def _degrees(text: str) -> float:
    degrees = float(text)
    if not abs(degrees) <= 180:
        raise ValueError(text)
    return degrees


_READ: Final[dict[Kind, tuple[str, Callable[[str], Value]]]] = {
    "day": ("a day as YYYY-MM-DD", _day),
    "zone": ("a zone", str),
    "zone kind": ("a kind of zone", str),
    "instant": ("an instant with its offset from UTC", _instant),
    "hour": ("an hour from 0 to 24", _hour),
    "hexagon": ("an H3 index in hexadecimal", _hexagon),
    "degrees": ("degrees", _degrees),
}
"""By kind, what is expected, and what makes a value of it or raises ValueError."""
