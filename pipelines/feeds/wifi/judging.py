"""What is wrong in rows of heartbeats: whole columns in, beats and the first fault of each other row out.

No value of a row is quoted: small counts of clients would be among them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.feeds.rows import Level
from pipelines.feeds.wifi.spans import SECOND
from schemas.feeds import Text

MOST_CLIENTS: Final = 100_000
_INSTANT: Final = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<part>\d{1,6}))?"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})$"
)
_BAD: Final = -(2**60)
_EPOCH: Final = date(1970, 1, 1).toordinal()

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """What may be wrong in a row: in which column, how bad it is, and what was expected."""

    field: str
    level: Level
    expected: Text


SHAPE: Final = Fault(
    "row", "error", Text("as many columns as in the first line", "autant de colonnes que dans la première ligne")
)
UNKNOWN: Final = Fault(
    "access_point_id",
    "error",
    Text("an access point of the source", "un point d’accès de la source"),
)
TIME: Final = Fault(
    "time",
    "error",
    Text(
        "an instant with its offset, such as 2026-06-20T18:00:00+02:00",
        "un instant avec son décalage, par exemple 2026-06-20T18:00:00+02:00",
    ),
)
FUTURE: Final = Fault(
    "time",
    "error",
    Text("a beat no later than the instant of the build", "un battement antérieur à l’instant de la publication"),
)
CLIENTS: Final = Fault(
    "clients",
    "error",
    Text(f"a whole number from 0 to {MOST_CLIENTS:,}", f"un nombre entier de 0 à {MOST_CLIENTS}"),
)
OTHERWISE: Final = Fault(
    "clients",
    "error",
    Text("the same count as in the first row of this beat", "le même nombre qu’à la première ligne de ce battement"),
)
TWICE: Final = Fault(
    "time",
    "warning",
    Text("each beat once; a repeated one counts once", "chaque battement une fois\u202f; un doublon compte une fois"),
)

Faults = Sequence[tuple[Fault, npt.NDArray[np.int64]]]
"""Faults with the lines of the rows that have them; a row has one, the first that applies."""


def judged(texts: pa.Table, known: Sequence[str], at: int) -> tuple[pa.Table, Faults]:
    """The beats of known access points up to `at` (microseconds), each once, and what is wrong in the other rows."""
    lines = texts["line"].to_numpy()
    when, sound = instants(texts["time"].combine_chunks())
    clients, counted = _counts(texts["clients"].combine_chunks())
    stranger = ~pc.is_in(texts["access_point_id"], pa.array(known, pa.string())).to_numpy()
    faults: list[tuple[Fault, npt.NDArray[np.int64]]] = []
    good = np.ones(texts.num_rows, np.bool_)
    for fault, wrong in ((UNKNOWN, stranger), (TIME, ~sound), (FUTURE, when > at), (CLIENTS, ~counted)):
        faults.append((fault, lines[good & wrong]))
        good &= ~wrong
    kept = np.flatnonzero(good)
    beats = pa.table(
        {
            "access_point_id": texts["access_point_id"].combine_chunks().take(pa.array(kept)),
            "time": pa.array(when[kept], pa.int64()).cast(pa.timestamp("us", "UTC")),
            "clients": clients.take(pa.array(kept)),
            "line": pa.array(lines[kept], pa.int64()),
        }
    )
    return _each_once(beats, faults)


def instants(texts: pa.Array) -> tuple[npt.NDArray[np.int64], Bools]:
    """Microseconds since 1970 in UTC, and whether a text is an instant with an offset; 0 where it is none."""
    parts = pc.extract_regex(texts, _INSTANT)
    found = _each(parts, "day", _day) + _each(parts, "clock", _clock) + _each(parts, "offset", _offset)
    found += _each(parts, "part", _fraction)
    sound = found > _BAD // 2
    return np.where(sound, found, 0), sound


def _each(parts: pa.Array, name: str, read: Callable[[str], int]) -> npt.NDArray[np.int64]:
    """What each text of a part says, worked out once for each text that occurs: few days, clocks and offsets do."""
    encoded = pc.struct_field(parts, name).fill_null("").dictionary_encode()
    values: npt.NDArray[np.int64] = np.array([_or_bad(read, text) for text in encoded.dictionary.to_pylist()], np.int64)
    places: npt.NDArray[np.int32] = encoded.indices.to_numpy(zero_copy_only=False)
    return values[places]


def _or_bad(read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError:
        return _BAD


def _day(text: str) -> int:
    return (date.fromisoformat(text).toordinal() - _EPOCH) * 86_400 * SECOND


def _clock(text: str) -> int:
    found = time.fromisoformat(text)
    return (found.hour * 3_600 + found.minute * 60 + found.second) * SECOND


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    found = time.fromisoformat(f"{text[1:3]}:{text[-2:]}")
    behind = (found.hour * 60 + found.minute) * 60 * SECOND
    return behind if text.startswith("-") else -behind


def _fraction(text: str) -> int:
    return int(text.ljust(6, "0"))


def _counts(texts: pa.Array) -> tuple[pa.Array, Bools]:
    """Counts, null where there is no text, and whether a text is none or such a count."""
    written = pc.match_substring_regex(texts, r"^\d{1,6}$")
    counts = pc.if_else(written, texts, pa.scalar(None, pa.string())).cast(pa.int64())
    within = pc.fill_null(pc.less_equal(counts, MOST_CLIENTS), False)
    sound = pc.or_(within, pc.equal(texts, "")).to_numpy(zero_copy_only=False)
    return counts, sound


def _each_once(beats: pa.Table, faults: list[tuple[Fault, npt.NDArray[np.int64]]]) -> tuple[pa.Table, Faults]:
    """The first row of each access point and time: what is added to the file later never changes it."""
    code = beats["access_point_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    when, lines = beats["time"].cast(pa.int64()).to_numpy(), beats["line"].to_numpy()
    clients = beats["clients"].fill_null(-1).to_numpy()
    order = np.lexsort((lines, when, code))
    fresh = np.append(True, (np.diff(code[order]) != 0) | (np.diff(when[order]) != 0))[: order.size]
    first = order[np.flatnonzero(fresh)][np.cumsum(fresh) - 1]
    again, other = order[~fresh], clients[order] != clients[first]
    otherwise = other[~fresh]
    faults = [*faults, (OTHERWISE, np.sort(lines[again[otherwise]])), (TWICE, np.sort(lines[again[~otherwise]]))]
    return beats.take(pa.array(np.sort(order[fresh]))), faults
