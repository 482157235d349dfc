"""The operator's register: what the statistics need to know about the lines, for all privacy days."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.prf import hash_strings
from pipelines import register_columns as columns
from pipelines.day_register import (
    KEPT,
    LEFT_OUT,
    OPTED_OUT,
    UNKNOWN_AGE,
    UNKNOWN_SPC,
    UNKNOWN_ZONE,
    DayRegister,
    day_register,
)
from pipelines.sources.files import read_table
from pipelines.texts import combined, places, texts
from schemas.fields import AGE_BAND, BIRTH_YEAR, HOLDER, HOME_ZONE, LINE_TYPE, SUBSCRIBER_ID, Field
from schemas.fields import OPTED_OUT as OPTED_OUT_FIELD
from schemas.fields import SPC as SPC_CLASS
from schemas.tables import SUBSCRIBER
from schemas.vocabulary import AGE_BANDS

HOLDERS, SIMS = "holders", "SIMs"

_HOLDER_PREFIX = "holder|"
# Where each age band after the first begins, in years.
_BAND_STARTS = (18, 25, 35, 45, 55, 65)
_GREATEST_AGE = 120
_GREATEST_LINE = np.iinfo(np.int16).max

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Register:
    """One row for each subscriber, in the order of the identifiers' bytes; attributes are those of the first line of
    the holder.

    `holder` is null without one, `birth_year` 0 where unknown, `home_zone` a place in `home_zones` or -1. `objections`:
    whether it says who opted out. `warnings` count what could not be used and name nobody.
    """

    subscriber_id: pa.Array
    holder: pa.Array
    line: I16
    age_band: I8
    birth_year: I16
    spc: I8
    home_zone: I32
    excluded: I8
    home_zones: tuple[str, ...]
    objections: bool
    warnings: tuple[str, ...]

    @property
    def unit(self) -> str:
        """What k counts: HOLDERS where the register gives any, else SIMS."""
        return HOLDERS if self.holder.null_count < len(self.holder) else SIMS

    def for_day(self, pseudonym_key: bytes, year: int) -> DayRegister:
        """The register under the pseudonyms of a privacy day in `year`, on which the age of a person depends."""
        pseudonym = hash_strings(pseudonym_key, self.subscriber_id)
        device = pseudonym.copy()
        held = self.holder.is_valid()
        # The prefix keeps a holder apart from a subscriber whose identifier is the same text.
        holders = pc.binary_join_element_wise(_HOLDER_PREFIX, self.holder.filter(held), "")
        device[held.to_numpy(zero_copy_only=False)] = hash_strings(pseudonym_key, holders)
        return day_register(
            pseudonym,
            device=device,
            line=self.line,
            age_band=self._age_bands(year),
            spc=self.spc,
            home_zone=self.home_zone,
            excluded=self.excluded,
        )

    def only(self, subscribers: pa.ChunkedArray) -> "Register":
        """The same with the rows of some subscribers alone, each as it is among all."""
        wanted = combined(subscribers).unique().cast(self.subscriber_id.type)
        rows = pc.is_in(self.subscriber_id, value_set=wanted)
        mask = rows.to_numpy(zero_copy_only=False)
        names = ("line", "age_band", "birth_year", "spc", "home_zone", "excluded")
        kept = {name: getattr(self, name)[mask] for name in names}
        return replace(self, subscriber_id=self.subscriber_id.filter(rows), holder=self.holder.filter(rows), **kept)

    def counts(self, year: int) -> I64:
        """int64[homes + 1, ages]: devices in `year` by home zone code, the last row unknown, and age band code.

        A holder with at least one line that is kept is one device; lines opted out or left out are none.
        """
        kept = np.flatnonzero(self.excluded == KEPT)
        line, _ = _lines_of_holders(self.holder.take(pa.array(kept)))
        device = kept[line == 0]
        shape = (len(self.home_zones) + 1, len(AGE_BANDS))
        # The remainder sends the unknown home to the last row.
        place = self.home_zone[device].astype(np.int64) % shape[0] * shape[1] + self._age_bands(year)[device]
        return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)

    def _age_bands(self, year: int) -> I8:
        return np.where(self.age_band == UNKNOWN_AGE, age_bands(self.birth_year, year), self.age_band)


def read_register(path: Path, mapping: Mapping[str, str]) -> Register:
    """The register in a file, a folder or a glob; raises InputError as `read_table` does."""
    return register(read_table(path, SUBSCRIBER.name, mapping))


def register(table: pa.Table) -> Register:
    """The register of a subscribers table.

    Of rows with the same subscriber_id the first counts, but the line is opted out or left out if any of them says so.
    A value that cannot be used is unknown; an opted_out that is neither true nor false counts as true.
    """
    notes: list[str] = []
    rows = _identified(table, notes)
    starts = np.flatnonzero(_starts_of_lines(rows.column(SUBSCRIBER_ID.name)))
    _note(notes, rows, rows.num_rows - len(starts), "repeat a subscriber_id: the first one counts")
    excluded = _excluded(rows, starts, notes)
    lines = rows.take(pa.array(starts))
    holder = texts(_column(lines, HOLDER))
    if holder.null_count < len(holder):
        _note(notes, lines, holder.null_count, "without holder: each counts as its own")
    line, first = _lines_of_holders(holder)
    home_zone, home_zones = columns.zones(_column(lines, HOME_ZONE), UNKNOWN_ZONE)
    return Register(
        objections=OPTED_OUT_FIELD.name in table.column_names,
        subscriber_id=combined(lines.column(SUBSCRIBER_ID.name)),
        holder=holder,
        line=line,
        age_band=_coded(lines, AGE_BAND, UNKNOWN_AGE, notes)[first],
        birth_year=_birth_years(lines, notes)[first],
        spc=_coded(lines, SPC_CLASS, UNKNOWN_SPC, notes)[first],
        home_zone=home_zone[first],
        excluded=excluded,
        home_zones=home_zones,
        warnings=tuple(notes),
    )


def age_bands(birth_year: I16, year: int) -> I8:
    """The age band of each year of birth in `year`: the age that is reached in it."""
    age = year - birth_year.astype(np.int64)
    known = (birth_year > 0) & (age >= 0) & (age <= _GREATEST_AGE)
    return np.where(known, np.searchsorted(_BAND_STARTS, age, "right"), UNKNOWN_AGE).astype(np.int8)


def _identified(table: pa.Table, notes: list[str]) -> pa.Table:
    """The rows with an identifier, in the order of its bytes and then of the input."""
    identifiers = texts(table.column(SUBSCRIBER_ID.name))
    _note(notes, table, identifiers.null_count, "without subscriber_id: left out")
    place = table.column_names.index(SUBSCRIBER_ID.name)
    rows = table.set_column(place, SUBSCRIBER_ID.name, identifiers).filter(identifiers.is_valid())
    # Arrow sorts stably and by bytes.
    return rows.take(pc.sort_indices(rows.column(SUBSCRIBER_ID.name)))


def _starts_of_lines(identifiers: pa.ChunkedArray) -> Bools:
    fresh = np.ones(len(identifiers), np.bool_)
    fresh[1:] = pc.not_equal(identifiers[1:], identifiers[:-1]).to_numpy()
    return fresh


def _excluded(rows: pa.Table, starts: I64, notes: list[str]) -> I8:
    """KEPT, OPTED_OUT or LEFT_OUT for each run of rows: what any of them says."""
    opted_out, unclear = columns.truths(_column(rows, OPTED_OUT_FIELD))
    _note(notes, rows, unclear, "with opted_out neither true nor false: opted out")
    left_out = columns.excluded_line_types(_column(rows, LINE_TYPE))
    if not len(starts):
        return np.empty(0, np.int8)
    said = [np.logical_or.reduceat(flags, starts) for flags in (opted_out, left_out)]
    return np.select(said, (OPTED_OUT, LEFT_OUT), KEPT).astype(np.int8)


def _coded(lines: pa.Table, wanted: Field, unknown: int, notes: list[str]) -> I8:
    codes, outside = columns.codes(_column(lines, wanted), wanted.values, unknown)
    _note(notes, lines, outside, f"with {wanted.name} outside its closed list: unknown")
    return codes


def _birth_years(lines: pa.Table, notes: list[str]) -> I16:
    years, outside = columns.birth_years(_column(lines, BIRTH_YEAR))
    _note(notes, lines, outside, "with birth_year that is no year of birth: unknown")
    return years


def _lines_of_holders(holder: pa.Array) -> tuple[I16, I64]:
    """The ordinal of each line within its holder, and the row of the holder's first line."""
    encoded = holder.dictionary_encode()
    code = places(encoded)
    rows = np.arange(len(code))
    order = np.argsort(code, kind="stable")
    begins = np.searchsorted(code[order], code[order])
    ordinal, first = np.empty_like(rows), np.empty_like(rows)
    ordinal[order], first[order] = rows - begins, order[begins]
    alone = code == len(encoded.dictionary)
    line = np.where(alone, 0, np.minimum(ordinal, _GREATEST_LINE)).astype(np.int16)
    return line, np.where(alone, rows, first)


def _column(table: pa.Table, wanted: Field) -> pa.ChunkedArray:
    if wanted.name in table.column_names:
        return table.column(wanted.name)
    return pa.chunked_array([pa.nulls(table.num_rows, pa.string())])


def _note(notes: list[str], table: pa.Table, count: int, what: str) -> None:
    if count:
        notes.append(f"table subscribers: {count} of {table.num_rows} rows {what}")
