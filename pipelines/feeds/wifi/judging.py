"""What is wrong in rows of heartbeats: whole columns in, beats and the first fault of each other row out.

No value of a row is quoted: small counts of clients would be among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.feeds.rows import Level
from schemas.feeds import Text

MOST_CLIENTS: Final = 100_000
_INSTANT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
_PARTS: Final = (
    r"^(?P<day>.{10}).(?P<minute>\d{2}:\d{2}):?(?P<second>\d{2})?(?P<part>\.\d+)?"
    r"(?P<sign>[Z+-])(?P<hours>\d{2})?:?(?P<minutes>\d{2})?$"
)
_FORM: Final = "%Y-%m-%d %H:%M"
_NOT_A_TIME: Final = 0

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
    time, sound = instants(texts["time"].combine_chunks())
    clients, counted = _counts(texts["clients"].combine_chunks())
    stranger = ~pc.is_in(texts["access_point_id"], pa.array(known, pa.string())).to_numpy()
    faults: list[tuple[Fault, npt.NDArray[np.int64]]] = []
    good = np.ones(texts.num_rows, np.bool_)
    for fault, wrong in ((UNKNOWN, stranger), (TIME, ~sound), (FUTURE, time > at), (CLIENTS, ~counted)):
        faults.append((fault, lines[good & wrong]))
        good &= ~wrong
    kept = np.flatnonzero(good)
    beats = pa.table(
        {
            "access_point_id": texts["access_point_id"].combine_chunks().take(pa.array(kept)),
            "time": pa.array(time[kept], pa.int64()).cast(pa.timestamp("us", "UTC")),
            "clients": clients.take(pa.array(kept)),
            "line": pa.array(lines[kept], pa.int64()),
        }
    )
    return _each_once(beats, faults)


def instants(texts: pa.Array) -> tuple[npt.NDArray[np.int64], Bools]:
    """Microseconds since 1970 in UTC, and whether a text is an instant with an offset; 0 where it is none."""
    written = pc.match_substring_regex(texts, _INSTANT)
    parts = pc.extract_regex(pc.if_else(written, texts, "1970-01-01T00:00Z"), _PARTS)
    day, minute, second, part, sign, hours, minutes = (
        pc.struct_field(parts, name) for name in ("day", "minute", "second", "part", "sign", "hours", "minutes")
    )
    clock = pc.binary_join_element_wise(day, minute, " ")
    read = pc.strptime(clock, format=_FORM, unit="us", error_is_null=True)
    # A 30 February is read as a day in March: only what is written as it was read is a date.
    real = pc.fill_null(pc.equal(pc.strftime(read, format=_FORM), clock), False)
    fraction = pc.utf8_rpad(pc.utf8_slice_codeunits(part, 1), 6, "0")
    direction = np.where(pc.equal(sign, "-").to_numpy(zero_copy_only=False), -1, 1)
    shift = direction * (_whole(hours) * 60 + _whole(minutes))
    micros = read.cast(pa.int64()).fill_null(_NOT_A_TIME).to_numpy(zero_copy_only=False)
    found = micros + _whole(second) * 1_000_000 + _whole(fraction) - shift * 60_000_000
    sound = (
        written.to_numpy(zero_copy_only=False)
        & real.to_numpy(zero_copy_only=False)
        & (_whole(second) < 60)
        & (_whole(hours) < 24)
        & (_whole(minutes) < 60)
    )
    return np.where(sound, found, _NOT_A_TIME), sound


def _whole(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Digits as numbers; nothing is 0."""
    digits = pc.if_else(pc.match_substring_regex(texts, r"^\d+$"), texts, "0")
    return np.asarray(digits.fill_null("0").cast(pa.int64()).to_numpy(zero_copy_only=False))


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
    time, lines = beats["time"].cast(pa.int64()).to_numpy(), beats["line"].to_numpy()
    clients = beats["clients"].fill_null(-1).to_numpy()
    order = np.lexsort((lines, time, code))
    fresh = np.append(True, (np.diff(code[order]) != 0) | (np.diff(time[order]) != 0))[: order.size]
    first = order[np.flatnonzero(fresh)][np.cumsum(fresh) - 1]
    again, other = order[~fresh], clients[order] != clients[first]
    otherwise = other[~fresh]
    faults = [*faults, (OTHERWISE, np.sort(lines[again[otherwise]])), (TWICE, np.sort(lines[again[~otherwise]]))]
    return beats.take(pa.array(np.sort(order[fresh]))), faults
