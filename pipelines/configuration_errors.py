"""What is wrong with a configuration, in words: the key, what was expected, what was found, what to write."""

from collections.abc import Iterable
from dataclasses import MISSING, fields
from datetime import timedelta
from difflib import get_close_matches

from pydantic import ValidationError

from schemas.configuration import DECLARED_ELSEWHERE, SECTIONS, DifferentialPrivacy
from schemas.errors import UsageError
from schemas.toml import literal

Location = tuple[str | int, ...]
"""The way to a value: `("policy", "k")`, `("event", 0, "start")`, `("input", "columns", "events", "cell_id")`.

The first step is the header of a table of SECTIONS: `("policy.dp", "epsilon")`.
"""

UNKNOWN = "unexpected_keyword_argument"
EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a table",
    "dataclass_type": "a table",
    "tuple_type": "a list",
}
_KINDS = {
    bool: "a truth value",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    tuple: "a list",
    timedelta: "a text",
    dict: "a table",
}


def refusal(location: Location, expected: str, found: str, hint: str) -> UsageError:
    """The error about one key."""
    return UsageError(f"{_name(location)}: expected {expected}, found {found}", hint)


def unknown(location: Location, known: Iterable[str], what: str = "key") -> UsageError:
    """The error about a name that is none of the known ones."""
    name, names = str(location[-1]), list(known)
    return refusal(location, f"one of {', '.join(names)}", f"an unknown {what}", _instead(location, name, names))


def write(location: Location) -> str:
    """The hint that shows a key as it should be written."""
    location = _from_header(location)
    section = str(location[0])
    if section == "event" and len(location) == 1:
        return "write [[event]], in two pairs of brackets, above the keys of each event"
    if location == ("input", "kafka"):
        return "write [input.kafka] on a line of its own, and brokers, topic and format below it"
    if "client" in location:
        return 'write below [input.kafka.client], for example: "security.protocol" = "ssl"'
    if location[:2] == ("input", "columns"):
        return 'write below [input.columns.events], for example: cell_id = "their_name"'
    keys = [item for item in fields(SECTIONS[section]) if item.name in location[1:]] if section in SECTIONS else []
    if not keys:
        return f"write [{section}] on a line of its own, and its keys below it"
    value = keys[0].metadata["example"] if keys[0].default in (MISSING, None) else keys[0].default
    return f"write below {_header(section)}, for example: {keys[0].name} = {literal(value)}"


def shown(value: object, *, secret: bool = False) -> str:
    """A value as it was found; of a secret only the kind."""
    kind = _KINDS.get(type(value), "a date or time")
    if secret or isinstance(value, dict) or (isinstance(value, list | tuple) and len(literal(value)) > 60):
        return f"{kind} of {len(value)} characters" if isinstance(value, str) else kind
    text = literal(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({kind})"


def explain(error: ValidationError, document: dict[str, object]) -> UsageError:
    """The first thing that is wrong; an unknown key first, as a missing one is often its right spelling."""
    problems = error.errors(include_url=False, include_context=False)
    # Where a table [policy.dp] is wrong, it is reported as no `false` too.
    problem = min(problems, key=lambda item: (item["type"] == "literal_error", item["type"] != UNKNOWN))
    location = _from_header(tuple(problem["loc"]))
    if problem["type"] == UNKNOWN:
        return unknown(location, (item.name for item in fields(SECTIONS[str(location[0])])))
    if problem["type"] == "missing":
        return refusal(location, "a value", "none", write(location))
    expected = EXPECTED.get(problem["type"], problem["msg"])
    secret = "day_key" in location or "client" in location
    return refusal(location, expected, shown(_at(document, location), secret=secret), write(location))


def _from_header(location: Location) -> Location:
    """The location below `[policy.dp]`, reported as one of what `[policy] dp` may be, or below another such table."""
    if location[:2] in (("input", "kafka"), ("engine", "flink")) and len(location) > 2:
        return (".".join(map(str, location[:2])), *location[2:])
    within = ("policy", "dp", DifferentialPrivacy.__name__)
    return ("policy.dp", *location[3:]) if location[:3] == within else location


def _instead(location: Location, name: str, names: list[str]) -> str:
    homes = [section for section, kind in SECTIONS.items() if name in (item.name for item in fields(kind))]
    close = get_close_matches(name.lower(), names, n=1)
    if close:
        return f"did you mean {close[0]}?"
    if homes and len(location) < 4:
        return f"{name} belongs below {_header(homes[0])}"
    return f"remove {name}, or write one of the names above"


def _header(section: str) -> str:
    return f"[[{section}]]" if section == "event" else f"[{section}]"


def _name(location: Location) -> str:
    location = _from_header(location)
    first, *rest = location
    if first == "event" and rest:
        header, keys = f"[[event]] number {int(rest[0]) + 1}", rest[1:]
    elif location[:2] == ("input", "columns") and len(location) > 2:
        header, keys = f"[input.columns.{location[2]}]", list(location[3:])
    else:
        header, keys = _header(str(first)) if rest or first in (*SECTIONS, *DECLARED_ELSEWHERE) else str(first), rest
    return " ".join((header, *(f"item {key + 1}" if isinstance(key, int) else key for key in keys)))


def _at(document: object, location: Location) -> object:
    for step in _steps(location):
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
    return document


def _steps(location: Location) -> Location:
    """The location with one step for each table."""
    return (*str(location[0]).split("."), *location[1:])
