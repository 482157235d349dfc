"""Every table that the product reads or keeps: its grain, its columns and who may see it."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import pyarrow as pa

from schemas import fields as f
from schemas.errors import InputError
from schemas.fields import Field


class Sensitivity(Enum):
    """Where a table may stand."""

    PUBLIC = "public"
    """Anywhere, once its own rules are met."""

    COUNTED = "counted"
    """In the working directory only: exact counts that may be small, or facts that we may not publish."""

    PERSONAL = "personal"
    """In the working directory only, while the privacy day needs it: rows about single people."""


@dataclass(frozen=True)
class Table:
    """A table: what one row is, its columns in order and its sensitivity (personal unless stated)."""

    name: str
    grain: str
    fields: tuple[Field, ...]
    sensitivity: Sensitivity = Sensitivity.PERSONAL

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with the meaning and the unit of each column as metadata."""
        metadata = {"table": self.name, "grain": self.grain, "sensitivity": self.sensitivity.value}
        return pa.schema([field.arrow for field in self.fields], metadata=metadata)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(field.name for field in self.fields)

    def empty(self) -> pa.Table:
        """The table without rows."""
        return self._empty

    @cached_property
    def _empty(self) -> pa.Table:
        return self.schema.empty_table()

    def conform(self, table: pa.Table) -> pa.Table:
        """Select, order and cast the columns of this table.

        A nullable column that is absent becomes null; columns of no concern are dropped. Raises InputError
        when a column is missing, appears twice, holds nulls that it may not hold or cannot be cast without
        loss.
        """
        columns = [self._column(table, field) for field in self.fields]
        return pa.Table.from_arrays(columns, schema=self.schema)

    def _column(self, table: pa.Table, field: Field) -> pa.ChunkedArray:
        found = table.schema.get_all_field_indices(field.name)
        if not found and field.nullable:
            return pa.chunked_array([pa.nulls(table.num_rows, field.type)])
        if len(found) != 1:
            # Never the names that were found: a file without header has a person's row for header.
            raise self._error(field, "one column", f"{len(found)} of that name")
        column = table.column(found[0])
        if column.null_count and not field.nullable:
            raise self._error(field, "no nulls", f"{column.null_count} in {len(column)} rows")
        try:
            return column.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            # Arrow quotes the value that it could not cast, and that value may identify a person.
            raise self._error(field, str(field.type), f"{column.type} with values that do not fit") from None

    def _error(self, field: Field, expected: str, got: str) -> InputError:
        hint = f"give {field.name} as {field.type} ({field.meaning.rstrip('.')})"
        if self.name in INPUTS:
            hint += f'; another name goes into [input.columns.{self.name}]: {field.name} = "their_name"'
        return InputError(f"table {self.name}, column {field.name}: expected {expected}, got {got}", hint)


EVENT = Table(
    "events",
    "One signal of a device to the network.",
    (f.EVENT_TIME, f.SUBSCRIBER_ID, f.CELL_ID, f.EVENT_TYPE, f.HOME_MCC),
)
SUBSCRIBER = Table(
    "subscribers",
    "One line of the operator's register.",
    (
        f.SUBSCRIBER_ID,
        f.AGE_BAND.optional(),
        f.BIRTH_YEAR,
        f.SPC.optional(),
        f.HOME_ZONE,
        f.LINE_TYPE,
        f.HOLDER,
        f.OPTED_OUT,
    ),
)
CELL = Table(
    "cells",
    "One radio cell over one period on air.",
    (
        f.CELL_ID,
        f.LATITUDE,
        f.LONGITUDE,
        f.AZIMUTH,
        f.BEAMWIDTH,
        f.RANGE,
        f.TECHNOLOGY,
        f.VALID_FROM,
        f.VALID_TO,
    ),
    # Nothing personal, but an operator's network plan is not for us to publish.
    Sensitivity.COUNTED,
)
ZONE = Table(
    "zones",
    "One zone; its polygon is the geometry of the GeoJSON or GeoParquet feature.",
    (f.ZONE_ID, f.ZONE_NAME, f.ZONE_KIND, f.PARENT, f.SENSITIVE),
    Sensitivity.PUBLIC,
)
POPULATION = Table(
    "population",
    "Inhabitants of one zone, by age band and, where given, socio-professional class.",
    (f.ZONE_ID, f.AGE_BAND, f.SPC.optional(), f.CENSUS_PEOPLE),
    Sensitivity.PUBLIC,
)
ROAMING_SHARE = Table(
    "roaming_share",
    "Visitors from one country.",
    (f.COUNTRY, f.SHARE, f.SHARE_SD),
    Sensitivity.PUBLIC,
)

