"""Input rows as events: times, identifiers and codes in one form, and a reason for each row that has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.instants import instants
from pipelines.texts import nulls, places, string_buffers, texts, words
from schemas.fields import CELL_ID, EVENT_TIME, EVENT_TYPE, HOME_MCC, INSTANT, SUBSCRIBER_ID
from schemas.vocabulary import EVENT_TYPES

MISSING_TIME = "missing event_time"
UNREADABLE_TIME = "unreadable event_time"
MISSING_SUBSCRIBER = "missing subscriber_id"
MISSING_CELL = "missing cell_id"
UNKNOWN_TYPE = "unknown event_type"

_EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_END = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
# The first digit of a geographic mobile country code is 2 to 7 (source: ITU-T E.212).
_THREE_DIGITS = r"^[2-7][0-9]{2}$"
_FIRST_MCC, _LAST_MCC = 200, 799
_IMSI_DIGITS = 15
_ZERO = 0x30

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Conformed:
    """Events in one form, the index of each in the input, and the indices of the rejected rows by reason.

    `events`: event_time timestamp[us, UTC], subscriber_id string, cell_id dictionary of string, event_type int8
    (0 for none, else 1 + its place in EVENT_TYPES), home_mcc int16 (0 for unknown); no nulls.
    """

    events: pa.Table
    row: I64
    rejected: Mapping[str, I64] = field(default_factory=dict)

    def select(self, mask: Bools) -> "Conformed":
        """The events where the mask is true; the rejected rows stay behind."""
        if mask.all():
            return Conformed(self.events, self.row)
        return Conformed(self.events.filter(pa.array(mask)), self.row[mask])


def conform(table: pa.Table) -> Conformed:
    """Bring a table of input columns into the form of events.

    A row is rejected for one reason, the first of the five above. Optional columns may be absent; a blank event type
    or home_mcc is none, and a home_mcc that cannot be one is unknown.
    """
    times = instants(table.column(EVENT_TIME.name))
    subscribers = texts(table.column(SUBSCRIBER_ID.name))
    cells = words(table.column(CELL_ID.name))
    types = _event_types(table)
    outside = (times.microseconds < _EARLIEST) | (times.microseconds >= _END)
    faults = {
        MISSING_TIME: times.missing,
        UNREADABLE_TIME: times.unreadable | outside,
        MISSING_SUBSCRIBER: nulls(subscribers),
        MISSING_CELL: nulls(cells),
        UNKNOWN_TYPE: types < 0,
    }
    columns = {
        EVENT_TIME.name: pa.array(times.microseconds).view(INSTANT),
        SUBSCRIBER_ID.name: subscribers,
        CELL_ID.name: cells,
        EVENT_TYPE.name: pa.array(types),
        HOME_MCC.name: pa.array(_home_mcc(table, subscribers)),
    }
    rows = np.arange(table.num_rows)
    rejected, good = first_faults(faults, rows)
    kept = Conformed(pa.table(columns), rows).select(good)
    return Conformed(kept.events, kept.row, rejected)


def first_faults(faults: Mapping[str, Bools], rows: I64) -> tuple[dict[str, I64], Bools]:
    """The rows of each reason that occurs, each row under the first of its reasons; and where a row has none."""
    good = np.ones(len(rows), np.bool_)
    rejected: dict[str, I64] = {}
    for reason, fault in faults.items():
        if fault.any():
            chosen = rows[fault & good]
            rejected |= {reason: chosen} if len(chosen) else {}
            good &= ~fault
    return rejected, good


def _event_types(table: pa.Table) -> I8:
    """The code of each event type: 0 for none, -1 for one outside the closed list."""
    if EVENT_TYPE.name not in table.column_names:
        return np.zeros(table.num_rows, np.int8)
    encoded = words(table.column(EVENT_TYPE.name))
    known = pc.index_in(pc.utf8_lower(encoded.dictionary), pa.array(EVENT_TYPES))
    codes = np.append(known.fill_null(-2).to_numpy(zero_copy_only=False) + 1, 0).astype(np.int8)
    return codes[places(encoded)]


def _home_mcc(table: pa.Table, subscribers: pa.Array) -> I16:
    """The mobile country code that the row states, else that of its identifier, else 0."""
    if HOME_MCC.name not in table.column_names:
        return _mcc_of_imsi(subscribers)
    encoded = words(table.column(HOME_MCC.name))
    valid = pc.match_substring_regex(encoded.dictionary, _THREE_DIGITS)
    codes = pc.if_else(valid, encoded.dictionary, "0").cast(pa.int16()).fill_null(0)
    stated = np.append(codes.to_numpy(zero_copy_only=False), 0).astype(np.int16)[places(encoded)]
    return stated if stated.all() else np.where(stated > 0, stated, _mcc_of_imsi(subscribers))


def _mcc_of_imsi(subscribers: pa.Array) -> I16:
    """The first three digits of identifiers of 15 digits where they can be a country code, else 0."""
    offsets, data = string_buffers(subscribers)
    long = np.diff(offsets) == _IMSI_DIGITS
    starts = offsets[:-1] if long.all() else np.where(long, offsets[:-1], 0)
    if not long.any():
        return np.zeros(len(long), np.int16)
    digits = [data[starts + place].astype(np.int16) - _ZERO for place in range(3)]
    mcc = 100 * digits[0] + 10 * digits[1] + digits[2]
    numeric = pc.ascii_is_decimal(subscribers).fill_null(False).to_numpy(zero_copy_only=False)
    return np.where(long & numeric & (mcc >= _FIRST_MCC) & (mcc <= _LAST_MCC), mcc, 0).astype(np.int16)
