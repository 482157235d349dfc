"""Odd values: what JSON can hold where something else belongs, as values and as text that no value gives."""

import json
from typing import Final

from hypothesis import strategies as st

from anonymization.entries import Json

Path = tuple[str | int, ...]
"""The way to a value: names and places."""

TEXTS: Final = (
    "", " ", "\x00", "a\x1b[31mb", "\u202e", "\n", "|", "A|", "..", "/", "../../x", "presence", "day", "key_destroyed",
    "2026-06-20", "2026-06-21", "9999-12-31", "0001-01-01", "2026-W25-6", "24:00", "05:00+02:00", "05:00:00.5", "UTC",
    "Europe", "Europe/Nowhere", "Africa/Monrovia", "9999-99-99T99:99:99Z", "2026-06-20T03:00:00", "{k}", "{}", "{0.x}",
    "%s", "<script>", "0" * 64, "f" * 64, "é", "٣", "x" * 100_000, "NaN", "1e999", "rest", "territory", "all",
)  # fmt: skip
NUMBERS: Final = (
    0, -1, 1, 2, 3, 5, 11, 19, 21, 60, 61, 1e-320, -0.0, 0.5, 1.0, 1e22, 1e308, -1e308, 2**31, 2**53 + 1, 2**63, 2**64,
    -(2**63) - 1, 10**18, 10**400,
)  # fmt: skip


def nested(depth: int, kind: str) -> Json:
    """A list in a list, or an object in an object, so many times."""
    value: Json = None
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
values = st.one_of(
    scalars,
    st.builds(nested, st.integers(1, 1100), st.sampled_from(["list", "object"])),
    st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(TEXTS[:12]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
)
"""Anything that can be written as canonical JSON, and so be signed."""

raw_texts = st.sampled_from(
    [
        b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000, b"01", b"1.", b'"\\ud800"', b'"\\udfff\\ud800"',
        b'"\xff"', b'"\xed\xa0\x80"', b'"\x00"', b'"', b"", b"{", b"[", b"[" * 100_000, b"[" * 2000 + b"]" * 2000,
        b'{"a":' * 100_000, b'{"a":1,"a":2}', b"\xef\xbb\xbf1", b"nul", b"/**/1", b"'a'", b"1,", b'"a"b', b'"\\u0061"',
        b"1E5", b"1e5", b"-0", b"-0.0", b"1.0", b" 1", b"true", b'{"b":1,"a":2}', b"{}", b"[]",
    ]
)  # fmt: skip
"""Text that stands for a value, or for none: most of it nothing that a writer of JSON gives."""


def paths(value: Json, way: Path = ()) -> list[Path]:
    """The way to every value inside a value, and to itself."""
    inner: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value[:50]))
    return [way, *(each for name, held in inner for each in paths(held, (*way, name)))]


def with_value(value: Json, way: Path, new: Json) -> Json:
    """The value with another one at the end of the way."""
    if not way:
        return new
    if isinstance(value, dict):
        return {**value, str(way[0]): with_value(value[str(way[0])], way[1:], new)}
    if isinstance(value, list) and isinstance(way[0], int):
        return [*value[: way[0]], with_value(value[way[0]], way[1:], new), *value[way[0] + 1 :]]
    raise TypeError(f"{way}: expected an object or a list, got {type(value).__name__}")


def without(value: Json, way: Path) -> Json:
    """The value without what is at the end of the way; nothing is left where that is all."""
    if not way:
        return None
    if len(way) == 1 and isinstance(value, dict):
        return {name: held for name, held in value.items() if name != way[0]}
    if len(way) == 1 and isinstance(value, list) and isinstance(way[0], int):
        return [*value[: way[0]], *value[way[0] + 1 :]]
    if isinstance(value, dict):
        return {**value, str(way[0]): without(value[str(way[0])], way[1:])}
    if isinstance(value, list) and isinstance(way[0], int):
        return [*value[: way[0]], without(value[way[0]], way[1:]), *value[way[0] + 1 :]]
    raise TypeError(f"{way}: expected an object or a list, got {type(value).__name__}")


def found_at(value: Json, way: Path) -> Json:
    """What is at the end of the way."""
    for name in way:
        if isinstance(value, dict):
            value = value[str(name)]
        elif isinstance(value, list) and isinstance(name, int):
            value = value[name]
    return value


@st.composite
def edited(draw: st.DrawFn, value: Json, new: st.SearchStrategy[Json] = values) -> tuple[Path, Json]:
    """One edit anywhere in a value: another value, one taken away, one added, or two exchanged; and where."""
    ways = paths(value)
    way = draw(st.sampled_from(ways))
    kind = draw(st.sampled_from(["replace", "replace", "remove", "add", "exchange", "repeat"]))
    held = found_at(value, way)
    if kind == "remove":
        return way, without(value, way)
    if kind == "add" and isinstance(held, dict):
        return way, with_value(value, way, {**held, draw(st.sampled_from(TEXTS[:12])): draw(new)})
    if kind in ("add", "repeat") and isinstance(held, list):
        more = held[:1] if kind == "repeat" and held else [draw(new)]
        return way, with_value(value, way, [*held, *more])
    if kind == "exchange":
        return way, with_value(value, way, found_at(value, draw(st.sampled_from(ways))))
    return way, with_value(value, way, draw(new))


def with_raw(value: Json, way: Path, raw: bytes, separators: tuple[str, str] = (",", ":")) -> bytes:
    """The value as text, with raw text at the end of the way."""
    marked = with_value(value, way, "raw text stands here")
    text = json.dumps(marked, sort_keys=True, separators=separators, ensure_ascii=False).encode()
    return text.replace(b'"raw text stands here"', raw) + b"\n"