_PERSON = (f.HOME_MCC_CODE, f.AGE_BAND_CODE, f.SPC_CODE, f.HOME_ZONE_CODE)

PROBE = Table(
    "probe",
    "One accepted event of a device on a privacy day.",
    (f.DEVICE, f.EVENT_TIME, f.CELL, f.EVENT_TYPE_CODE, f.LINE, *_PERSON),
)
STAY = Table(
    "stay",
    "One run of a device's events in one radio cell on a privacy day.",
    (f.DEVICE, f.SEQUENCE, f.CELL, f.START, f.LAST, f.BEGIN, f.END, f.SIGNALS, *_PERSON),
)
OPEN_STAY = Table(
    "open_stay",
    "One stay that a later event may still lengthen, or that touches a slot which is not yet due.",
    (*STAY.fields, f.HEXAGON, f.OPEN, f.KNOWN_MCC),
)
PRESENCE_COUNT = Table(
    "presence_count",
    "One place (attribute and class, hexagon, slot) and what it adds to the count there.",
    (f.PLACE, f.EXACT_DEVICES, f.WEIGHT),
    Sensitivity.COUNTED,
)
VISIT = Table(
    "visit",
    "One device in one zone on a privacy day.",
    (f.DEVICE, f.ZONE, f.DWELL, f.ARRIVAL, f.NIGHT, f.SIGNALS, *_PERSON),
)
TRIP = Table(
    "trip",
    "One device that goes from one zone to another in an hour of a privacy day.",
    (f.DEVICE, f.HOUR, f.FROM_ZONE, f.TO_ZONE, *_PERSON),
)
CROSSING = Table(
    "crossing",
    "One device that crosses a zone in an hour of a privacy day, without a visit.",
    (f.DEVICE, f.HOUR, f.ZONE, *_PERSON),
)
HEARD = Table(
    "heard",
    "One radio cell in five minutes of a privacy day, and how many events came from it.",
    (f.CELL, f.BIN, f.EVENTS),
    Sensitivity.COUNTED,
)
CELL_HOUR = Table(
    "cell_hour",
    "One radio cell in one hour of a privacy day, and how many devices are known there.",
    (f.CELL, f.HOUR, f.EXACT_DEVICES),
    Sensitivity.COUNTED,
)
CELL_HISTORY = Table(
    "cell_history",
    "One radio cell in one hour of a closed privacy day, where at least k devices were known.",
    (f.CELL_ID, f.HOUR, f.HOUR_DEVICES, f.EVENTS_OF_HOUR),
    Sensitivity.COUNTED,
)
CELL_FACT = Table(
    "cell_fact",
    "One radio cell in one hour of which its events tell whether it was on air.",
    (f.CELL_ID, f.HOUR_START, f.CELL_STATE),
    Sensitivity.COUNTED,
)
SERVING = Table(
    "serving",
    "One radio cell that serves one hexagon.",
    (f.H3_CELL, f.CELL_ID, f.SERVED_SHARE),
    Sensitivity.COUNTED,
)
FAULT_REPORT = Table(
    "fault_report",
    "One report of a fault of the network.",
    (f.REPORT_ID, f.REPORT_LATITUDE, f.REPORT_LONGITUDE, f.REQUESTED_AT),
    Sensitivity.COUNTED,
)
EVIDENCE = Table(
    "evidence",
    "One report of a fault, and what the network tells of it.",
    (f.REPORT_ID, f.VERDICT),
    Sensitivity.COUNTED,
)
DEAD_LETTER = Table(
    "dead_letter",
    "One rejected input row; it holds no value of that row.",
    (f.FILE, f.ROW, f.REASON),
    Sensitivity.COUNTED,
)

INPUTS = {table.name: table for table in (EVENT, SUBSCRIBER, CELL, ZONE, POPULATION, ROAMING_SHARE)}
INTERNAL = {
    table.name: table
    for table in (
        *(PROBE, STAY, OPEN_STAY, PRESENCE_COUNT, VISIT, TRIP, CROSSING),
        *(HEARD, CELL_HOUR, CELL_HISTORY, CELL_FACT, SERVING, FAULT_REPORT, EVIDENCE, DEAD_LETTER),
    )
}
